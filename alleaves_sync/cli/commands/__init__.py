"""One file per command. `cli/app.py` loads a command by its name when it is typed."""
