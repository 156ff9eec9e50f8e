"""Delivery: sinks, delivery counts, the in-memory mirror, and schema registries."""
