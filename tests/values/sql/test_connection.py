"""Expressions that are prepared once a thread: other rows, other types, other threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from gerador.values.sql import connection


def doubled(*values: object) -> list[object]:
    """Compute ``x + x`` over a column of values."""
    made: list[object] = connection.evaluate("x + x", pa.table({"x": pa.array(values)})).to_pylist()
    return made


def test_each_call_sees_its_own_rows():
    """A statement that is executed again has forgotten the rows before, however many."""
    assert doubled(1, 2, 3) == [2, 4, 6]
    assert doubled(10) == [20]
    assert doubled(*range(5_000)) == [2 * n for n in range(5_000)]


def test_the_same_expression_over_other_types_is_another_one():
    """Whole numbers stay whole, and others do not become so."""
    assert doubled(1) == [2]
    assert doubled(0.25) == [0.5]
    assert doubled(2) == [4]


def test_after_a_value_that_cannot_be_computed_others_can():
    """A refusal is of those rows alone."""
    texts = [pa.table({"t": ["1"]}), pa.table({"t": ["um"]}), pa.table({"t": ["3"]})]
    assert connection.evaluate("CAST(t AS INT)", texts[0]).to_pylist() == [1]
    with pytest.raises(connection.SqlError, match="um"):
        connection.evaluate("CAST(t AS INT)", texts[1])
    assert connection.evaluate("CAST(t AS INT)", texts[2]).to_pylist() == [3]


def test_threads_do_not_see_each_others_rows():
    """Each thread has statements of its own."""
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda n: doubled(n, n + 1), range(64)))
    assert found == [[2 * n, 2 * n + 2] for n in range(64)]


def test_too_many_expressions_are_forgotten(monkeypatch: pytest.MonkeyPatch):
    """Those that come again afterwards are prepared again."""
    monkeypatch.setattr(connection, "STATEMENTS_MAX", 3)
    rows = pa.table({"x": [5]})
    for _ in range(2):
        found = [connection.evaluate(f"x * {n}", rows).to_pylist() for n in range(8)]
        assert found == [[5 * n] for n in range(8)]
