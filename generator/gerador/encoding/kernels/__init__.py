"""Compiled loops over columns of bytes. Uses no Arrow and no Avro, and raises no errors."""
