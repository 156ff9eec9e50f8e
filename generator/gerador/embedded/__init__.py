"""A local Apache Kafka for first runs and tests; Java and Kafka's jars come at pinned versions."""
