"""Delivery to Kafka. The only importer of aiokafka."""
