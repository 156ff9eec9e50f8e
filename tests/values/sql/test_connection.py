"""Prepared statements: per thread and schema, with the rows of each call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from gerador.values.sql import connection


def doubled(*values: object) -> list[object]:
    """Compute ``x + x`` over a column of values."""
    made: list[object] = connection.evaluate("x + x", pa.table({"x": pa.array(values)})).to_pylist()
    return made


def test_each_call_reads_its_own_rows():
    """A prepared statement does not keep rows of earlier calls."""
    assert doubled(1, 2, 3) == [2, 4, 6]
    assert doubled(10) == [20]
    assert doubled(*range(5_000)) == [2 * n for n in range(5_000)]


def test_statements_are_prepared_per_schema():
    """The same expression over integers and doubles has different types."""
    assert doubled(1) == [2]
    assert doubled(0.25) == [0.5]
    assert doubled(2) == [4]


def test_evaluation_works_after_an_error():
    """An error concerns only the rows of its call."""
    texts = [pa.table({"t": ["1"]}), pa.table({"t": ["um"]}), pa.table({"t": ["3"]})]
    assert connection.evaluate("CAST(t AS INT)", texts[0]).to_pylist() == [1]
    with pytest.raises(connection.SqlError, match="um"):
        connection.evaluate("CAST(t AS INT)", texts[1])
    assert connection.evaluate("CAST(t AS INT)", texts[2]).to_pylist() == [3]


def test_threads_do_not_share_rows():
    """Each thread has its own statements."""
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda n: doubled(n, n + 1), range(64)))
    assert found == [[2 * n, 2 * n + 2] for n in range(64)]


def test_prepared_statements_are_limited(monkeypatch: pytest.MonkeyPatch):
    """Discarded statements are prepared again when needed."""
    monkeypatch.setattr(connection, "STATEMENTS_MAX", 3)
    rows = pa.table({"x": [5]})
    for _ in range(2):
        found = [connection.evaluate(f"x * {n}", rows).to_pylist() for n in range(8)]
        assert found == [[5 * n] for n in range(8)]
