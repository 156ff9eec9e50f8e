"""Number of distinct values of a field, from its declaration or counted in measured rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.declaration import ValueGenerator


EXACT_TOLERANCE: Final = 0.001
"""Expected number of missing or repeated values up to which a number counts as exact."""


class DistinctCount(NamedTuple):
    """Number of distinct values, without null."""

    number: int
    how: Literal["exact", "expected", "at_least"]
    """expected: mean over all seeds; at_least: counted in the first rows, more may follow."""


def distinct_from_declaration(
    declared: ValueGenerator, avro_type: AvroType, rows: int | None, nulls: float
) -> DistinctCount | None:
    """Return the number for a stream of `rows` rows; None: the declaration does not determine it.

    `nulls` is the share of rows whose value is replaced by null.
    """
    space = declared.distinct_values(avro_type)
    if space is not None and declared.unique and declared.can_be_null():
        if rows == space:  # null occurs once, like every value
            return _distinct_sequential(space - 1, space - 1, nulls)
        nulls += (1 - nulls) / space
    if space is not None and (declared.unique or declared.sequential):
        return _distinct_sequential(space, rows, nulls)
    if declared.equally_likely and space is not None:
        return _distinct_random(1 / space, space, rows, nulls)
    shares = declared.probabilities(avro_type)
    return None if shares is None else distinct_from_shares(shares, rows, nulls)


def distinct_from_shares(
    shares: Sequence[float] | NDArray[Any], rows: int | None, nulls: float
) -> DistinctCount:
    """Return how many of the values with these shares occur in `rows` rows."""
    positive = np.asarray(shares, np.float64)
    positive = positive[positive > 0]
    return _distinct_random(positive, len(positive), rows, nulls)


def count_distinct(column: pa.Array, *, whole: bool) -> DistinctCount:
    """Count the distinct values of a column; `whole`: it contains all rows of the stream."""
    try:
        count = int(pc.count_distinct(column, mode="only_valid").as_py())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        count = len({str(value) for value in column.to_pylist() if value is not None})
    return DistinctCount(count, "exact" if whole else "at_least")


def _distinct_sequential(space: int, rows: int | None, nulls: float) -> DistinctCount:
    if rows is None or not nulls:
        return DistinctCount(space if rows is None else min(space, rows), "exact")
    expected = rows * (1 - nulls) if rows <= space else space * (1 - nulls ** (rows / space))
    return DistinctCount(round(expected), "expected")


def _distinct_random(
    shares: float | NDArray[np.float64], values: int, rows: int | None, nulls: float
) -> DistinctCount:
    """Return the expected number of values that occur: the sum of 1 - (1 - share) ** rows.

    `shares` are those of the `values`; a number if they are all equal.
    """
    if rows is None:
        return DistinctCount(values, "exact")
    each = values if isinstance(shares, float) else 1
    with np.errstate(divide="ignore"):  # a share of 1: the value always occurs
        occurring = -np.expm1(rows * np.log1p(-np.asarray(shares) * (1 - nulls)))
    expected = each * float(np.sum(occurring))
    if values - expected < EXACT_TOLERANCE:
        return DistinctCount(values, "exact")
    repeated = each * float(np.sum(np.square(shares))) * rows * rows / 2
    if (
        not nulls
        and repeated < EXACT_TOLERANCE
        and abs(float(np.sum(shares)) * each - 1) < EXACT_TOLERANCE / rows
    ):
        return DistinctCount(rows, "exact")
    return DistinctCount(round(expected), "expected")
