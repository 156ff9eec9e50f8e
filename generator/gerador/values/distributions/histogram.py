"""Empirical distributions: a histogram of bins and weights."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

import numpy as np
from pydantic import Field, Strict

from gerador.values.distributions.base import TruncatedDistribution
from gerador.values.distributions.quantile_sampler import F64, quantile_sampler
from gerador.values.index_sampling import weight_errors
from gerador.values.number_parameters import Interval
from gerador.values.number_ranges import NUMBER_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType
    from gerador.values.column import BuildContext
    from gerador.values.number_parameters import Parameter


BINS_MAX: Final = 65_536


class HistogramDistribution(TruncatedDistribution):
    """Values of a histogram: bin k, from `edges` k to k + 1, has the weight k of `weights`.

    Within a bin, values are equally likely. `edges` and `weights` are constants.
    """

    unitless: ClassVar[frozenset[str]] = frozenset({"weights"})
    kind: Literal["histogram"] = "histogram"
    edges: Annotated[tuple[float, ...], Strict(False), Field(min_length=2, max_length=BINS_MAX + 1)]
    """Edges of the bins, ascending: one more than weights."""
    weights: Annotated[tuple[float, ...], Strict(False), Field(min_length=1, max_length=BINS_MAX)]
    """Weights of the bins, finite and 0 or more, such as counts of measured values."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of edges and weights, and then those of other distributions."""
        errors = list(self._histogram_errors())
        yield from errors or super().errors(avro_type)

    def _histogram_errors(self) -> Iterator[tuple[str, str]]:
        if len(self.weights) != len(self.edges) - 1:
            counts = f"{len(self.weights)} weights for {len(self.edges)} edges"
            yield "weights", f"{counts}; give one edge more than weights"
        yield from (("weights", text) for text in weight_errors(self.weights))
        for low, high in pairwise(self.edges):
            if not low < high:
                yield "edges", f"edge {high:g} is not above {low:g}; sort the edges"
        for edge in self.edges[:: max(1, len(self.edges) - 1)]:
            if abs(edge) > NUMBER_MAX:
                yield "edges", f"edge {edge:g} is outside [-{NUMBER_MAX:g}, {NUMBER_MAX:g}]"

    def approximate_mean(self) -> float:
        """Return the mean."""
        middles = [(low + high) / 2 for low, high in pairwise(self.edges)]
        total = math.fsum(self.weights)
        return math.fsum(m * w for m, w in zip(middles, self.weights, strict=True)) / total

    def _interval(self, *, truncated: bool) -> Interval:  # noqa: ARG002
        return Interval(self.edges[0], self.edges[-1])

    def _probability(self, low: float, high: float) -> float:
        below = np.interp([low, high], self.edges, _cumulative(self.weights))
        return float(below[1] - below[0])

    def sampler(self, context: BuildContext, path: str, half_step: float = 0.0) -> Parameter:
        """Return the sampler: inversion."""
        edges, cumulative = np.array(self.edges), _cumulative(self.weights)

        def quantile(units: F64) -> F64:
            index = np.searchsorted(cumulative, units, "right") - 1
            start, end = cumulative[index], cumulative[index + 1]
            share = (units - start) / (end - start)
            low = edges[index]
            return np.minimum(low + share * (edges[index + 1] - low), edges[index + 1])

        return quantile_sampler(context, path, self, quantile, half_step)


def _cumulative(weights: tuple[float, ...]) -> F64:
    """Return the probability below each edge, (edges,) float64 from 0 to 1."""
    cumulative = np.concatenate([[0.0], np.cumsum(weights) / math.fsum(weights)])
    last = int(np.flatnonzero(weights)[-1]) + 1
    cumulative[last:] = 1.0  # rounding errors of the sums
    return cumulative
