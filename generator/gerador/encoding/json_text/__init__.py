"""JSON: JSON Schema derivation from Avro, and encoders."""
