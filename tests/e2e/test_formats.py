"""JSON Schema and Protobuf on a real Kafka, read with Confluent's own deserializers."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka.partitioner import murmur2
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from gerador.api.row_writers import write_ndjson
from gerador.scenario.stream_spec import spec_for
from tests.e2e.service import Served, served
from tests.encoding.protoc import compiled

if TYPE_CHECKING:
    from pathlib import Path

    from confluent_kafka import Message

    from tests.kafka_fixture import Broker

ROWS = 500
PARTITIONS = 3
REGISTRO = spec_for().schema

SCENARIO = """\
seed: 42
start: 2026-01-01T00:00:00Z
streams:
  shaped:
    topic: {name: e2e-json-schema, key: cidade, partitions: 3}
    schema: registro.avsc
    rows: 500
    rate: max
    format: json-schema
    key_format: avro
    headers: {origem: gerador, linha: row_index, cargo: {field: cargo}}
  packed:
    topic: {name: e2e-protobuf, key: cidade, partitions: 3}
    schema: registro.avsc
    rows: 500
    rate: max
    format: protobuf
    key_format: protobuf
    subject_name_strategy: topic-record
  plain:
    topic: {name: e2e-json, key: cidade, partitions: 3}
    schema: registro.avsc
    rows: 500
    rate: max
    format: json
    key_format: json
"""


SUBJECTS = [
    "e2e-json-schema-key",
    "e2e-json-schema-value",
    "e2e-protobuf-CidadeKey",
    f"e2e-protobuf-{REGISTRO.name}",
]


def records(bootstrap: str, topic: str) -> list[Message]:
    """Return every record of a topic."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": f"{topic}-reader"})
    consumer.assign([TopicPartition(topic, p, 0) for p in range(PARTITIONS)])
    try:
        found = consumer.consume(ROWS, timeout=30)
    finally:
        consumer.close()
    assert len(found) == ROWS
    return found


async def shown(s: Served, stream: str) -> dict[str, list[dict[str, Any]]]:
    """Return regenerated rows of a stream, as in /dados, by city."""
    rows = await s.run.regenerate(stream, 0, ROWS)
    by_city: dict[str, list[dict[str, Any]]] = {}
    for line in b"".join(write_ndjson(rows, REGISTRO.root)).splitlines():
        row = json.loads(line)
        by_city.setdefault(row["cidade"], []).append(row)
    return by_city


def grouped(pairs: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    """Return values by key, in the order of the topic, which is one partition's for a key."""
    found: dict[str, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def check_partitions(messages: list[Message]) -> None:
    """Check that every record is in the partition that Java's partitioner selects for its key."""
    for m in messages:
        assert (murmur2(m.key()) & 0x7FFFFFFF) % PARTITIONS == m.partition()


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """Write the scenario and its schema."""
    (tmp_path / "registro.avsc").write_text(REGISTRO.json)
    path = tmp_path / "formats.yaml"
    path.write_text(SCENARIO)
    return str(path)


async def test_confluents_deserializers_read_what_was_declared(
    kafka: Broker, scenario: str
) -> None:
    """Values, keys and headers of three formats equal regenerated rows, read with our registry."""
    async with served(kafka.bootstrap, scenario=scenario) as s:
        await s.until_acked(3 * ROWS)
        registry = SchemaRegistryClient({"url": s.url})
        await _check_shaped(s, kafka.bootstrap, registry)
        await _check_packed(s, kafka.bootstrap, registry)
        await _check_plain(s, kafka.bootstrap)
        assert await asyncio.to_thread(registry.get_subjects) == SUBJECTS


async def _check_shaped(s: Served, bootstrap: str, registry: SchemaRegistryClient) -> None:
    expected = await shown(s, "shaped")
    messages = await asyncio.to_thread(records, bootstrap, "e2e-json-schema")
    check_partitions(messages)
    key = SerializationContext("e2e-json-schema", MessageField.KEY)
    value = SerializationContext("e2e-json-schema", MessageField.VALUE)

    def read() -> list[tuple[str, Any]]:
        of_key = AvroDeserializer(registry)
        of_value = JSONDeserializer(None, schema_registry_client=registry)
        return [(of_key(m.key(), key), of_value(m.value(), value)) for m in messages]

    pairs = await asyncio.to_thread(read)
    assert grouped(pairs) == expected
    for message, (_, row) in zip(messages, pairs, strict=True):
        headers = dict(message.headers())
        assert headers["origem"] == b"gerador"
        assert headers["cargo"].decode() == row["cargo"]
    indices = sorted(int(dict(m.headers())["linha"]) for m in messages)
    assert indices == list(range(ROWS))


async def _check_packed(s: Served, bootstrap: str, registry: SchemaRegistryClient) -> None:
    expected = await shown(s, "packed")
    messages = await asyncio.to_thread(records, bootstrap, "e2e-protobuf")
    check_partitions(messages)
    topic = "e2e-protobuf"
    key = SerializationContext(topic, MessageField.KEY)
    value = SerializationContext(topic, MessageField.VALUE)

    def read() -> list[tuple[str, Any]]:
        texts = [
            registry.get_latest_version(f"{topic}-{name}").schema.schema_str
            for name in ("CidadeKey", REGISTRO.name)
        ]
        of_key, of_value = (ProtobufDeserializer(compiled(t).message, {}, registry) for t in texts)
        return [(of_key(m.key(), key).cidade, of_value(m.value(), value)) for m in messages]

    found = grouped(await asyncio.to_thread(read))
    assert {city: [_row(r) for r in rows] for city, rows in found.items()} == expected


def _row(message: Any) -> dict[str, Any]:
    names = [f.name for f in REGISTRO.root.fields if f.name != "timestamp"]
    row = {name: getattr(message, name) for name in names}
    instant = message.timestamp.ToDatetime().isoformat(timespec="milliseconds")
    return {**row, "timestamp": f"{instant}Z"}


async def _check_plain(s: Served, bootstrap: str) -> None:
    messages = await asyncio.to_thread(records, bootstrap, "e2e-json")
    check_partitions(messages)
    pairs = [(json.loads(m.key()), json.loads(m.value())) for m in messages]
    assert grouped(pairs) == await shown(s, "plain")
