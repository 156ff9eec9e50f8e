"""Prometheus metrics of a run: observed durations and sizes, and counts read from the status."""

from __future__ import annotations

import asyncio
import platform
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from gerador.service.metrics_from_status import REASON_UNNAMED, status_families

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client.metrics_core import Metric

    from gerador.service.status import Status


# The creation time of every histogram and counter would be a second family without use.
disable_created_metrics()  # type: ignore[no-untyped-call]

SECONDS_BUCKETS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
)  # fmt: skip
"""0.5 ms: a slice of a hundred rows; 30 s: the longest wait for an acknowledgement."""
BYTES_BUCKETS: Final = tuple(2**n for n in range(8, 21))
"""256 B to 1 MiB, the largest record batch that a broker accepts by default."""
ROWS_BUCKETS: Final = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536)
LAG_SAMPLE_INTERVAL_S: Final = 0.5
"""Seconds between two measurements of the event loop lag."""


class Metrics:
    """The metrics registry of a run.

    The ``observe_`` and ``count_`` methods may be called from any thread; about a microsecond
    each. `reason` must be one of a bounded set of short names: every value is a time series.
    """

    def __init__(self, version: str) -> None:
        self.registry: Final = CollectorRegistry()
        self._generated = self._duration("generation", "Seconds to generate the rows of a slice.")
        self._encoded = self._duration("encode", "Seconds to encode and compress a slice.")
        self._encoded_bytes = Counter(
            "gerador_encoded_bytes",
            "Bytes of encoded record batches before compression.",
            ["stream"],
            registry=self.registry,
        )
        self._acked = self._duration("ack", "Seconds from queuing a record batch to its ack.")
        self._slice_rows = self._size("slice_rows", "Rows of a slice.", ROWS_BUCKETS)
        self._batch_bytes = self._size(
            "record_batch_bytes", "Bytes of an acknowledged record batch.", BYTES_BUCKETS
        )
        self._batch_rows = self._size(
            "record_batch_rows", "Records of an acknowledged record batch.", ROWS_BUCKETS
        )
        self._restarts = self._by_reason("producer_restarts", "Producer restarts.")
        self._retries = self._by_reason("produce_retries", "Record batches that were retried.")
        self._lag, self._lag_latest = self._event_loop_lag()
        self._add_process_metrics(version)

    def collect_status_from(self, status: Callable[[], Status]) -> None:
        """Add the metrics of `status`, which every scrape calls once. Call this once."""
        self.registry.register(_StatusCollector(status))

    def observe_generated(self, stream: str, seconds: float, rows: int) -> None:
        """Record that a slice of `rows` rows was generated in `seconds`."""
        self._generated.labels(stream).observe(seconds)
        self._slice_rows.labels(stream).observe(rows)

    def observe_encoded(self, stream: str, seconds: float, uncompressed_bytes: int) -> None:
        """Record that a slice was encoded to `uncompressed_bytes` in `seconds`."""
        self._encoded.labels(stream).observe(seconds)
        self._encoded_bytes.labels(stream).inc(uncompressed_bytes)

    def observe_acked(self, stream: str, seconds: float, batch_bytes: int, rows: int) -> None:
        """Record that a record batch was acknowledged `seconds` after it was queued."""
        self._acked.labels(stream).observe(seconds)
        self._batch_bytes.labels(stream).observe(batch_bytes)
        self._batch_rows.labels(stream).observe(rows)

    def count_restart(self, reason: str) -> None:
        """Count a restart of the producer."""
        self._restarts.labels(reason).inc()

    def count_retry(self, reason: str) -> None:
        """Count a retry of a record batch."""
        self._retries.labels(reason).inc()

    def observe_lag(self, seconds: float) -> None:
        """Record by how much the event loop delayed a timer."""
        self._lag.observe(seconds)
        self._lag_latest.set(seconds)

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """Return the metrics as text, and its content type.

        OpenMetrics 1.0.0 if `accept`, an HTTP Accept header, prefers it; otherwise Prometheus
        text, version 0.0.4 by default. Cost: one or two milliseconds.
        """
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    def _duration(self, step: str, text: str) -> Histogram:
        return self._size(f"{step}_duration_seconds", text, SECONDS_BUCKETS)

    def _size(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(
            f"gerador_{name}", text, ["stream"], registry=self.registry, buckets=buckets
        )

    def _by_reason(self, name: str, text: str) -> Counter:
        """Create a counter with one series from the start, so that its sum starts at 0.

        A series that starts with its first event hides that event from `increase` and alerts.
        """
        counter = Counter(
            f"gerador_{name}", f"{text[:-1]}, by reason.", ["reason"], registry=self.registry
        )
        counter.labels(REASON_UNNAMED)
        return counter

    def _event_loop_lag(self) -> tuple[Histogram, Gauge]:
        name, text = "gerador_event_loop_lag", "Seconds by which the event loop delayed a timer"
        return (
            Histogram(
                f"{name}_seconds", f"{text}.", registry=self.registry, buckets=SECONDS_BUCKETS
            ),
            Gauge(f"{name}_latest_seconds", f"{text}, latest sample.", registry=self.registry),
        )

    def _add_process_metrics(self, version: str) -> None:
        build = Info("gerador_build", "Version of gerador and Python.", registry=self.registry)
        build.info({"version": version, "python": platform.python_version()})
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)


async def measure_event_loop_lag(
    metrics: Metrics, interval_s: float = LAG_SAMPLE_INTERVAL_S
) -> None:
    """Measure the event loop lag every `interval_s` seconds, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due_s = loop.time() + interval_s
        await asyncio.sleep(interval_s)
        metrics.observe_lag(max(0.0, loop.time() - due_s))


class _StatusCollector(Collector):
    """Reads the status once per scrape, so that the metrics of a scrape are consistent."""

    def __init__(self, status: Callable[[], Status]) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        return status_families(self._status())

    def describe(self) -> Iterable[Metric]:
        """Return nothing: registration must not read the status of a run that is not ready."""
        return ()


class SinkMetrics:
    """Observer of a sink that updates the metrics of its stream."""

    def __init__(self, stream: str, metrics: Metrics) -> None:
        self._stream = stream
        self._metrics = metrics

    def acked(self, seconds: float, batch_bytes: int, rows: int) -> None:
        """Record an acknowledged record batch."""
        self._metrics.observe_acked(self._stream, seconds, batch_bytes, rows)

    def restarted(self, reason: str) -> None:
        """Count a restart of the producer."""
        self._metrics.count_restart(reason)

    def retried(self, reason: str) -> None:
        """Count a retry of a record batch by aiokafka."""
        self._metrics.count_retry(reason)
