"""The running service: the produce loop of each stream, its status and metrics."""
