"""How results look: tables, the explanation of an item, the HTML page."""
