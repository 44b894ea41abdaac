"""Bad input, made by machine."""
