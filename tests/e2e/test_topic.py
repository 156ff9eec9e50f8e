"""A consumer receives exactly the rows of the recipe, field by field and byte by byte."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import fastavro
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

import gerador
from tests.delivery.kafka_harness import consumed
from tests.e2e.service import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kafka_fixture import Broker

ROWS = 10_000
START = "2026-03-01T12:00:00Z"


def again(rows: int, **recipe: Any) -> list[dict[str, Any]]:
    """Make the rows again from the recipe alone."""
    return gerador.stream("registros", **recipe).rows(0, rows).to_pylist()


async def test_every_field_of_every_row_arrives_decoded_with_fastavro(kafka: Broker) -> None:
    """Aiokafka reads the topic, fastavro decodes it: equal to the regenerated rows, in order."""
    recipe = {"seed": 11, "start": START, "rate": "max"}
    async with served(kafka.bootstrap, topic="e2e-fastavro", rows=str(ROWS), **recipe) as run:
        await run.finished()
        schema = fastavro.parse_schema(__import__("json").loads(run.run.streams["registros"].json))
        held = await consumed(kafka.bootstrap, "e2e-fastavro", 4)
    wanted = again(ROWS, **recipe)
    for partition, values in held.items():
        decoded = [fastavro.schemaless_reader(io.BytesIO(v[5:]), schema, None) for v in values]
        for row in decoded:
            row["geracao_id"] = str(row["geracao_id"])
        assert decoded == wanted[partition::4]


async def test_confluents_deserializer_reads_through_our_own_registry(kafka: Broker) -> None:
    """Confluent's AvroDeserializer needs only the API's address to read every record."""
    recipe = {"seed": 12, "start": START, "rate": "max"}
    async with served(kafka.bootstrap, topic="e2e-confluent", rows="2000", **recipe) as run:
        await run.until_acked(2000)
        got = await asyncio.to_thread(_with_confluent, kafka.bootstrap, "e2e-confluent", run.url)
    wanted = again(2000, **recipe)
    assert sorted(got, key=lambda r: r["timestamp"]) == wanted


def _with_confluent(bootstrap: str, topic: str, registry: str) -> list[dict[str, Any]]:
    deserialize = AvroDeserializer(SchemaRegistryClient({"url": registry}))
    context = SerializationContext(topic, MessageField.VALUE)
    rows = [deserialize(value, context) for value in _poll_all(bootstrap, topic, 2000)]
    for row in rows:
        row["geracao_id"] = str(row["geracao_id"])
    return rows


def _poll_all(bootstrap: str, topic: str, count: int) -> Iterator[bytes]:
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    try:
        for _ in range(count):
            message = consumer.poll(30)
            assert message is not None, "the topic ended too early"
            assert message.error() is None
            yield message.value()
    finally:
        consumer.close()


@pytest.mark.parametrize("compression", ["none", "gzip", "snappy", "lz4", "zstd"])
async def test_two_runs_of_one_recipe_leave_the_same_bytes(kafka: Broker, compression: str) -> None:
    """Partitions hold the same bytes in the same order, for any batch size and compression."""
    recipe = {"seed": 13, "start": START, "rate": "max", "key": "cidade", "rows": "5000"}
    one, other = f"e2e-one-{compression}", f"e2e-other-{compression}"
    async with served(kafka.bootstrap, topic=one, **recipe) as run:
        await run.finished()
    async with served(
        kafka.bootstrap, topic=other, compression_type=compression, batch_size="4096", **recipe
    ) as run:
        await run.finished()
    first = await records(kafka.bootstrap, one)
    assert sum(map(len, first.values())) == 5000
    assert first == await records(kafka.bootstrap, other)


async def records(bootstrap: str, topic: str) -> dict[int, list[tuple[Any, ...]]]:
    """Return timestamp, key and value of every record by partition, in order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        parts = [TopicPartition(topic, p) for p in range(4)]
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        held: dict[int, list[tuple[Any, ...]]] = {p.partition: [] for p in parts}
        while [p for p in parts if await consumer.position(p) < ends[p]]:
            for part, some in (await consumer.getmany(timeout_ms=200)).items():
                held[part.partition] += [(r.timestamp, r.key, r.value) for r in some]
        return held
    finally:
        await consumer.stop()


async def test_keys_go_where_javas_partitioner_sends_them(kafka: Broker) -> None:
    """With a key, librdkafka's murmur2 partitioner gives the partition of each record."""
    from aiokafka.partitioner import murmur2  # noqa: PLC0415 - the second implementation

    recipe = {"seed": 14, "start": START, "rate": "max"}
    async with served(
        kafka.bootstrap, topic="e2e-keyed", key="cargo", rows="2000", **recipe
    ) as run:
        await run.finished()
    held = await records(kafka.bootstrap, "e2e-keyed")
    for partition, some in held.items():
        assert {(murmur2(key) & 0x7FFFFFFF) % 4 for _, key, _ in some} <= {partition}
    keys = sorted(key.decode() for some in held.values() for _, key, _ in some)
    assert keys == sorted(row["cargo"] for row in again(2000, **recipe))


async def test_record_timestamps_are_event_times(kafka: Broker) -> None:
    """The record timestamp is the row's event time, in raw framing too."""
    recipe = {"seed": 15, "start": START, "rate": "1000"}
    async with served(kafka.bootstrap, topic="e2e-raw", framing="raw", rows="500", **recipe) as run:
        await run.finished()
        assert run.run.status().schema_id is None
    held = await records(kafka.bootstrap, "e2e-raw")
    times = sorted(t for some in held.values() for t, _, _ in some)
    wanted = [round(row["timestamp"].timestamp() * 1000) for row in again(500, **recipe)]
    assert times == wanted
    stream = gerador.stream("registros", **recipe)
    assert [value for _, _, value in held[1]] == list(stream.encode(0, 500))[1::4]
