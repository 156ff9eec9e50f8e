"""The annotation `iteration` inside arrays, maps and unions, where it goes on from item to item."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

import gerador


def rows_of(avro_type: Any, rows: int = 3, first: int = 0) -> list[Any]:
    """Return the values of a field of a type."""
    schema = {"type": "record", "name": "R", "fields": [{"name": "x", "type": avro_type}]}
    return gerador.stream("s", schema=schema, seed=1).rows(first, first + rows)["x"].to_pylist()


def counter(kind: Any = "int", **iteration: Any) -> dict[str, Any]:
    """Return an annotated type."""
    declared = kind if isinstance(kind, dict) else {"type": kind}
    return {**declared, "arg.properties": {"iteration": {"start": 0, **iteration}}}


def array(items: Any, length: Any = 3) -> dict[str, Any]:
    """Return an array of a fixed length."""
    return {"type": "array", "items": items, "arg.properties": {"length": length}}


PAIR = {"type": "record", "name": "P", "fields": [{"name": "n", "type": counter("long")}]}
EXPECTED = {
    "array": (array(counter()), [[0, 1, 2], [3, 4, 5], [6, 7, 8]]),
    "step": (array(counter(start=10, step=-5)), [[10, 5, 0], [-5, -10, -15], [-20, -25, -30]]),
    "restart": (array(counter(restart=4)), [[0, 1, 2], [3, 0, 1], [2, 3, 0]]),
    "initial": (array(counter(initial=2, restart=4)), [[2, 3, 0], [1, 2, 3], [0, 1, 2]]),
    "double": (array(counter("double", step=0.5)), [[0, 0.5, 1], [1.5, 2, 2.5], [3, 3.5, 4]]),
    "boolean": (
        array(counter("boolean", start=True)),
        [[True, False, True], [False, True, False], [True, False, True]],
    ),
    "records": (array(PAIR, 2), [[{"n": 0}, {"n": 1}], [{"n": 2}, {"n": 3}], [{"n": 4}, {"n": 5}]]),
    "nested": (
        array(array(counter(), 2), 2),
        [[[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8, 9], [10, 11]]],
    ),
    "one": (array(counter(), 1), [[0], [1], [2]]),
    "none": (array(counter(), 0), [[], [], []]),
}


@pytest.mark.parametrize(("avro_type", "expected"), EXPECTED.values(), ids=EXPECTED.keys())
def test_items_go_on(avro_type: Any, expected: list[Any]):
    """The first item of a row follows the last one of the row before."""
    assert rows_of(avro_type) == expected


def test_texts_and_maps():
    """Texts have their prefix; values and keys of a map go on, too."""
    text = counter("string")
    text["arg.properties"] |= {"prefix": "k-"}
    assert rows_of(array(text, 2), 2) == [["k-0", "k-1"], ["k-2", "k-3"]]
    keys = {"length": 2, "keys": {"iteration": {"start": 0}, "prefix": "key "}}
    maps = {"type": "map", "values": counter(), "arg.properties": keys}
    assert rows_of(maps, 2) == [[("key 0", 0), ("key 1", 1)], [("key 2", 2), ("key 3", 3)]]


def test_any_row_is_computed_by_itself():
    """Rows far on, in another block and in any split are those of the whole."""
    assert rows_of(array(counter("long")), 2, 10**9) == [
        [3 * 10**9, 3 * 10**9 + 1, 3 * 10**9 + 2],
        [3 * 10**9 + 3, 3 * 10**9 + 4, 3 * 10**9 + 5],
    ]
    assert rows_of(array(counter()), 40_000) == [
        [3 * n, 3 * n + 1, 3 * n + 2] for n in range(40_000)
    ]


def test_lengths_that_vary():
    """Each row begins as if those before it had as many items as they can have."""
    for n, items in enumerate(rows_of(array(counter(), {"min": 0, "max": 5}), 1_000)):
        assert items == [4 * n + i for i in range(len(items))]


def test_outside_arrays():
    """Elsewhere a row has one number; a branch of a union has that of its row."""
    assert rows_of(counter()) == [0, 1, 2]
    for n, value in enumerate(rows_of(["string", counter("long")], 50)):
        assert value == n or isinstance(value, str)


def test_types_of_arrow():
    """Dates and times count in the unit of their type."""
    day = {"type": "int", "logicalType": "date"}
    schema = {"type": "record", "name": "R", "fields": [{"name": "x", "type": array(counter(day))}]}
    made = gerador.stream("s", schema=schema, seed=1).rows(0, 2)["x"]
    assert made.values.cast(pa.int32()).to_pylist() == [0, 1, 2, 3, 4, 5]
