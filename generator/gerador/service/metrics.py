"""Prometheus metrics of a run: histograms and counters that are observed, the collector that reads the status, and the sink's observer."""

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

from gerador.service.status_metrics import REASON_UNNAMED, status_families

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client.metrics_core import Metric

    from gerador.service.status import Status


# A second family beside every histogram, with the time when it was made, tells nobody anything.
disable_created_metrics()  # type: ignore[no-untyped-call]

SECONDS_BUCKETS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
)  # fmt: skip
"""0.5 ms: a slice of a hundred rows; 30 s: the longest that an acknowledgement is awaited."""
BYTES_BUCKETS: Final = tuple(2**n for n in range(8, 21))
"""256 B to 1 MiB, which is the largest record batch that a broker takes by default."""
ROWS_BUCKETS: Final = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536)
LAG_SAMPLE_INTERVAL_S: Final = 0.5
"""Seconds between two measurements of the event loop's lag."""


class Metrics:
    """What is observed while a run goes, and what is read from its status.

    The ``observe_`` and ``count_`` methods may be called from any thread; about a microsecond
    each. `reason` must come from a bounded set of short words: every value is a time series.
    """

    def __init__(self, version: str) -> None:
        self.registry: Final = CollectorRegistry()
        self._made = self._seconds("generation", "Seconds to make the rows of one slice.")
        self._encoded = self._seconds("encode", "Seconds to encode and frame one slice.")
        self._raw_bytes = Counter(
            "gerador_encoded_bytes",
            "Bytes of record batches before compression.",
            ["stream"],
            registry=self.registry,
        )
        self._acked = self._seconds("ack", "Seconds from handing over a batch to its ack.")
        self._slice_rows = self._sizes("slice_rows", "Rows of one slice.", ROWS_BUCKETS)
        self._batch_bytes = self._sizes(
            "record_batch_bytes", "Bytes of an acknowledged record batch.", BYTES_BUCKETS
        )
        self._batch_rows = self._sizes(
            "record_batch_rows", "Records of an acknowledged record batch.", ROWS_BUCKETS
        )
        self._restarts = self._by_reason("producer_restarts", "Producers replaced.")
        self._retries = self._by_reason("produce_retries", "Batches sent again by the client.")
        self._lag, self._lag_latest = self._event_loop()
        self._describe(version)

    def read_from(self, status: Callable[[], Status]) -> None:
        """Let every later scrape call `status` once. Call it once."""
        self.registry.register(_StatusCollector(status))

    def observe_made(self, stream: str, seconds: float, rows: int) -> None:
        """Note that a slice of `rows` rows of `stream` was made in `seconds`."""
        self._made.labels(stream).observe(seconds)
        self._slice_rows.labels(stream).observe(rows)

    def observe_encoded(self, stream: str, seconds: float, raw_bytes: int) -> None:
        """Note that a slice of `stream` became `raw_bytes` before compression, in `seconds`."""
        self._encoded.labels(stream).observe(seconds)
        self._raw_bytes.labels(stream).inc(raw_bytes)

    def observe_acked(self, stream: str, seconds: float, batch_bytes: int, rows: int) -> None:
        """Note that a batch of `stream` was acknowledged `seconds` after it was handed over."""
        self._acked.labels(stream).observe(seconds)
        self._batch_bytes.labels(stream).observe(batch_bytes)
        self._batch_rows.labels(stream).observe(rows)

    def count_restart(self, reason: str) -> None:
        """Count that the producer was replaced."""
        self._restarts.labels(reason).inc()

    def count_retry(self, reason: str) -> None:
        """Count that a batch was offered again."""
        self._retries.labels(reason).inc()

    def observe_lag(self, seconds: float) -> None:
        """Note how late the event loop woke a task that had asked to be woken."""
        self._lag.observe(seconds)
        self._lag_latest.set(seconds)

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """Return the exposition and its content type.

        OpenMetrics 1.0.0 when `accept` (an HTTP Accept header) asks for it, else Prometheus
        text, 0.0.4 unless a newer one is asked for. Cost: a millisecond or two.
        """
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    def _seconds(self, step: str, text: str) -> Histogram:
        name = f"gerador_{step}_duration_seconds"
        return Histogram(name, text, ["stream"], registry=self.registry, buckets=SECONDS_BUCKETS)

    def _sizes(self, what: str, text: str, buckets: tuple[int, ...]) -> Histogram:
        name = f"gerador_{what}"
        return Histogram(name, text, ["stream"], registry=self.registry, buckets=buckets)

    def _by_reason(self, name: str, text: str) -> Counter:
        """Make a counter that has one series from the start, so that its sum begins at 0.

        A sum that is born with the first event hides that event from `increase` and from alerts.
        """
        counter = Counter(
            f"gerador_{name}", f"{text[:-1]}, by reason.", ["reason"], registry=self.registry
        )
        counter.labels(REASON_UNNAMED)
        return counter

    def _event_loop(self) -> tuple[Histogram, Gauge]:
        name, text = "gerador_event_loop_lag", "Seconds that the event loop woke a task late"
        return (
            Histogram(
                f"{name}_seconds", f"{text}.", registry=self.registry, buckets=SECONDS_BUCKETS
            ),
            Gauge(f"{name}_latest_seconds", f"{text}, the latest.", registry=self.registry),
        )

    def _describe(self, version: str) -> None:
        build = Info("gerador_build", "This program.", registry=self.registry)
        build.info({"version": version, "python": platform.python_version()})
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)


async def measure_event_loop_lag(
    metrics: Metrics, interval_s: float = LAG_SAMPLE_INTERVAL_S
) -> None:
    """Measure the event loop's lag every `interval_s` seconds, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        asked_s = loop.time() + interval_s
        await asyncio.sleep(interval_s)
        metrics.observe_lag(max(0.0, loop.time() - asked_s))


class _StatusCollector(Collector):
    """Reads the status once per scrape, so that one scrape never contradicts itself."""

    def __init__(self, status: Callable[[], Status]) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        return status_families(self._status())

    def describe(self) -> Iterable[Metric]:
        """Return nothing: a run that is not ready must not be asked when it registers."""
        return ()


class SinkMetrics:
    """Passes a sink's durations, sizes and restarts on to the metrics of its stream."""

    def __init__(self, stream: str, metrics: Metrics) -> None:
        self._stream = stream
        self._metrics = metrics

    def acked(self, seconds: float, batch_bytes: int, rows: int) -> None:
        """Note a confirmed batch."""
        self._metrics.observe_acked(self._stream, seconds, batch_bytes, rows)

    def restarted(self, reason: str) -> None:
        """Note that the producer is replaced."""
        self._metrics.count_restart(reason)

    def retried(self, reason: str) -> None:
        """Note that aiokafka sends a batch again."""
        self._metrics.count_retry(reason)
