from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.service.status import RUN_KEYS, STREAM_KEYS, State, Status, StreamStatus

COUNTS = st.integers(0, 2**62)
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@st.composite
def balanced(draw: st.DrawFn) -> StreamStatus:
    """Draw a stream with consistent counters."""
    parts = {
        key: draw(COUNTS) for key in ("acked", "failed", "unknown", "in_flight", "behind", "made")
    }
    due = sum(parts.values()) - parts["made"]
    reasons = {"too_large": parts["failed"]}
    return StreamStatus(
        status=State.ACTIVE, seed=1, due=due, failed_by_reason=reasons, topic="t", **parts
    )


def total(streams: list[StreamStatus]) -> Status:
    """Return the status of a run of `streams`."""
    named = {f"s{n}": s for n, s in enumerate(streams)}
    return Status.of(named, status=State.ACTIVE, seed=1, version="1")


@given(st.lists(balanced(), min_size=1, max_size=4))
def test_sums_of_balanced_streams_are_balanced(streams: list[StreamStatus]):
    """If every stream is balanced, the run is too."""
    run = total(streams)
    assert run.imbalance == 0
    assert run.due == sum(s.due for s in streams)


@pytest.mark.parametrize("key", ["due", "acked", "failed", "unknown", "in_flight", "behind"])
def test_a_lost_row_is_an_imbalance(key: str):
    """A counter that is off by one causes an imbalance."""
    known = {"due": 6, "acked": 2, "failed": 1, "unknown": 1, "in_flight": 1, "behind": 1}
    good = StreamStatus(status=State.ACTIVE, seed=1, failed_by_reason={"x": 1}, **known)
    assert good.imbalance == 0
    known[key] += 1
    bad = StreamStatus(status=State.ACTIVE, seed=1, failed_by_reason={"x": 1}, **known)
    assert bad.imbalance > 0


def test_a_failure_without_a_reason_is_an_imbalance():
    """Failed rows without a reason cause an imbalance."""
    bad = StreamStatus(status=State.ACTIVE, seed=1, due=1, failed=1)
    assert bad.imbalance == 1


def test_a_run_sums_its_streams():
    """Rates and bounds are sums unless a stream has none; times are the earliest and latest."""
    one = StreamStatus(
        status=State.ACTIVE,
        seed=1,
        start=START,
        ultima_geracao=START,
        rate_asked=2.5,
        rows_asked=10,
        behind_s=1.0,
        topic="a",
        framing="raw",
        last_error="first",
    )
    later = START + dt.timedelta(hours=1)
    two = StreamStatus(
        status=State.ACTIVE,
        seed=1,
        start=later,
        ultima_geracao=later,
        rate_asked=1.0,
        behind_s=3.0,
        topic="b",
        framing="raw",
    )
    run = total([one, two])
    assert (run.start, run.ultima_geracao) == (START, later)
    assert (run.rate_asked, run.rows_asked, run.behind_s) == (3.5, None, 3.0)
    assert (run.topic, run.framing, run.last_error) == (None, "raw", "first")


def test_a_run_of_one_stream_has_its_values():
    """With one stream the values of the run are the stream's."""
    one = StreamStatus(
        status=State.ACTIVE, seed=1, start=START, rate_asked=2.5, rows_asked=10, partitions=3,
        topic="a", schema_id=7, framing="confluent", due=4, behind=4, behind_s=0.1,
    )  # fmt: skip
    run = total([one])
    assert {k: getattr(run, k) for k in STREAM_KEYS} == {k: getattr(one, k) for k in STREAM_KEYS}
    assert set(RUN_KEYS) - set(STREAM_KEYS) == {"version", "streams"}
