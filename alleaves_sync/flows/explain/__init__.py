"""Why the menu shows what it shows."""
