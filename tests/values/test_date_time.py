"""Timestamps, dates, calendar values and continuous uniform numbers in their ranges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from gerador.errors import SettingError
from gerador.values.date_time import DateGenerator, RandomTimeGenerator, TimestampGenerator
from gerador.values.distributions.normal import NormalDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.distributions.uniform import UniformDistribution
from tests.values.generated_rows import assert_share, column, table

if TYPE_CHECKING:
    from gerador.values import AnyGenerator

DAY = {"type": "int", "logicalType": "date"}
MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
MICROS = {"type": "long", "logicalType": "timestamp-micros"}
NANOS = {"type": "long", "logicalType": "timestamp-nanos"}
LOCAL = {"type": "long", "logicalType": "local-timestamp-millis"}
TIME = {"type": "int", "logicalType": "time-millis"}
DURATION = {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}
AT = datetime(2026, 1, 1, tzinfo=UTC)


def numbers(field: AnyGenerator, kind: Any, rows: int = 20_000) -> Any:
    """Return the values of a field in the unit of its type, as whole numbers."""
    values = column(field, kind, rows)
    return values.cast(pa.int32() if kind in (DAY, TIME) else pa.int64()).to_numpy()


@pytest.mark.parametrize(("kind", "per_second"), [(MILLIS, 10**3), (MICROS, 10**6), (NANOS, 10**9), (LOCAL, 10**3)])  # fmt: skip  # noqa: E501
def test_timestamps_are_in_their_range(kind: Any, per_second: int):
    """In the unit of the type, equally likely, the end excluded."""
    field = TimestampGenerator(after=AT, before=AT + timedelta(milliseconds=4))
    found = numbers(field, kind) - int(AT.timestamp()) * per_second
    assert found.min() >= 0
    assert found.max() < 4 * per_second // 1_000
    for quarter in range(4):
        size = per_second // 1_000
        assert_share(int((found // size == quarter).sum()), 20_000, 0.25)


def test_timestamp_without_offset_is_utc():
    """One with a UTC offset is converted."""
    bare = TimestampGenerator(after=datetime(2026, 1, 1), before=datetime(2026, 1, 2))  # noqa: DTZ001
    zone = timezone(timedelta(hours=-3))
    zoned = TimestampGenerator(
        after=datetime(2025, 12, 31, 21, tzinfo=zone), before=datetime(2026, 1, 1, 21, tzinfo=zone)
    )
    assert bare.bounds(1_000) == zoned.bounds(1_000)


def test_dates_are_in_their_range():
    """Both ends included, equally likely."""
    found = numbers(DateGenerator(first=date(2026, 2, 27), last=date(2026, 3, 1)), DAY)
    first = (date(2026, 2, 27) - date(1970, 1, 1)).days
    for day in range(3):
        assert_share(int((found == first + day).sum()), 20_000, 1 / 3)


@pytest.mark.parametrize(("kind", "low"), [(DAY, -5), (MILLIS, -5), (NANOS, 10**18), (TIME, 0)])
def test_calendar_values_are_in_their_range(kind: Any, low: int):
    """In the unit of the type, both ends included."""
    found = numbers(RandomTimeGenerator(first=low, last=low + 4), kind)
    for number in range(5):
        assert_share(int((found == low + number).sum()), 20_000, 0.2)


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("double", -10.0, 10.0),
        ("float", -10.0, 10.0),
        ("float", 0.0, 1e-40),
        ("double", 0, 1.7e308),
    ],
)
def test_continuous_uniform_is_half_open(kind: str, low: float, high: float):
    """In [min, max), equally likely, with the full precision of the type."""
    found = column(UniformDistribution(min=low, max=high, continuous=True), kind, 20_000).to_numpy()
    assert low <= found.min()
    assert found.max() < np.dtype(f"f{found.itemsize}").type(high)
    assert_share(int((found < found.dtype.type((low + high) / 2)).sum()), 20_000, 0.5)
    assert len(np.unique(found)) > 19_000 or high < 1e-30


def test_continuous_uniform_never_rounds_to_its_end():
    """Between adjacent floats, only the lower one occurs."""
    one, up = np.float32(1.0), np.nextafter(np.float32(1.0), np.float32(2.0))
    found = column(
        UniformDistribution(min=float(one), max=float(up), continuous=True), "float", 5_000
    ).to_numpy()
    assert set(found.tolist()) == {1.0}


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (TimestampGenerator(after=AT, before=AT + timedelta(days=900)), MICROS),
        (DateGenerator(first=date(1999, 1, 1), last=date(2026, 1, 1)), DAY),
        (UniformDistribution(min=-1.0, max=5.0, continuous=True), "float"),
    ],
)
def test_values_do_not_depend_on_slices(field: AnyGenerator, kind: Any):
    """Rows are the same in one call or two, alone or with other fields."""
    whole = table({"x": kind}, {"x": field}).rows(16_000, 17_000)["x"]
    other = table({"a": "int", "x": kind}, {"x": field})
    parts = [other.rows(16_000, 16_390)["x"], other.rows(16_390, 17_000)["x"]]
    assert pa.concat_arrays(parts).equals(whole)


@pytest.mark.parametrize(
    ("field", "kind", "message"),
    [
        (TimestampGenerator(after=AT, before=AT), MILLIS, "after must be earlier"),
        (
            TimestampGenerator(after=datetime(1, 1, 1), before=datetime(9999, 1, 1)),  # noqa: DTZ001
            NANOS,
            "is outside the range of the type",
        ),
        (
            DateGenerator(first=date(2026, 1, 2), last=date(2026, 1, 1)),
            DAY,
            "first 2026-01-02 is after last 2026-01-01",
        ),
        (RandomTimeGenerator(first=5, last=4), DAY, "first 5 is above last 4"),
        (RandomTimeGenerator(first=5), DAY, "give first and last together"),
        (RandomTimeGenerator(first=0, last=86_400_000), TIME, "is outside the range of 'time'"),
        (RandomTimeGenerator(first=0, last=5), DURATION, "for a date, time or timestamp"),
        (
            UniformDistribution(min=1.0, max=1.0, continuous=True),
            "double",
            "min 1.0 is not below max 1.0",
        ),
        (UniformDistribution(min=0, max=1e39, continuous=True), "float", "does not fit 'float'"),
        (
            UniformDistribution(min=0, max=9, continuous=True),
            "long",
            "continuous applies to float and double, not to 'long'",
        ),
        (
            UniformDistribution(min=0, max=9, step=3, continuous=True),
            "double",
            "step cannot be combined with continuous",
        ),
        (
            UniformDistribution(min=0, max=9, decimals=2, continuous=True),
            "double",
            "decimals cannot be combined with continuous",
        ),
        (
            UniformDistribution(min=0, max=9, unique=True, continuous=True),
            "double",
            "unique cannot be combined with continuous",
        ),
        (
            UniformDistribution(min=0, max=PoissonDistribution(mean=9), continuous=True),
            "double",
            "continuous requires a constant min and max",
        ),
        (
            NormalDistribution(mean=UniformDistribution(min=0, max=9, continuous=True)),
            "double",
            "continuous applies to fields, not to parameters",
        ),
        (
            UniformDistribution(min=-1.7e308, max=1.7e308, continuous=True),
            "double",
            "is wider than the largest double",
        ),
    ],
)
def test_invalid_ranges_are_rejected(field: AnyGenerator, kind: Any, message: str):
    """The error has the range and how to fix it."""
    with pytest.raises(SettingError, match=message):
        column(field, kind)


@pytest.mark.parametrize(
    ("field", "kind", "space"),
    [
        (
            TimestampGenerator(after=AT, before=AT + timedelta(seconds=1), unique=True),
            MILLIS,
            1_000,
        ),
        (DateGenerator(first=date(2026, 1, 1), last=date(2026, 12, 31), unique=True), DAY, 365),
        (RandomTimeGenerator(first=-50, last=49, unique=True), TIME | {"logicalType": "date"}, 100),
    ],
)
def test_unique_times_are_distinct(field: AnyGenerator, kind: Any, space: int):
    """Each value occurs once; more rows than values are an error."""
    values = table({"x": kind}, {"x": field}, rows=space).rows(0, space)["x"]
    assert len(set(values.to_pylist())) == space
    with pytest.raises(
        SettingError, match=f"unique: .* rows but .* has {space:,} distinct values;"
    ):
        table({"x": kind}, {"x": field}, rows=space + 1)
