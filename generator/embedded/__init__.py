"""A local Apache Kafka from packages alone, for a first run and for tests."""
