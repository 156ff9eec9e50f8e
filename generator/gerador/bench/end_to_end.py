"""End-to-end throughput to a broker, and its ceiling: the same path with one prebuilt slice."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psutil

from gerador.api.app import create_app
from gerador.api.server import serve
from gerador.delivery.kafka.sink import KafkaSink
from gerador.delivery.kafka.topic import TopicSpec
from gerador.delivery.sink import Slice
from gerador.encoding.registry_schemas import SchemaIds
from gerador.process import freeze_gc
from gerador.schedule.target_rate import MAX
from gerador.service.clock import SystemClock
from gerador.service.metrics import Metrics, SinkMetrics
from gerador.service.run import VERSION, Run
from gerador.service.slice_builder import RecordSliceBuilder
from gerador.service.stream_config import Destination, Recipe
from gerador.service.stream_run import StreamRun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.delivery.kafka.connection import Connection
    from gerador.encoding.compression import Compression
    from gerador.events.rows import StreamRows
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.service.slice_builder import SliceBuilder


RSS_INTERVAL_S: Final = 0.05
BYTES_PER_MB: Final = 1_000_000
_NO_PROBE_RESULT: Final = '{"p50_ms": NaN, "p99_ms": NaN}'
"""What is told of a probe that got none; it has said why on stderr."""


@dataclass(frozen=True, kw_only=True)
class EndToEndConfig:
    """Where and how the path is measured."""

    connection: Connection
    spec: StreamSpec
    partitions: int
    compression: Compression
    batch_bytes_max: int
    seconds: float
    topic_config: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class EndToEndResult:
    """One run over the course."""

    acked_records_per_s: float
    acked: int
    lost: int
    """Rows failed or unknown; anything but 0 makes the figure worthless."""
    status_p50_ms: float
    status_p99_ms: float
    rss_mb_max: float


class PrebuiltSliceBuilder:
    """Makes one slice and hands out the same batches for ever: all that is left is delivery.

    One batch of a partition is under way at a time, and it is stamped anew before each send,
    so its buffer can serve again.
    """

    def __init__(self, maker: RecordSliceBuilder) -> None:
        maker.make(0, maker.rows_at_once)  # learns the size of a full slice
        self._canned = maker.make(0, maker.rows_at_once)
        self.rows_at_once = self._canned.rows

    def make(self, a: int, b: int) -> Slice:
        """Return the canned slice under other row numbers."""
        return Slice(a, b - a, self._canned.batches)


async def run_end_to_end(course: EndToEndConfig, topic: str, *, canned: bool) -> EndToEndResult:
    """Produce for `course.seconds`, as fast as possible, to a topic of its own.

    Meanwhile another process asks for /status, and memory is sampled.
    """
    metrics = Metrics(VERSION)
    stream = StreamRun(
        course.spec,
        Recipe(seed=1, pace=MAX, for_s=course.seconds),
        _destination(course, topic, metrics, canned=canned),
        SystemClock(),
    )
    run = Run([stream], seed=1, metrics=metrics, registry=None, command=lambda _: "gerador bench")
    async with serve(create_app(run), "127.0.0.1", 0) as address:
        memory = _MemorySampler()
        freeze_gc()
        probe = await _start_probe(f"{address.url}/status", course.seconds)
        with memory:
            await run.run()
        latency = json.loads((await probe.communicate())[0] or _NO_PROBE_RESULT)
    status = run.status()
    return EndToEndResult(
        acked_records_per_s=status.acked / status.elapsed_s,
        acked=status.acked,
        lost=status.failed + status.unknown,
        status_p50_ms=latency["p50_ms"],
        status_p99_ms=latency["p99_ms"],
        rss_mb_max=memory.max_bytes / BYTES_PER_MB,
    )


def _destination(
    course: EndToEndConfig, topic: str, metrics: Metrics, *, canned: bool
) -> Destination:
    async def found() -> Connection:
        return course.connection

    sink = KafkaSink(
        found,
        TopicSpec(name=topic, partitions=course.partitions, config=course.topic_config),
        SinkMetrics(course.spec.name, metrics),
    )

    def maker(rows: StreamRows) -> SliceBuilder:
        real = RecordSliceBuilder(
            rows,
            metrics,
            spec=course.spec,
            ids=SchemaIds(value=1),
            partitions=sink.partitions,
            compression=course.compression,
            batch_bytes_max=course.batch_bytes_max,
        )
        return PrebuiltSliceBuilder(real) if canned else real

    return Destination(sink=sink, maker=maker, topic=topic)


async def _start_probe(url: str, seconds: float) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gerador.bench.http_probe", url, str(seconds),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


class _MemorySampler:
    """Samples this process's resident memory in a thread while the block lasts."""

    def __init__(self) -> None:
        self.max_bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self) -> None:
        process = psutil.Process()
        while not self._done.wait(RSS_INTERVAL_S):
            self.max_bytes = max(self.max_bytes, process.memory_info().rss)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
