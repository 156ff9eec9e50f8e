"""What a sink saw, as metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gerador.service.metrics import Metrics


class SinkObserver:
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
