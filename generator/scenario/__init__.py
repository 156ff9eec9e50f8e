"""What is asked for: streams, their Avro schemas and the built-in default. Data only, no rows."""
