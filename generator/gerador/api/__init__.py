"""The HTTP API: status, rows, control of running streams, metrics, and a read-only schema registry."""
