"""Delivery: sinks, their ledger, the in-memory mirror, and schema registries."""
