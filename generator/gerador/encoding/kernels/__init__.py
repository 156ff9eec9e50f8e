"""Compiled loops over columns of bytes. They know no Arrow, no Avro and no errors."""
