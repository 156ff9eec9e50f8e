"""A local Apache Kafka for a first run and for tests: Java and Kafka's jars are downloaded at pinned versions."""

from __future__ import annotations

__all__ = [
    "KAFKA_VERSION",
    "TOPIC_RETENTION_BYTES",
    "EmbeddedKafka",
    "default_cache_dir",
    "run_tool",
    "topic_config",
]
