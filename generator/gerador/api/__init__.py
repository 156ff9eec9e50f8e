"""The HTTP API: status, rows, live changes of streams, metrics, read-only schema registry."""
