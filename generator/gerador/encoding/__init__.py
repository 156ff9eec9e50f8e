"""Encoding: Arrow columns to Avro, JSON and Protobuf values, and to Kafka record batches."""
