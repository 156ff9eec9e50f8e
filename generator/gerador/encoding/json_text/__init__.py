"""JSON: column encoders of values as JSON text, and JSON Schemas derived from Avro schemas."""
