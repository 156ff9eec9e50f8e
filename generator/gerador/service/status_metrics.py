"""Metric families computed from the status at scrape time: names, help texts and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from gerador.service.status import State, StreamStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.service.status import Status


_LABELS: Final = ("stream", "topic")
REASON_UNNAMED: Final = "none"
"""The reason of events that none was given for, and of what has not happened yet."""

_COUNTERS: Final[tuple[tuple[str, str, str], ...]] = (
    ("due", "gerador_rows_due", "Rows that the schedule has asked for."),
    ("made", "gerador_rows_made", "Rows that were computed."),
    ("acked", "gerador_records_acked", "Records that the brokers confirmed."),
    ("bytes_acked", "gerador_acked_bytes", "Bytes of record batches that the brokers confirmed."),
    ("total_geracoes", "gerador_generations", "Generations finished."),
    ("errors", "gerador_generation_errors", "Slices of rows that could not be made."),
    ("changes", "gerador_pace_changes", "Live changes of pace: rate, pause, resume."),
)
_GAUGES: Final[tuple[tuple[str, str, str], ...]] = (
    ("unknown", "gerador_records_unknown", "Records sent whose outcome is not known now."),
    ("in_flight", "gerador_records_in_flight", "Records that await their outcome."),
    ("behind", "gerador_rows_behind", "Rows that are due and were not handed to delivery yet."),
    ("behind_s", "gerador_behind_seconds", "Age of the oldest row that is behind."),
    ("registros_atuais", "gerador_mirror_rows", "Rows in memory that GET /dados can show."),
    ("rate_delivered", "gerador_delivered_rows_per_second", "Rows per second confirmed lately."),
)


def status_families(status: Status) -> Iterator[Metric]:
    """Yield every family that `status` tells. Labels are stream and topic (empty without one)."""
    for key, name, text in _COUNTERS:
        yield _family_of_counts(CounterMetricFamily(name, text, labels=_LABELS), status, key)
    yield _failed(status)
    for key, name, text in _GAUGES:
        yield _family_of_counts(GaugeMetricFamily(name, text, labels=_LABELS), status, key)
    yield _rate_asked(status)
    yield _state(status)


def _family_of_counts(family: Metric, status: Status, key: str) -> Metric:
    for name, stream in status.streams.items():
        family.add_metric(_label_values(name, stream), getattr(stream, key))  # type: ignore[attr-defined]
    return family


def _failed(status: Status) -> Metric:
    """Count failed records by reason; every stream has at least one series, so that it adds up."""
    text = "Records known not to have arrived, by reason."
    family = CounterMetricFamily("gerador_records_failed", text, labels=(*_LABELS, "reason"))
    for name, stream in status.streams.items():
        by_reason = dict(stream.failed_by_reason)
        rest = stream.failed - sum(by_reason.values())
        if rest or not by_reason:
            by_reason[REASON_UNNAMED] = by_reason.get(REASON_UNNAMED, 0) + rest
        for reason, count in by_reason.items():
            family.add_metric((*_label_values(name, stream), reason), count)
    return family


def _rate_asked(status: Status) -> Metric:
    """Show the rate asked; as fast as possible is +Inf, which is what it asks."""
    text = "Rows per second that the schedule asks for; +Inf is as fast as possible."
    family = GaugeMetricFamily("gerador_asked_rows_per_second", text, labels=_LABELS)
    for name, stream in status.streams.items():
        rate = float("inf") if stream.rate_asked is None else stream.rate_asked
        family.add_metric(_label_values(name, stream), rate)
    return family


def _state(status: Status) -> Metric:
    family = GaugeMetricFamily("gerador_state", "1 for the state it is in.", labels=("state",))
    for state in State:
        family.add_metric((state.value,), float(state is status.status))
    return family


def _label_values(name: str, stream: StreamStatus) -> tuple[str, str]:
    return name, stream.topic or ""
