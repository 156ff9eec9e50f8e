"""Number of distinct values of a field: computed from its declaration, or counted in measured rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.values.choice import (
    BooleanGenerator,
    ChoiceGenerator,
    ConstantGenerator,
    EnumSymbolGenerator,
    JointChoiceGenerator,
    shares_of,
)
from gerador.values.counters import RoundRobinGenerator, SequenceGenerator
from gerador.values.date_time import CalendarGenerator, DateGenerator, TimestampGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.distributions.zipf import ZipfDistribution
from gerador.values.geo import LatitudeGenerator, LongitudeGenerator
from gerador.values.ip import IpGenerator
from gerador.values.parameters import is_drawn
from gerador.values.uuids import UuidGenerator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.declaration import ValueGenerator


SEQUENTIAL: Final = (SequenceGenerator, RoundRobinGenerator, ConstantGenerator)
"""Kinds whose values come one after another."""
UNIFORM: Final = (
    CalendarGenerator, DateGenerator, IpGenerator, LatitudeGenerator, LongitudeGenerator, TimestampGenerator, UniformDistribution,
    UuidGenerator,
)  # fmt: skip
"""Kinds whose values are equally likely, as many as their space."""
RANKS_SUMMED_MAX: Final = 1_000_000
"""Ranks whose shares are added up; of more, the rows that are measured tell."""
EXACT_TOLERANCE: Final = 0.001
"""How many values may be missing, or come twice, in the mean where a number is called exact."""


class DistinctCount(NamedTuple):
    """How many different values come, nulls apart."""

    number: int
    how: Literal["exact", "expected", "least"]
    """expected: the mean of what may come; least: counted in the first rows, others may follow."""


def distinct_from_declaration(
    declared: ValueGenerator, avro_type: AvroType, rows: int | None, nulls: float
) -> DistinctCount | None:
    """Return what the declaration tells of a stream of so many rows; None: it does not.

    `nulls` is the share of rows whose value is dropped.
    """
    space = declared.space(avro_type)
    if space is not None and declared.unique and declared.gives_null():
        if rows == space:  # null comes once, as every value does
            return _distinct_sequential(space - 1, space - 1, nulls)
        nulls += (1 - nulls) / space
    if space is not None and (declared.unique or isinstance(declared, SEQUENTIAL)):
        return _distinct_sequential(space, rows, nulls)
    if isinstance(declared, UNIFORM) and space is not None:
        return _distinct_random(1 / space, space, rows, nulls)
    shares = _declared_shares(declared, avro_type)
    return None if shares is None else distinct_from_shares(shares, rows, nulls)


def distinct_from_shares(
    shares: Sequence[float] | NDArray[Any], rows: int | None, nulls: float
) -> DistinctCount:
    """Return how many of the values with these shares come in so many rows."""
    held = np.asarray(shares, np.float64)
    held = held[held > 0]
    return _distinct_random(held, len(held), rows, nulls)


def count_distinct(column: pa.Array, *, whole: bool) -> DistinctCount:
    """Return how many different values a column has; `whole`: they are all of the stream."""
    try:
        count = int(pc.count_distinct(column, mode="only_valid").as_py())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        count = len({str(value) for value in column.to_pylist() if value is not None})
    return DistinctCount(count, "exact" if whole else "least")


def _distinct_sequential(space: int, rows: int | None, nulls: float) -> DistinctCount:
    if rows is None or not nulls:
        return DistinctCount(space if rows is None else min(space, rows), "exact")
    expected = rows * (1 - nulls) if rows <= space else space * (1 - nulls ** (rows / space))
    return DistinctCount(round(expected), "expected")


def _distinct_random(
    shares: float | NDArray[np.float64], values: int, rows: int | None, nulls: float
) -> DistinctCount:
    """Return the mean number of values that come: the sum of 1 - (1 - share) ** rows.

    `shares` are those of the `values`, one for all where they are equal.
    """
    if rows is None:
        return DistinctCount(values, "exact")
    each = values if isinstance(shares, float) else 1
    with np.errstate(divide="ignore"):  # a share of 1: its value comes
        come = -np.expm1(rows * np.log1p(-np.asarray(shares) * (1 - nulls)))
    expected = each * float(np.sum(come))
    if values - expected < EXACT_TOLERANCE:
        return DistinctCount(values, "exact")
    twice = each * float(np.sum(np.square(shares))) * rows * rows / 2
    if (
        not nulls
        and twice < EXACT_TOLERANCE
        and abs(float(np.sum(shares)) * each - 1) < EXACT_TOLERANCE / rows
    ):
        return DistinctCount(rows, "exact")
    return DistinctCount(round(expected), "expected")


def _declared_shares(
    declared: ValueGenerator, avro_type: AvroType
) -> Sequence[float] | NDArray[Any] | None:
    """Return the shares of all values, nulls apart; None: they are not told."""
    match declared:
        case ChoiceGenerator():
            return shares_of(declared.values, declared.weights, avro_type)
        case JointChoiceGenerator():
            return shares_of(declared.values, None, avro_type)
        case BooleanGenerator():
            return declared.true_share, 1 - declared.true_share
        case EnumSymbolGenerator():
            symbols = getattr(avro_type, "symbols")  # noqa: B009 - the kind is for enums alone
            return np.full(len(symbols), 1 / len(symbols))
        case ZipfDistribution() if not is_drawn(declared):
            ranks: Any = declared.max, declared.min, declared.exponent
            if ranks[0] - ranks[1] >= RANKS_SUMMED_MAX:
                return None
            weights = np.arange(1.0, ranks[0] - ranks[1] + 2) ** -float(ranks[2])
            return np.asarray(weights / weights.sum())
        case _:
            return None
