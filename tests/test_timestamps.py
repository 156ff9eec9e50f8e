"""Timestamps as text and datetimes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.units import parse_timestamp_ns, timestamp_text

NEW_YEAR_NS = 1_767_225_600_000_000_000


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2025-12-31T21:00:00-03:00",
        datetime(2026, 1, 1),  # noqa: DTZ001 - without a zone on purpose
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ],
)
def test_equal_timestamps(value: str | datetime):
    """Time zones are converted; without one it is UTC."""
    assert parse_timestamp_ns(value) == NEW_YEAR_NS


@given(st.integers(0, 9_000_000_000_000))
def test_timestamps_round_trip(ms: int):
    """A formatted timestamp is parsed as the same milliseconds."""
    assert parse_timestamp_ns(timestamp_text(ms * 1_000_000)) == ms * 1_000_000


@pytest.mark.parametrize("value", ["yesterday", "", "1969-12-31T23:59:59Z", "2263-01-01"])
def test_invalid_timestamps_are_rejected(value: str):
    """Other text, and dates out of range, are errors with the name of the value."""
    with pytest.raises(SettingError, match="start"):
        parse_timestamp_ns(value)
