"""Columns of state machines: the state that a key is in, simulated from its last restart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Leaf, Positions, from_numpy
from gerador.events.columns.steps import Stepping, stepping
from gerador.events.seeds import hashed
from gerador.scenario.avro import Enum
from gerador.scenario.fields import (
    ExponentialField,
    PoissonField,
    StatesField,
    UniformField,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place
    from gerador.scenario.fields import Number
    from gerador.scenario.fields.keyed import State


@dataclass(frozen=True, slots=True)
class Machine:
    """The tables of a machine, see `kernels.states`; `start` is the place of its first state."""

    start: int
    dwells: NDArray[np.float64]
    follows: NDArray[np.float64]
    leads_on: NDArray[np.float64]

    @property
    def restart(self) -> int:
        """Steps after which it begins again."""
        return self.dwells.shape[1]


@dataclass(frozen=True, slots=True)
class States(Leaf):
    """States by name, as a dictionary over `names`; `symbols` are their places in it."""

    stepping: Stepping
    machine: Machine
    names: pa.StringArray
    symbols: NDArray[np.int32]

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return a dictionary array; every block shares the entries."""
        from gerador.events.kernels.states import states_at  # noqa: PLC0415

        key, step = self.stepping(block, at)
        machine = self.machine
        machines = hashed(block.seeds.key(self.path), key, step // machine.restart)
        found = np.empty(len(at), np.int32)
        states_at(
            machines,
            step % machine.restart,
            machine.start,
            machine.dwells,
            machine.follows,
            machine.leads_on,
            found,
        )
        indices = from_numpy(self.symbols[found], pa.int32())
        # Every index is a state's place: no second look at each.
        return pa.DictionaryArray.from_arrays(indices, self.names, safe=False)


def machine_of(declared: StatesField) -> Machine:
    """Return the tables of a declared machine. Cost: O(states · (states + restart))."""
    names = list(declared.states)
    rows = declared.states.values()
    dwells = np.stack([dwell_shares(state.lasts, declared.restart) for state in rows])
    follows = np.stack([_follow_shares(state, names) for state in rows])
    leads_on = np.array([float(bool(state.to)) for state in rows])
    start = 0 if declared.start is None else names.index(declared.start)
    return Machine(start, dwells, follows, leads_on)


def dwell_shares(lasts: Number, steps: int) -> NDArray[np.float64]:
    """Return how likely a state lasts at most 1, 2, … `steps` steps, (steps,) float64.

    What is drawn is rounded to whole steps, of which there is at least one.
    """
    upto = np.arange(1, steps + 1, dtype=np.float64) + 0.5
    share = _SHARES.get(type(lasts))
    if share is None:
        return np.where(float(lasts) < upto, 1.0, 0.0)  # type: ignore[arg-type]
    return share(lasts, upto)


def _uniform_shares(lasts: Any, upto: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the places from `min` to `max`, both included, that lie below."""
    size = lasts.step or 1 / 10.0**lasts.places
    places = math.floor((lasts.max - lasts.min) / size + _SLACK) + 1
    return np.clip(np.ceil((upto - lasts.min) / size - _SLACK) / places, 0.0, 1.0)


def _poisson_shares(lasts: Any, upto: NDArray[np.float64]) -> NDArray[np.float64]:
    from gerador.events.columns.tabled import poisson_table  # noqa: PLC0415 - likewise

    first, shares = poisson_table(float(lasts.mean), lasts.min, lasts.max)
    counts = np.arange(1, len(upto) + 1) - int(first)
    return np.where(counts < 0, 0.0, shares[np.clip(counts, 0, len(shares) - 1)])


def _exponential_shares(lasts: Any, upto: NDArray[np.float64]) -> NDArray[np.float64]:
    from gerador.events.kernels.elementary import exponentials  # noqa: PLC0415 - compiled

    if not lasts.mean:
        return np.ones(len(upto))
    ends = 0.0 if lasts.min is None else lasts.min, math.inf if lasts.max is None else lasts.max
    longer = np.concatenate([ends, upto]) / -lasts.mean
    exponentials(longer, longer)
    shares = 1.0 - longer
    cut = (shares[2:] - shares[0]) / (shares[1] - shares[0])  # as `laws` cut out a range
    return np.clip(cut, 0.0, 1.0)


_SLACK: Final = 1e-9
"""What divisions of decimal steps may be off by."""
_SHARES: Final[Mapping[type, Callable[[Any, NDArray[np.float64]], NDArray[np.float64]]]] = {
    UniformField: _uniform_shares,
    PoissonField: _poisson_shares,
    ExponentialField: _exponential_shares,
}


def _follow_shares(state: State, names: list[str]) -> NDArray[np.float64]:
    """Return how likely each state, or one before it, follows, (states,) float64."""
    weights = np.array([state.to.get(name, 0.0) for name in names])
    if not state.to:
        return weights
    shares = np.cumsum(weights) / math.fsum(weights)
    shares[np.flatnonzero(weights)[-1] :] = 1.0  # whatever additions lost
    return shares


def _states(making: Making, place: Place, declared: StatesField) -> States:
    names, kind = list(declared.states), pa.dictionary(pa.int32(), pa.string())
    entries = place.avro_type.symbols if isinstance(place.avro_type, Enum) else names
    symbols = np.array([entries.index(name) for name in names], np.int32)
    steps = stepping(making, place.path, declared)
    machine = machine_of(declared)
    return States(place.path, kind, steps, machine, pa.array(entries, pa.string()), symbols)


MAKERS: Final[Mapping[type, Make]] = {StatesField: _states}
