from __future__ import annotations

import asyncio
import threading

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families

from gerador.service.metrics import Metrics, measure_event_loop_lag
from gerador.service.status import State, Status, StreamStatus

STREAM = StreamStatus(
    status=State.ACTIVE,
    seed=1,
    topic="t",
    due=30,
    made=28,
    acked=20,
    failed=3,
    failed_by_reason={"too_large": 2, "refused": 1},
    unknown=1,
    in_flight=4,
    behind=2,
    behind_s=0.5,
    rate_asked=1000.0,
    rate_delivered=990.5,
    registros_atuais=7,
    total_geracoes=5,
    errors=1,
    bytes_acked=2600,
    changes=6,
)
LABELS = {"stream": "s", "topic": "t"}


def metrics_of(*streams: StreamStatus) -> Metrics:
    """Return metrics that read a run of `streams`."""
    metrics = Metrics("9.8.7")
    names = "stuvw"
    run = Status.of(
        dict(zip(names, streams, strict=False)), status=State.PAUSED, seed=1, version="9.8.7"
    )
    metrics.collect_status_from(lambda: run)
    return metrics


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gerador_rows_due_total", 30),
        ("gerador_rows_made_total", 28),
        ("gerador_records_acked_total", 20),
        ("gerador_acked_bytes_total", 2600),
        ("gerador_generations_total", 5),
        ("gerador_generation_errors_total", 1),
        ("gerador_rate_changes_total", 6),
        ("gerador_records_unknown", 1),
        ("gerador_records_in_flight", 4),
        ("gerador_rows_behind", 2),
        ("gerador_behind_seconds", 0.5),
        ("gerador_buffer_rows", 7),
        ("gerador_target_rows_per_second", 1000),
        ("gerador_delivered_rows_per_second", 990.5),
    ],
)
def test_counters_equal_the_status(name: str, value: float):
    """Every count in the status is a sample labeled with stream and topic."""
    assert metrics_of(STREAM).registry.get_sample_value(name, LABELS) == value


def test_failures_are_counted_by_reason():
    """Each reason is a series, and the sum of the series is the number of failed records."""
    registry = metrics_of(STREAM).registry
    name = "gerador_records_failed_total"
    assert registry.get_sample_value(name, {**LABELS, "reason": "too_large"}) == 2
    assert registry.get_sample_value(name, {**LABELS, "reason": "refused"}) == 1


def test_failures_without_a_reason_are_counted():
    """Rows that failed without a reason are counted under the reason none."""
    stream = StreamStatus(status=State.ACTIVE, seed=1, topic="t", failed=3)
    value = metrics_of(stream).registry.get_sample_value(
        "gerador_records_failed_total", {**LABELS, "reason": "none"}
    )
    assert value == 3


def test_the_target_rate_of_an_unpaced_stream_is_infinite():
    """No target rate is +Inf, not zero."""
    stream = StreamStatus(status=State.ACTIVE, seed=1, topic="t")
    value = metrics_of(stream).registry.get_sample_value("gerador_target_rows_per_second", LABELS)
    assert value == float("inf")


def test_exactly_one_state_is_set():
    """One state series is 1, the others are 0."""
    registry = metrics_of(STREAM).registry
    values = {s: registry.get_sample_value("gerador_state", {"state": s}) for s in State}
    assert values == {s: float(s is State.PAUSED) for s in State}


def test_every_stream_has_its_series():
    """Each stream has its own series."""
    other = StreamStatus(status=State.ACTIVE, seed=1, topic="t", due=3)
    registry = metrics_of(STREAM, other).registry
    assert registry.get_sample_value("gerador_rows_due_total", LABELS) == 30
    other_labels = {"stream": "t", "topic": "t"}
    assert registry.get_sample_value("gerador_rows_due_total", other_labels) == 3


