"""How many different values a field has in all rows of its stream: told by its law, or counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.scenario.fields import (
    BooleanField,
    CalendarField,
    ChoiceField,
    ConstantField,
    DateField,
    IpField,
    LatitudeField,
    LongitudeField,
    SequenceField,
    SymbolField,
    TimestampField,
    TogetherField,
    TurnsField,
    UniformField,
    UuidField,
    ZipfField,
)
from gerador.scenario.fields.listed import shares_of
from gerador.scenario.fields.reach import is_drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gerador.scenario.avro import AvroType
    from gerador.scenario.fields import Declared

IN_TURN: Final = (SequenceField, TurnsField, ConstantField)
"""Kinds whose values come one after another."""
ALIKE: Final = (
    CalendarField, DateField, IpField, LatitudeField, LongitudeField, TimestampField, UniformField,
    UuidField,
)  # fmt: skip
"""Kinds whose values are equally likely, as many as their space."""
RANKS_SUMMED_MAX: Final = 1_000_000
"""Ranks whose shares are added up; of more, the rows that are measured tell."""
SURE: Final = 0.001
"""How many values may be missing, or come twice, in the mean where a number is called exact."""


class Distinct(NamedTuple):
    """How many different values come, nulls apart."""

    number: int
    how: Literal["exact", "expected", "least"]
    """expected: the mean of what may come; least: counted in the first rows, others may follow."""


def distinct_by_law(
    declared: Declared, avro_type: AvroType, rows: int | None, nulls: float
) -> Distinct | None:
    """Return what the declaration tells of a stream of so many rows; None: it does not.

    `nulls` is the share of rows whose value is dropped.
    """
    space = declared.space(avro_type)
    if space is not None and declared.unique and declared.gives_null():
        if rows == space:  # null comes once, as every value does
            return _in_turn(space - 1, space - 1, nulls)
        nulls += (1 - nulls) / space
    if space is not None and (declared.unique or isinstance(declared, IN_TURN)):
        return _in_turn(space, rows, nulls)
    if isinstance(declared, ALIKE) and space is not None:
        return _drawn(1 / space, space, rows, nulls)
    shares = _shares(declared, avro_type)
    return None if shares is None else drawn_by(shares, rows, nulls)


def drawn_by(shares: Sequence[float] | NDArray[Any], rows: int | None, nulls: float) -> Distinct:
    """Return how many of the values with these shares come in so many rows."""
    held = np.asarray(shares, np.float64)
    held = held[held > 0]
    return _drawn(held, len(held), rows, nulls)


def counted(column: pa.Array, *, whole: bool) -> Distinct:
    """Return how many different values a column has; `whole`: they are all of the stream."""
    try:
        count = int(pc.count_distinct(column, mode="only_valid").as_py())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        count = len({str(value) for value in column.to_pylist() if value is not None})
    return Distinct(count, "exact" if whole else "least")


def _in_turn(space: int, rows: int | None, nulls: float) -> Distinct:
    if rows is None or not nulls:
        return Distinct(space if rows is None else min(space, rows), "exact")
    expected = rows * (1 - nulls) if rows <= space else space * (1 - nulls ** (rows / space))
    return Distinct(round(expected), "expected")


def _drawn(
    shares: float | NDArray[np.float64], values: int, rows: int | None, nulls: float
) -> Distinct:
    """Return the mean number of values that come: the sum of 1 - (1 - share) ** rows.

    `shares` are those of the `values`, one for all where they are equal.
    """
    if rows is None:
        return Distinct(values, "exact")
    each = values if isinstance(shares, float) else 1
    with np.errstate(divide="ignore"):  # a share of 1: its value comes
        come = -np.expm1(rows * np.log1p(-np.asarray(shares) * (1 - nulls)))
    expected = each * float(np.sum(come))
    if values - expected < SURE:
        return Distinct(values, "exact")
    twice = each * float(np.sum(np.square(shares))) * rows * rows / 2
    if not nulls and twice < SURE and abs(float(np.sum(shares)) * each - 1) < SURE / rows:
        return Distinct(rows, "exact")
    return Distinct(round(expected), "expected")


def _shares(declared: Declared, avro_type: AvroType) -> Sequence[float] | NDArray[Any] | None:
    """Return the shares of all values, nulls apart; None: they are not told."""
    match declared:
        case ChoiceField():
            return shares_of(declared.values, declared.weights, avro_type)
        case TogetherField():
            return shares_of(declared.values, None, avro_type)
        case BooleanField():
            return declared.true_share, 1 - declared.true_share
        case SymbolField():
            symbols = getattr(avro_type, "symbols")  # noqa: B009 - the kind is for enums alone
            return np.full(len(symbols), 1 / len(symbols))
        case ZipfField() if not is_drawn(declared):
            ranks: Any = declared.max, declared.min, declared.exponent
            if ranks[0] - ranks[1] >= RANKS_SUMMED_MAX:
                return None
            weights = np.arange(1.0, ranks[0] - ranks[1] + 2) ** -float(ranks[2])
            return np.asarray(weights / weights.sum())
        case _:
            return None
