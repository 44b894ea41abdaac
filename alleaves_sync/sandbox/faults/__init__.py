"""Faults that the sandbox can produce."""
