"""Protocol Buffers: column encoders of messages, and proto3 files derived from Avro schemas."""
