"""The HTTP side of the sandbox: both services and its own admin API."""
