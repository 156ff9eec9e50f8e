"""Columns to bytes: Avro, JSON, Protobuf, and Kafka record batches. No IO, no clock."""
