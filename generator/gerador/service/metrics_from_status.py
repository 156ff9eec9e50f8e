"""Metric families computed from the status: names, help texts and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from gerador.service.status import State, StreamStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.service.status import Status


_LABELS: Final = ("stream", "topic")
REASON_UNNAMED: Final = "none"
"""Reason of the initial series, and of events without a reason."""

_COUNTERS: Final[tuple[tuple[str, str, str], ...]] = (
    ("due", "gerador_rows_due", "Rows due by the schedule."),
    ("made", "gerador_rows_made", "Rows generated."),
    ("acked", "gerador_records_acked", "Records acknowledged by the brokers."),
    ("bytes_acked", "gerador_acked_bytes", "Bytes of record batches acknowledged by the brokers."),
    ("total_geracoes", "gerador_generations", "Generations finished."),
    ("errors", "gerador_generation_errors", "Slices whose generation or encoding failed."),
    ("changes", "gerador_rate_changes", "Live changes: rate, pause, resume, burst."),
)
_GAUGES: Final[tuple[tuple[str, str, str], ...]] = (
    ("unknown", "gerador_records_unknown", "Records sent whose outcome is not known."),
    ("in_flight", "gerador_records_in_flight", "Records waiting for an acknowledgement."),
    ("behind", "gerador_rows_behind", "Rows due and not sent yet."),
    ("behind_s", "gerador_behind_seconds", "Age of the oldest row that is due and not sent yet."),
    ("registros_atuais", "gerador_buffer_rows", "Rows in the buffer that GET /dados returns."),
    ("rate_delivered", "gerador_delivered_rows_per_second", "Rows acknowledged per second."),
)


def status_families(status: Status) -> Iterator[Metric]:
    """Yield the metric families of `status`. Labels: stream and topic (empty without one)."""
    for key, name, text in _COUNTERS:
        yield _per_stream(CounterMetricFamily(name, text, labels=_LABELS), status, key)
    yield _failed(status)
    for key, name, text in _GAUGES:
        yield _per_stream(GaugeMetricFamily(name, text, labels=_LABELS), status, key)
    yield _target_rate(status)
    yield _state(status)


def _per_stream(family: Metric, status: Status, key: str) -> Metric:
    for name, stream in status.streams.items():
        family.add_metric(_label_values(name, stream), getattr(stream, key))  # type: ignore[attr-defined]
    return family


def _failed(status: Status) -> Metric:
    """Count failed records by reason; every stream has a series from the start."""
    text = "Records that failed and are not retried, by reason."
    family = CounterMetricFamily("gerador_records_failed", text, labels=(*_LABELS, "reason"))
    for name, stream in status.streams.items():
        by_reason = dict(stream.failed_by_reason)
        rest = stream.failed - sum(by_reason.values())
        if rest or not by_reason:
            by_reason[REASON_UNNAMED] = by_reason.get(REASON_UNNAMED, 0) + rest
        for reason, count in by_reason.items():
            family.add_metric((*_label_values(name, stream), reason), count)
    return family


def _target_rate(status: Status) -> Metric:
    text = "Target rate in rows per second; 0: paused, +Inf: as fast as possible."
    family = GaugeMetricFamily("gerador_target_rows_per_second", text, labels=_LABELS)
    for name, stream in status.streams.items():
        rate = float("inf") if stream.rate_asked is None else stream.rate_asked
        family.add_metric(_label_values(name, stream), rate)
    return family


def _state(status: Status) -> Metric:
    family = GaugeMetricFamily("gerador_state", "1 for the current state.", labels=("state",))
    for state in State:
        family.add_metric((state.value,), float(state is status.status))
    return family


def _label_values(name: str, stream: StreamStatus) -> tuple[str, str]:
    return name, stream.topic or ""
