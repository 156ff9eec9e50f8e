"""Columns to bytes: Avro datums and Kafka record batches. No IO, no clock."""
