"""What happened in a store over a day or more."""
