"""What an expression may take: too much time or memory is one clear error, and nothing lasts."""

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
"""About 160,000 steps a row: minutes for a block."""
WORDS = (
    "stream 'shop': field 'v', from row 0 on: sql: takes more than 512 MiB of memory; "
    "reduce its values"
)
RANGE = pa.table({"n": pa.array(range(16_384))})


def stream(text: str, kind: str = "string") -> StreamSpec:
    """Return a stream with an expression over a number."""
    fields = {"n": SequenceGenerator(), "v": SqlGenerator(text=text)}
    return spec("shop", {"n": "long", "v": kind}, fields)


def refusal(text: str, kind: str = "string") -> str:
    """Return why the rows of an expression cannot be made."""
    with pytest.raises(DataError) as refused:
        tables(stream(text, kind)).get("shop").rows(0, 5)
    return str(refused.value)


def test_memory_that_cannot_be_had_is_one_clear_error(monkeypatch: pytest.MonkeyPatch):
    """Stream, field, row and limit are named, whoever of those involved was told so."""

    def values(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(PreparedStatements, "values", values)
    assert refusal("upper('x')") == WORDS


if sys.platform == "linux":  # elsewhere DuckDB's own limit is all there is

    @pytest.mark.parametrize(
        "text",
        [
            "repeat('x', 1000000000)",
            "repeat(n::VARCHAR, 1000000000)",
            "len(range(n, 1000000000))::TEXT",
        ],
    )
    def test_too_much_memory_is_never_taken(text: str):
        """The process is not much larger than before."""
        before = psutil.Process().memory_info().rss
        assert refusal(text) == WORDS
        assert psutil.Process().memory_info().rss - before < 2 * resource_limits.GROWTH_BYTES_MAX


def test_too_much_time_is_one_clear_error(monkeypatch: pytest.MonkeyPatch):
    """An expression is interrupted between two pieces of its rows, and says what the limit is."""
    monkeypatch.setattr(resource_limits, "SECONDS_MAX", 0.3)
    assert refusal(SLOW, "double") == (
        "stream 'shop': field 'v', from row 0 on: sql: takes more than 0.3 s; simplify it"
    )


def test_after_one_that_was_stopped_others_are_computed(monkeypatch: pytest.MonkeyPatch):
    """The same thread goes on, with the same expressions as before."""
    assert connection.evaluate("n + 1", RANGE)[0].as_py() == 1
    with monkeypatch.context() as patched:
        patched.setattr(resource_limits, "SECONDS_MAX", 0.3)
        with pytest.raises(connection.SqlError, match=r"over 0\.3 s"):
            connection.evaluate(SLOW, RANGE)
    assert connection.evaluate("n + 1", RANGE)[-1].as_py() == 16_384


def test_the_limit_of_time_is_of_one_computation(monkeypatch: pytest.MonkeyPatch):
    """Many that are fast together take longer than one may, and none is stopped."""
    monkeypatch.setattr(resource_limits, "SECONDS_MAX", 0.5)
    small, end = RANGE.slice(0, 10), time.monotonic() + 1
    while time.monotonic() < end:
        assert connection.evaluate("n + 1", small)[9].as_py() == 10


@pytest.mark.parametrize("rows", [0, 1, 2, 5, 6, 1_000, 16_384])
def test_pieces_are_the_rows(rows: int):
    """Whatever their number; the first piece is one row, and each is some times the one before."""
    cut = resource_limits.growing_slices(RANGE.slice(0, rows))
    assert cut.equals(RANGE.slice(0, rows))
    sizes = [len(piece) for piece in cut["n"].chunks]
    assert sizes[:-1] == [resource_limits.SLICE_GROWTH**i for i in range(len(sizes) - 1)]


def test_expressions_in_bounds_are_what_they_were():
    """The first time, in pieces, and the next times, as a whole, give the same values."""
    rows = columns(tables(stream("n * 2", "long")), "shop", 0, 40_000)
    assert rows["v"] == [2 * n for n in rows["n"]]
