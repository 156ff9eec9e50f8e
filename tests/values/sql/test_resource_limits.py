"""Limits of time and memory: exceeding one is an error without lasting effects."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import psutil
import pyarrow as pa
import pytest

from gerador.errors import DataError
from gerador.values.counters import SequenceGenerator
from gerador.values.sql import connection, resource_limits
from gerador.values.sql.connection import PreparedStatements
from gerador.values.sql.generator import SqlGenerator
from tests.values.generated_streams import columns, spec, tables

if TYPE_CHECKING:
    from gerador.scenario.stream_spec import StreamSpec

SLOW = "list_sum(list_transform(range(400), lambda i: list_sum(list_transform(range(400), "
SLOW += "lambda j: i * j * n))))"
"""About 160,000 steps per row: minutes for a block."""
WORDS = (
    "stream 'shop': field 'v', from row 0 on: sql: expression takes more than 512 MiB of memory; "
    "reduce its values"
)
RANGE = pa.table({"n": pa.array(range(16_384))})


def stream(text: str, kind: str = "string") -> StreamSpec:
    """Return a stream with an expression over a number."""
    fields = {"n": SequenceGenerator(), "v": SqlGenerator(text=text)}
    return spec("shop", {"n": "long", "v": kind}, fields)


def error_of(text: str, kind: str = "string") -> str:
    """Return the error message of an expression."""
    with pytest.raises(DataError) as error:
        tables(stream(text, kind)).rows_of("shop").rows(0, 5)
    return str(error.value)


def test_memory_limit_is_one_error(monkeypatch: pytest.MonkeyPatch):
    """It names stream, field, row and limit, whether DuckDB or Python ran out of memory."""

    def values(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(PreparedStatements, "values", values)
    assert error_of("upper('x')") == WORDS


if sys.platform == "linux":  # elsewhere DuckDB's own limit is all there is

    @pytest.mark.parametrize(
        "text",
        [
            "repeat('x', 1000000000)",
            "repeat(n::VARCHAR, 1000000000)",
            "len(range(n, 1000000000))::TEXT",
        ],
    )
    def test_memory_stays_limited(text: str):
        """The process does not grow much."""
        before = psutil.Process().memory_info().rss
        assert error_of(text) == WORDS
        assert psutil.Process().memory_info().rss - before < 2 * resource_limits.GROWTH_BYTES_MAX


def test_time_limit_is_one_error(monkeypatch: pytest.MonkeyPatch):
    """The expression is interrupted between slices; the error has the limit."""
    monkeypatch.setattr(resource_limits, "SECONDS_MAX", 0.3)
    assert error_of(SLOW, "double") == (
        "stream 'shop': field 'v', from row 0 on: sql: "
        "expression takes more than 0.3 s; simplify it"
    )


def test_evaluation_works_after_a_timeout(monkeypatch: pytest.MonkeyPatch):
    """The same thread continues with the same expressions."""
    assert connection.evaluate("n + 1", RANGE)[0].as_py() == 1
    with monkeypatch.context() as patched:
        patched.setattr(resource_limits, "SECONDS_MAX", 0.3)
        with pytest.raises(connection.SqlError, match=r"more than 0\.3 s"):
            connection.evaluate(SLOW, RANGE)
    assert connection.evaluate("n + 1", RANGE)[-1].as_py() == 16_384


def test_the_time_limit_is_per_computation(monkeypatch: pytest.MonkeyPatch):
    """Many fast computations may together exceed the limit of one."""
    monkeypatch.setattr(resource_limits, "SECONDS_MAX", 0.5)
    small, end = RANGE.slice(0, 10), time.monotonic() + 1
    while time.monotonic() < end:
        assert connection.evaluate("n + 1", small)[9].as_py() == 10


@pytest.mark.parametrize("rows", [0, 1, 2, 5, 6, 1_000, 16_384])
def test_growing_slices_are_the_rows(rows: int):
    """The first slice has one row, and each is a multiple of the one before."""
    cut = resource_limits.growing_slices(RANGE.slice(0, rows))
    assert cut.equals(RANGE.slice(0, rows))
    sizes = [len(piece) for piece in cut["n"].chunks]
    assert sizes[:-1] == [resource_limits.SLICE_GROWTH**i for i in range(len(sizes) - 1)]


def test_sliced_and_whole_evaluation_are_equal():
    """The first evaluation, in slices, and the next, in one piece, give the same values."""
    rows = columns(tables(stream("n * 2", "long")), "shop", 0, 40_000)
    assert rows["v"] == [2 * n for n in rows["n"]]
