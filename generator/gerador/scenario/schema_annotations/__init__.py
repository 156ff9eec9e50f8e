"""``arg.properties`` annotations of Avro schemas, as value generators.

The format of Avro Random Generator and Kafka Connect Datagen.
"""

from __future__ import annotations

__all__ = ["annotated_fields", "with_annotations"]
