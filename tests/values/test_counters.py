"""Sequences and round robin: exact by row index, and wrapped."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.limits import BLOCK_ROWS
from gerador.values.array_map import LengthGenerator
from gerador.values.counters import (
    IntegerSequence,
    RoundRobinGenerator,
    SequenceGenerator,
    sequence_steps,
)
from tests.values.generated_rows import column, decimal, table

if TYPE_CHECKING:
    from gerador.values import AnyGenerator

DATE = {"type": "int", "logicalType": "date"}
MICROS = {"type": "long", "logicalType": "timestamp-micros"}


@pytest.mark.parametrize(
    ("declared", "kind", "first"),
    [
        (SequenceGenerator(), "int", [0, 1, 2, 3]),
        (SequenceGenerator(start=50, restart=47), "int", [50, 49, 48, 50, 49]),
        (SequenceGenerator(start=-50, restart=100, step=47), "long", [-50, -3, 44, 91, -12, 35]),
        (SequenceGenerator(start=-50, restart=100, step=47, initial=0), "long", [0, 47, 94, -9]),
        (SequenceGenerator(start=10, initial=7, restart=12), "int", [7, 8, 9, 10, 11, 10, 11]),
        (SequenceGenerator(start=10, initial=12, restart=8), "int", [12, 11, 10, 9, 10, 9]),
        (SequenceGenerator(start=10.4, step=5.1), "double", [10.4, 15.5, 20.6]),
        (SequenceGenerator(start=0.0, restart=10.0, step=27.3), "double", [0, 7.3, 4.6]),
        (SequenceGenerator(start=1, step=0.25), "float", [1.0, 1.25, 1.5]),
        (
            SequenceGenerator(start=1, step=0.25),
            decimal(9, 3),
            [Decimal("1.000"), Decimal("1.250")],
        ),
        (SequenceGenerator(start=2**31 - 2), "int", [2**31 - 2, 2**31 - 1, 2**31 - 2]),
        (SequenceGenerator(start=-(2**31), step=-1), "int", [-(2**31), -(2**31)]),
        (SequenceGenerator(start=7), "string", ["7", "8", "9"]),
        (SequenceGenerator(start=0.5, step=0.5), "string", ["0.5", "1", "1.5"]),
        (SequenceGenerator(start=False), "boolean", [False, True, False]),
        (SequenceGenerator(start=True), "boolean", [True, False, True]),
        (SequenceGenerator(start=1), "boolean", [True, False]),
        (RoundRobinGenerator(count=3), "int", [0, 1, 2, 0]),
        (RoundRobinGenerator(count=2, start=-5), "long", [-5, -4, -5]),
    ],
)
def test_sequences(declared: AnyGenerator, kind: Any, first: list[Any]):
    """Row n is start + n * step, and wraps around at restart or the end of the type."""
    assert column(declared, kind, len(first)).to_pylist() == first


def test_times_count_in_the_unit_of_their_type():
    """Dates count days, timestamps their unit."""
    assert str(column(SequenceGenerator(start=20_454), DATE, 2)[1]) == "2026-01-02"
    stamps = column(SequenceGenerator(start=0, step=1_000_000), MICROS, 3)
    assert str(stamps[2]) == "1970-01-01 00:00:02+00:00"


def test_items_of_lists_have_the_value_of_their_row():
    """All items of a row have its number."""
    types = {"x": {"type": "array", "items": "long"}}
    fields = {"x": LengthGenerator(length_min=2, length_max=2), "x[]": SequenceGenerator(start=1)}
    assert table(types, fields).rows(0, 3)["x"].to_pylist() == [[1, 1], [2, 2], [3, 3]]


ENDS = st.integers(-(2**63), 2**63 - 1)


@settings(max_examples=60, deadline=None)
@given(ENDS, st.integers(1, 2**64), st.integers(1, 2**63), st.integers(0, 2**53), st.booleans())
def test_sequences_are_exact(start: int, span: int, step: int, row: int, down: bool):
    """For any start, step, span and row, the values equal arbitrary-precision arithmetic."""
    span = max(1, min(span, 2**63 - start if not down else start + 2**63 + 1))
    sequence = IntegerSequence(0, start, -1 if down else 1, step, span, 0)
    expected = [start + sequence.sign * ((row + i) * step % span) for i in range(50)]
    assert sequence_steps(sequence, row, 50).tolist() == expected


@given(st.integers(-40, 40), st.integers(1, 7), st.integers(1, 30), st.integers(0, 60))
def test_values_before_the_start_occur_once(ahead: int, step: int, span: int, row: int):
    """An initial value before start is not repeated."""
    positions = [ahead + (row + i) * step for i in range(30)]
    expected = [p if p < 0 else p % span for p in positions]
    assert sequence_steps(IntegerSequence(0, 0, 1, step, span, ahead), row, 30).tolist() == expected


def test_sequences_continue_across_blocks():
    """The step from one block to the next is the same as within a block."""
    made = table({"x": "long"}, {"x": SequenceGenerator(start=3, step=11, restart=1_000_003)})
    values = made.rows(BLOCK_ROWS - 3, BLOCK_ROWS + 3)["x"].to_pylist()
    assert values == [3 + 11 * n % 1_000_000 for n in range(BLOCK_ROWS - 3, BLOCK_ROWS + 3)]


@pytest.mark.parametrize(
    ("declared", "kind", "message"),
    [
        (SequenceGenerator(step=0), "int", "step 0 never advances"),
        (SequenceGenerator(start=5, restart=5), "int", "step 1 does not lead from 5 to restart 5"),
        (
            SequenceGenerator(start=5, restart=9, step=-1),
            "int",
            "step -1 does not lead from 5 to restart 9",
        ),
        (SequenceGenerator(start=0.5), "int", "start 0.5 is not an integer, which 'int' requires"),
        (SequenceGenerator(start=2**31), "int", "start 2147483648 does not fit 'int'"),
        (SequenceGenerator(restart=2**33), "int", "restart 8589934592 does not fit 'int'"),
        (
            SequenceGenerator(start=0, restart=5, initial=5),
            "int",
            "initial 5 is past restart 5",
        ),
        (SequenceGenerator(start=0.125), decimal(9, 2), "3 decimal places exceed the scale 2"),
        (SequenceGenerator(start=1e-10), "double", "has more than 9 decimals"),
        (SequenceGenerator(start=True), "int", "start True is not valid for 'int'"),
        (SequenceGenerator(start=2), "boolean", "start 2 is not a boolean"),
        (SequenceGenerator(start=0, step=1), "boolean", "step does not apply to booleans"),
        (
            RoundRobinGenerator(count=10, start=2**31 - 5),
            "int",
            "values 2147483643 to 2147483652 do not fit",
        ),
    ],
)
def test_invalid_sequences_are_rejected(declared: AnyGenerator, kind: Any, message: str):
    """The error is one line with the value and how to fix it."""
    with pytest.raises(SettingError) as error:
        table({"x": kind}, {"x": declared})
    assert message in str(error.value)
