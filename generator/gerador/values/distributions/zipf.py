"""The Zipf distribution of ranks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np

from gerador.avro.schema import type_category
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import Limit
from gerador.values.distributions.base import DistributionColumn
from gerador.values.index_sampling import AliasTable
from gerador.values.number_parameter_errors import limit_errors, order_errors
from gerador.values.number_parameters import (
    Distribution,
    Interval,
    Number,
    bind_parameters,
    constant_value,
    has_random_parameter,
    interval_of,
    per_item,
)
from gerador.values.number_ranges import type_bounds
from gerador.values.quantization import steps_to_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget
    from gerador.values.distributions.quantile_sampler import F64
    from gerador.values.number_parameters import Parameter, RngSource


RANKS_MAX: Final = 10_000_000
RANKS_SUMMED_MAX: Final = 1_000_000
"""Maximum ranks of `ZipfDistribution.probabilities`."""
EXPONENT_MAX: Final = 20
TABLES_CACHED: Final = 8
"""Alias tables that stay in memory, for fields with the same parameters."""


class ZipfDistribution(Distribution):
    """Ranks `min` to `max`, where rank k (from 1) has the weight k ** -exponent.

    With constant parameters, fields with the same ones share a table of 8 bytes per rank. With a
    random parameter, no table is needed; random bounds are rounded. Probabilities are exact.
    """

    main_parameter: ClassVar[str | None] = "exponent"
    unitless: ClassVar[frozenset[str]] = frozenset({"exponent"})
    kind: Literal["zipf"] = "zipf"
    exponent: Number
    """Exponent, 0 to 20: with 0 all ranks are equally likely, larger ones prefer the first."""
    min: Number = 1
    """First rank, the most likely one."""
    max: Number
    """Last rank, inclusive; at most 10,000,000 ranks."""

    def default_type(self) -> Any:
        """Return long."""
        return "long"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of the exponent, and of ranks that are invalid or do not fit the type."""
        yield from limit_errors(self, self.parameter_limits(avro_type))
        for name in ("min", "max"):
            bound = constant_value(getattr(self, name))
            if bound is not None and bound % 1:
                yield name, f"{name} is {bound} but ranks are integers"
        low, high = self.interval()
        type_min, type_max = type_bounds(avro_type)
        if low > high:
            yield "min", f"min {low:.15g} is above max {high:.15g}"
        elif high - low >= RANKS_MAX:
            yield "max", f"{high - low + 1:,.15g} ranks exceed the maximum of {RANKS_MAX:,}"
        elif not (type_min <= low and high <= type_max):
            category = type_category(avro_type)
            yield "max", f"ranks {low:.15g} to {high:.15g} do not fit {category!r}"
        else:
            yield from order_errors(self, "min", "max")

    def parameter_limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return the limits of the exponent; `errors` checks the ranks."""
        del avro_type
        return {"exponent": Limit(0, EXPONENT_MAX)}

    def interval(self) -> Interval:
        """Return the first and the last rank."""
        return Interval(interval_of(self.min).low, interval_of(self.max).high)

    def probabilities(self, avro_type: AvroType) -> F64 | None:  # noqa: ARG002
        """Return the probability of each rank; None: unknown, or over RANKS_SUMMED_MAX ranks."""
        numbers: Any = self.exponent, self.min, self.max
        if has_random_parameter(self) or numbers[2] - numbers[1] >= RANKS_SUMMED_MAX:
            return None
        weights = np.arange(1.0, numbers[2] - numbers[1] + 2) ** -float(numbers[0])
        return np.asarray(weights / weights.sum())

    def column(
        self, context: BuildContext, target: ColumnTarget
    ) -> RankColumn | DistributionColumn:
        """Return the column of the ranks."""
        if has_random_parameter(self):
            sampler = self.sampler(context, target.path)
            return DistributionColumn(target.path, target.type, sampler, 0)
        return RankColumn(target.path, target.type, *self._table())

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:  # noqa: ARG002
        """Return the sampler: an alias table, or rejection sampling for random parameters."""
        if has_random_parameter(self):
            parameters = bind_parameters(context, path, self, "exponent", "min", "max")
            return ZipfRejectionSampler(path, *parameters)
        first, weights = self._table()
        return lambda source, positions: (
            first + weights.index(source.rng(path), len(positions)).astype(np.float64)
        )

    def _table(self) -> tuple[int, AliasTable]:
        """Return the first rank and the weights. All parameters are constants."""
        numbers: Any = self.exponent, self.min, self.max
        exponent, first, last = float(numbers[0]), int(numbers[1]), int(numbers[2])
        return first, zipf_alias_table(exponent, last - first + 1)


@lru_cache(maxsize=TABLES_CACHED)
def zipf_alias_table(exponent: float, ranks: int) -> AliasTable:
    """Return the alias table of the weights rank ** -exponent of ranks 1 to `ranks`.

    Cost: about 120 ns per rank at the first call for these arguments.
    """
    from gerador.values.kernels.alias_table import rank_weights  # noqa: PLC0415 - loads numba

    weights = np.empty(ranks)
    rank_weights(exponent, weights)
    return AliasTable.of(weights)


@dataclass(frozen=True, slots=True)
class ZipfRejectionSampler:
    """Samples ranks with an exponent and bounds per item; bounds are rounded."""

    path: str
    exponent: Parameter
    low: Parameter
    high: Parameter

    def __call__(self, source: RngSource, positions: Positions) -> F64:
        """Return (items,) float64. Cost: about 150 ns per item."""
        from gerador.values.kernels.zipf import zipf_ranks  # noqa: PLC0415 - loads numba

        low = np.rint(self.low(source, positions))
        counts = np.clip(np.rint(self.high(source, positions)) - low + 1.0, 1.0, float(RANKS_MAX))
        exponents = np.clip(self.exponent(source, positions), 0.0, float(EXPONENT_MAX))
        words = source.rng(self.path).words(len(positions))
        ranks = np.empty(len(positions))
        zipf_ranks(words, per_item(exponents, positions), per_item(counts, positions), ranks)
        return np.asarray(low + ranks - 1.0)


@dataclass(frozen=True, slots=True)
class RankColumn(BaseColumn):
    """Integers from `low` on, by weight."""

    low: int
    weights: AliasTable

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers."""
        ranks = self.weights.index(block.rng(self.path), len(positions))
        return steps_to_array(self.low + ranks, 0, self.type)
