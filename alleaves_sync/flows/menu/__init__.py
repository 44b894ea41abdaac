"""From POS rows to the menu: `sync_location.py` is the story."""
