"""How runs are repeated: cron, systemd, Kubernetes, `--every`."""
