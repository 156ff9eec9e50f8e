"""Annotations inside Avro schemas (``arg.properties``) as declarations by field path.

They are those of Confluent's Avro Random Generator, which Kafka Connect Datagen uses, and mean
what they mean there, so that existing schema files run unchanged.
"""

from __future__ import annotations

from gerador.scenario.annotations.walk import annotated_fields, with_annotations

__all__ = ["annotated_fields", "with_annotations"]
