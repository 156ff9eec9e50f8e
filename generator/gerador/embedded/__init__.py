"""A local Apache Kafka for a first run and for tests: Java and jars come from registries, pinned.

This package holds everything that knows of Java. It reads no environment variable and no
settings; it prints nothing. Importing it imports neither the resolver nor the Java runtime.
"""

from __future__ import annotations

from gerador.embedded.jars import KAFKA_VERSION, default_cache_dir
from gerador.embedded.java import run_tool
from gerador.embedded.kafka import EmbeddedKafka
from gerador.embedded.properties import TOPIC_RETENTION_BYTES, topic_config

__all__ = [
    "KAFKA_VERSION",
    "TOPIC_RETENTION_BYTES",
    "EmbeddedKafka",
    "default_cache_dir",
    "run_tool",
    "topic_config",
]
