"""``arg.properties`` annotations in Avro schemas (Avro Random Generator, Kafka Connect Datagen) as field declarations."""

from __future__ import annotations

__all__ = ["annotated_fields", "with_annotations"]
