"""Schema registries: a client for an external one, and the local one that the API serves."""
