"""A Kafka behind a proxy, a sink with its rows, and the topic's expected and actual records."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

import gerador
from gerador.delivery.kafka.connection import Connection
from gerador.delivery.kafka.sink import KafkaSink
from gerador.delivery.kafka.topic import TopicSpec
from gerador.embedded.cluster import EmbeddedKafka
from gerador.encoding.compression import Compression
from gerador.events.rows import StreamRows
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX
from gerador.service.metrics import Metrics
from gerador.service.slice_builder import RecordSliceBuilder
from tests.delivery.tcp_proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gerador.delivery.sink import Slice

SEED = 7
START_NS = 1_767_225_600 * 10**9
START = "2026-01-01T00:00:00Z"
SLICE_ROWS = 2_000
PARTITIONS = 3
SOON_S = 30.0


class RecordingObserver:
    """A delivery observer that records its events."""

    def __init__(self) -> None:
        self.acks = 0
        self.restarts: list[str] = []
        self.retries: list[str] = []

    def acked(self, seconds: float, batch_bytes: int, rows: int) -> None:
        """Count acknowledged rows."""
        assert seconds >= 0
        assert batch_bytes > 0
        self.acks += rows

    def restarted(self, reason: str) -> None:
        """Keep the reason."""
        self.restarts.append(reason)

    def retried(self, reason: str) -> None:
        """Keep the reason."""
        self.retries.append(reason)


class SinkUnderTest:
    """A Kafka sink and the rows that are sent to it."""

    def __init__(self, bootstrap: str, topic: str, **spec: Any) -> None:
        self.topic = topic
        self.observer = RecordingObserver()
        self.row = 0
        connection = Connection(bootstrap_servers=bootstrap, request_timeout_ms=3_000)
        self.sink = KafkaSink(
            _returning(connection),
            TopicSpec(name=topic, **({"partitions": PARTITIONS} | spec)),
            self.observer,
        )  # fmt: skip
        spec = spec_for(topic=topic)
        rows = StreamRows(spec, SEED, Schedule.starting(START_NS, MAX))
        self._builder = RecordSliceBuilder(
            rows,
            Metrics("test"),
            spec=spec,
            partitions=PARTITIONS,
            compression=Compression.NONE,
            batch_bytes_max=64 * 1024,
        )

    async def __aenter__(self) -> Self:
        """Connect."""
        await self.sink.wait_ready()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the sink."""
        await self.sink.close()

    def next_slice(self, rows: int = SLICE_ROWS) -> Slice:
        """Generate the next rows."""
        slice_ = self._builder.build(self.row, self.row + rows)
        self.row += rows
        return slice_

    async def send(self, slices: int, rows: int = SLICE_ROWS) -> None:
        """Send the next slices."""
        for _ in range(slices):
            await self.sink.send(self.next_slice(rows))

    def balance(self) -> int:
        """Return the number of rows in all counts of the ledger."""
        t = self.sink.ledger.total
        return t.acked + t.failed + t.unknown + t.in_flight


def _returning(connection: Connection) -> Any:
    async def connect() -> Connection:
        return connection

    return connect


def expected(rows: int, partitions: int = PARTITIONS) -> dict[int, list[bytes]]:
    """Return the values that each partition must contain after `rows` rows, in order."""
    stream = gerador.stream("registros", seed=SEED, start=START, rate="max")
    datums = list(stream.encode(0, rows))
    return {p: datums[p::partitions] for p in range(partitions)}


async def consumed(
    bootstrap: str, topic: str, partitions: int = PARTITIONS
) -> dict[int, list[bytes]]:
    """Return the values of every partition, from its start to its end."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    parts = [TopicPartition(topic, p) for p in range(partitions)]
    await consumer.start()
    try:
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        values: dict[int, list[bytes]] = {p.partition: [] for p in parts}
        async with asyncio.timeout(SOON_S):
            while [p for p in parts if await consumer.position(p) < ends[p]]:
                for part, records in (await consumer.getmany(timeout_ms=200)).items():
                    values[part.partition] += [r.value for r in records]
        return values
    finally:
        await consumer.stop()


@asynccontextmanager
async def kafka_behind_proxy(folder: Path) -> AsyncIterator[tuple[EmbeddedKafka, Proxy]]:
    """Start a Kafka whose listener PROXIED is advertised with the proxy's port."""
    plain_port = _free_port()
    async with Proxy() as proxy:
        kafka = EmbeddedKafka(
            folder,
            port=plain_port,
            listeners={"PROXIED": "PLAINTEXT"},
            extra={
                "advertised.listeners": f"PLAINTEXT://127.0.0.1:{plain_port},"
                f"PROXIED://127.0.0.1:{proxy.port}"
            },
        )
        await kafka.start()
        try:
            proxy.target_port = int(kafka.bootstrap_of("PROXIED").rpartition(":")[2])
            yield kafka, proxy
        finally:
            await kafka.stop()


@asynccontextmanager
async def admin_of(bootstrap: str) -> AsyncIterator[Any]:
    """Yield an admin client."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
