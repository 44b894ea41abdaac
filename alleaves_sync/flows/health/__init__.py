"""Whether the runs happen: status, pings and metrics."""
