"""Zipf's distribution of ranks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np

from gerador.avro.schema import type_category
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import Limit
from gerador.values.distributions.base import DistributionColumn
from gerador.values.number_ranges import type_bounds
from gerador.values.parameters import (
    Distribution,
    Interval,
    Number,
    bind_parameters,
    constant_value,
    interval_of,
    is_drawn,
    limit_errors,
    order_errors,
    per_item,
)
from gerador.values.quantization import steps_to_array
from gerador.values.sampling import AliasTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget
    from gerador.values.distributions.base import F64
    from gerador.values.parameters import Parameter, RngSource


RANKS_MAX: Final = 10_000_000
RANKS_SUMMED_MAX: Final = 1_000_000
"""Ranks whose probabilities are computed one by one."""
ZIPF_EXPONENT_MAX: Final = 20


class ZipfDistribution(Distribution):
    """Ranks `min` to `max`: rank k (from 1) has a weight of k ** -exponent.

    At most 10,000,000 ranks; with constant parameters their table takes 8 bytes a rank, and is
    shared between fields. Where a parameter is drawn there is no table, and shares are exact all
    the same; ends that are drawn are rounded.
    """

    main_parameter: ClassVar[str | None] = "exponent"
    kind: Literal["zipf"] = "zipf"
    exponent: Number
    """The exponent, 0 to 20: 0 makes all ranks equally likely, more prefers the first."""
    min: Number = 1
    """The first rank, which comes most."""
    max: Number
    """The last rank, included; 10,000,000 ranks at most."""

    def default_type(self) -> Any:
        """Return long."""
        return "long"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield ranks that make no sense, or that the type does not hold."""
        yield from limit_errors(self, {"exponent": Limit(0, ZIPF_EXPONENT_MAX)})
        odd = [n for n in ("min", "max") if (end := constant_value(getattr(self, n))) and end % 1]
        yield from ((n, f"{n} {getattr(self, n)}; ranks are whole numbers") for n in odd)
        (low, _), (_, high) = interval_of(self.min), interval_of(self.max)
        least, most = type_bounds(avro_type)
        if low > high:
            yield "min", f"range {low:.15g} to {high:.15g}; give the smaller first"
        elif high - low >= RANKS_MAX:
            yield "max", f"{high - low + 1:,.15g} ranks; give {RANKS_MAX:,} at most"
        elif not (least <= low and high <= most):
            text = f"range {low:.15g} to {high:.15g} does not fit {type_category(avro_type)!r}"
            yield "max", text
        else:
            yield from order_errors(self, "min", "max")

    def parameter_limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return the limits of the exponent; those of the ends are told together."""
        del avro_type
        return {"exponent": Limit(0, ZIPF_EXPONENT_MAX)}

    def interval(self) -> Interval:
        """Return the ranks."""
        return Interval(interval_of(self.min).low, interval_of(self.max).high)

    def probabilities(self, avro_type: AvroType) -> F64 | None:  # noqa: ARG002
        """Return the probability of each rank; None: unknown, or over a million ranks."""
        numbers: Any = self.exponent, self.min, self.max
        if is_drawn(self) or numbers[2] - numbers[1] >= RANKS_SUMMED_MAX:
            return None
        weights = np.arange(1.0, numbers[2] - numbers[1] + 2) ** -float(numbers[0])
        return np.asarray(weights / weights.sum())

    def column(
        self, context: BuildContext, target: ColumnTarget
    ) -> RankColumn | DistributionColumn:
        """Return the column of the field."""
        if is_drawn(self):
            return DistributionColumn(
                target.path, target.type, self.sampler(context, target.path), 0
            )
        return RankColumn(target.path, target.type, *rank_table(self))

    def sampler(self, context: BuildContext, path: str, half: float = 0.0) -> Parameter:  # noqa: ARG002
        """Return ranks by weight."""
        if is_drawn(self):
            parameters = bind_parameters(context, path, self, "exponent", "min", "max")
            return DrawnZipfSampler(path, *parameters)
        first, weights = rank_table(self)
        return lambda block, positions: (
            first + weights.index(block.rng(path), len(positions)).astype(np.float64)
        )


ZIPF_TABLES_KEPT: Final = 8
"""Tables of ranks that stay in memory, for fields that have the same law."""


def rank_table(declared: ZipfDistribution) -> tuple[int, AliasTable]:
    """Return the first rank of a declaration whose parameters are constant, and the tables."""
    numbers: Any = declared.exponent, declared.min, declared.max
    exponent, first, last = float(numbers[0]), int(numbers[1]), int(numbers[2])
    return first, zipf_alias_table(exponent, last - first + 1)


@lru_cache(maxsize=ZIPF_TABLES_KEPT)
def zipf_alias_table(exponent: float, ranks: int) -> AliasTable:
    """Return the tables of ranks 1 to `ranks` (as indices 0 on) with weights rank ** -exponent.

    Cost: about 120 ns a rank at the first call for these two numbers.
    """
    from gerador.values.kernels.alias_table import rank_weights  # noqa: PLC0415 - as above

    weights = np.empty(ranks)
    rank_weights(exponent, weights)
    return AliasTable.of(weights)


@dataclass(frozen=True, slots=True)
class DrawnZipfSampler:
    """Whole numbers from `low` to `high`, both rounded, by Zipf's law."""

    path: str
    exponent: Parameter
    low: Parameter
    high: Parameter

    def __call__(self, block: RngSource, positions: Positions) -> F64:
        """Return (items,) float64. Cost: about 150 ns an item."""
        from gerador.values.kernels.zipf import zipf_ranks  # noqa: PLC0415 - compiled

        low = np.rint(self.low(block, positions))
        counts = per_item(
            np.clip(np.rint(self.high(block, positions)) - low + 1.0, 1.0, float(RANKS_MAX)),
            positions,
        )
        exponents = per_item(
            np.clip(self.exponent(block, positions), 0.0, float(ZIPF_EXPONENT_MAX)), positions
        )
        ranks = np.empty(len(positions))
        zipf_ranks(block.rng(self.path).words(len(positions)), exponents, counts, ranks)
        return np.asarray(low + ranks - 1.0)


@dataclass(frozen=True, slots=True)
class RankColumn(BaseColumn):
    """Whole numbers from `low` on by weight."""

    low: int
    weights: AliasTable

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers."""
        return steps_to_array(
            self.low + self.weights.index(block.rng(self.path), len(positions)), 0, self.type
        )
