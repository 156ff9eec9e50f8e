"""Avro schemas: parsed types, and functions that read them from text, files and dicts."""
