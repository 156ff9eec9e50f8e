"""How many steps the states of a state machine last: valid declarations and probabilities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.poisson import PoissonDistribution, poisson_table
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.number_parameters import DOUBLE_TYPE, Distribution, has_random_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from gerador.values.number_parameters import Number


def duration_errors(duration: Number) -> Iterator[str]:
    """Yield errors of the duration of a state."""
    if not isinstance(duration, Distribution):
        if duration < 1:
            yield f"steps is {duration} but must be 1 or more"
    elif type(duration) not in _PROBABILITIES:
        kinds = ", ".join(d.model_fields["kind"].default for d in _PROBABILITIES)
        yield f"steps is of kind {duration.kind!r}; expected a number or one of {kinds}"
    elif has_random_parameter(duration):
        yield f"steps is of kind {duration.kind!r} with a random parameter; use constants"
    else:
        yield from (f"steps: {message}" for _, message in duration.errors(DOUBLE_TYPE))


def duration_probabilities(duration: Number, steps: int) -> NDArray[np.float64]:
    """Return the probability that a state lasts at most 1, 2, … `steps` steps, (steps,) float64.

    Durations are rounded to integers, at least 1.
    """
    ends = np.arange(1, steps + 1, dtype=np.float64) + 0.5
    if isinstance(duration, int | float):
        return np.where(float(duration) < ends, 1.0, 0.0)
    return _PROBABILITIES[type(duration)](duration, ends)


def _uniform_probabilities(duration: Any, ends: NDArray[np.float64]) -> NDArray[np.float64]:
    step = duration.step or 1 / 10.0**duration.decimal_places
    values = math.floor((duration.max - duration.min) / step + STEP_TOLERANCE) + 1
    return np.clip(np.ceil((ends - duration.min) / step - STEP_TOLERANCE) / values, 0.0, 1.0)


def _poisson_probabilities(duration: Any, ends: NDArray[np.float64]) -> NDArray[np.float64]:
    first, cumulative = poisson_table(float(duration.mean), duration.min, duration.max)
    index = np.arange(1, len(ends) + 1) - int(first)
    return np.where(index < 0, 0.0, cumulative[np.clip(index, 0, len(cumulative) - 1)])


def _exponential_probabilities(duration: Any, ends: NDArray[np.float64]) -> NDArray[np.float64]:
    from gerador.values.kernels.exp_log import exponentials  # noqa: PLC0415 - loads numba

    if not duration.mean:
        return np.ones(len(ends))
    low = 0.0 if duration.min is None else duration.min
    high = math.inf if duration.max is None else duration.max
    tails = np.concatenate([[low, high], ends]) / -duration.mean
    exponentials(tails, tails)
    cumulative = 1.0 - tails
    below_low, below_high, below_ends = cumulative[0], cumulative[1], cumulative[2:]
    return np.clip((below_ends - below_low) / (below_high - below_low), 0.0, 1.0)


STEP_TOLERANCE: Final = 1e-9
"""Rounding error of ranges divided by steps."""
_Probabilities: TypeAlias = "Callable[[Any, NDArray[np.float64]], NDArray[np.float64]]"
_PROBABILITIES: Final[Mapping[type[Distribution], _Probabilities]] = {
    UniformDistribution: _uniform_probabilities,
    PoissonDistribution: _poisson_probabilities,
    ExponentialDistribution: _exponential_probabilities,
}
