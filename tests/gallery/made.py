"""Rows of the gallery's scenarios, generated with `gerador.streams`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

import gerador

if TYPE_CHECKING:
    from numpy.typing import NDArray

START: Final = "2026-01-01T00:00:00Z"


@cache
def streams(name: str) -> dict[str, gerador.Stream]:
    """Return the streams of a scenario, built once for all tests; the seed is the file's."""
    return gerador.streams(name, seed=None if name != "default" else 1, start=START)


@cache
def columns(name: str, stream: str, a: int, b: int) -> dict[str, list[Any]]:
    """Return rows [a, b) of a stream as lists by field."""
    rows = streams(name)[stream].rows(a, b)
    rows.validate(full=True)
    return {field: rows[field].to_pylist() for field in rows.schema.names}


def whole(name: str, stream: str) -> dict[str, list[Any]]:
    """Return all rows of a bounded stream."""
    rows = streams(name)[stream].spec.rows
    assert rows is not None
    return columns(name, stream, 0, rows)


def times_ms(name: str, stream: str, field: str, a: int, b: int) -> NDArray[np.int64]:
    """Return a time field of rows [a, b) in milliseconds since the epoch."""
    times = streams(name)[stream].rows(a, b)[field]
    return np.asarray(times.cast(pa.int64()))