def test_durations_and_sizes_are_observed():
    """Each observation is added to the histogram of its step and stream."""
    metrics = metrics_of(STREAM)
    metrics.observe_generated("s", 0.2, 1000)
    metrics.observe_encoded("s", 0.1, 9000)
    metrics.observe_acked("s", 0.3, 5000, 40)
    metrics.count_restart("out_of_order")
    metrics.count_retry("timeout")
    metrics.count_retry("timeout")
    metrics.observe_lag(0.004)

    def sample(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(f"gerador_{name}", labels)

    assert sample("generation_duration_seconds_sum", stream="s") == 0.2
    assert sample("slice_rows_sum", stream="s") == 1000
    assert sample("encode_duration_seconds_sum", stream="s") == 0.1
    assert sample("encoded_bytes_total", stream="s") == 9000
    assert sample("ack_duration_seconds_sum", stream="s") == 0.3
    assert sample("record_batch_bytes_sum", stream="s") == 5000
    assert sample("record_batch_rows_sum", stream="s") == 40
    assert sample("producer_restarts_total", reason="out_of_order") == 1
    assert sample("produce_retries_total", reason="timeout") == 2
    assert sample("event_loop_lag_seconds_count") == 1
    assert sample("event_loop_lag_latest_seconds") == 0.004


@pytest.mark.parametrize("name", ["producer_restarts", "produce_retries"])
def test_counters_by_reason_start_at_zero(name: str):
    """Before the first event the counter has a series at 0, so that `increase` sees the event."""
    value = metrics_of(STREAM).registry.get_sample_value(
        f"gerador_{name}_total", {"reason": "none"}
    )
    assert value == 0


def test_runs_do_not_share_metrics():
    """Metrics of one run do not appear in another's."""
    one, two = metrics_of(STREAM), metrics_of(STREAM)
    one.count_retry("x")
    labels = {"reason": "x"}
    assert two.registry.get_sample_value("gerador_produce_retries_total", labels) is None


def test_threads_lose_no_observation():
    """Observations from several threads are all counted."""
    metrics = metrics_of(STREAM)
    threads = [
        threading.Thread(target=lambda: [metrics.observe_encoded("s", 0.1, 7) for _ in range(1000)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    name = "gerador_encode_duration_seconds_count"
    assert metrics.registry.get_sample_value(name, {"stream": "s"}) == 4000


def test_both_text_formats_have_the_same_samples():
    """Prometheus text and OpenMetrics are valid, and have the same samples."""
    metrics = metrics_of(STREAM)
    metrics.observe_acked("s", 0.3, 5000, 40)
    text, _ = metrics.render()
    open_text, content_type = metrics.render("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")

    def samples(families: object) -> dict[tuple[str, str], float]:
        return {
            (s.name, str(sorted(s.labels.items()))): s.value
            for family in families  # type: ignore[attr-defined]
            for s in family.samples
            if s.name.startswith("gerador_")
        }

    prometheus = samples(text_string_to_metric_families(text.decode()))
    assert prometheus == samples(openmetrics_families(open_text.decode()))
    assert prometheus


def test_every_family_follows_the_naming_rules():
    """Names start with gerador_ and use base units; every family has a help text."""
    families = list(text_string_to_metric_families(metrics_of(STREAM).render()[0].decode()))
    ours = [f for f in families if not f.name.startswith(("process_", "python_"))]
    assert all(f.name.startswith("gerador_") and f.documentation for f in ours)
    wrong_units = ("_ms", "_millis", "_minutes", "_kb", "_mb", "_count", "_created")
    assert not [f.name for f in ours if f.name.endswith(wrong_units)]


class _SignalingMetrics(Metrics):
    """Sets an event when a lag is observed."""

    observed: asyncio.Event

    def observe_lag(self, seconds: float) -> None:
        super().observe_lag(seconds)
        self.observed.set()


async def test_a_blocked_event_loop_is_observed_as_lag():
    """Time for which the event loop is blocked is observed as lag."""
    metrics = _SignalingMetrics("1")
    metrics.observed = asyncio.Event()
    task = asyncio.create_task(measure_event_loop_lag(metrics, 0.001))
    await asyncio.sleep(0)
    threading.Event().wait(0.05)
    await metrics.observed.wait()
    task.cancel()
    assert (metrics.registry.get_sample_value("gerador_event_loop_lag_seconds_sum") or 0) > 0.03
