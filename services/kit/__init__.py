"""How a service runs: stream loop, settings, logs, metrics, probes, lifecycle. Knows nothing of credit."""
