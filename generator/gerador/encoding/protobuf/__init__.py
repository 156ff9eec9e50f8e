"""Rows as Protocol Buffers messages, and the proto3 schema that describes them."""
