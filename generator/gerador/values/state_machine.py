"""State machines per key, simulated from their last restart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from gerador.avro.schema import Enum, type_category
from gerador.errors import did_you_mean
from gerador.randomness import hash_ids
from gerador.values.arrow_arrays import fixed_width_array
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import DeclarationPart, ValueGenerator
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.parameters import DOUBLE_TYPE, Number
from gerador.values.per_key import KeyStepper, PerKeyGenerator, key_stepper
from gerador.values.sampling import are_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


DURATION_DISTRIBUTIONS: Final = (UniformDistribution, PoissonDistribution, ExponentialDistribution)
"""Distributions that a state may last."""


class State(DeclarationPart):
    """One state: what follows with which weights, and how many steps it lasts, at least one."""

    to: dict[str, float] = Field(default_factory=dict)
    """States that follow, with their weights; after one without any the machine begins again."""
    lasts: Number = 1
    """How many steps it lasts, 1 or more, or uniform, poisson or exponential."""


class StateMachineGenerator(PerKeyGenerator):
    """A state machine of each key: the name of the state that the key is in.

    A machine begins in `start` (the first one that stands there), and begins again behind a
    state that nothing follows, and after `restart` steps at the latest.
    """

    types: ClassVar[frozenset[str]] = frozenset({"string", "enum"})
    main_parameter: ClassVar[str | None] = "states"
    main_is_mapping: ClassVar[bool] = True
    kind: Literal["states"] = "states"
    states: Annotated[dict[str, State], Field(min_length=1, max_length=256)]
    """The states by name: {to: {next: weight}, lasts: 3}."""
    start: str | None = None
    """The state that it begins in; the first one when not said."""
    restart: Annotated[int, Field(ge=1, le=4_096)] = 64
    """Steps after which it begins again at the latest."""

    def default_type(self) -> Any:
        """Return string."""
        return "string"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield states that do not exist, weights and lengths that make no sense."""
        if self.start is not None and self.start not in self.states:
            yield "start", self._no_state(self.start)
        for name, state in self.states.items():
            yield from ((f"states.{name}.to", text) for text in self._about_weights(state))
            yield from ((f"states.{name}.lasts", text) for text in _duration_errors(state.lasts))
        if type_category(avro_type) == "enum":
            yield from _symbol_errors(self.states, avro_type)  # type: ignore[arg-type]

    def _about_weights(self, state: State) -> Iterator[str]:
        yield from (self._no_state(to) for to in state.to if to not in self.states)
        if state.to and not are_weights(state.to.values()):
            yield f"weights {state.to} must be finite and 0 or more, at least one above 0"

    def _no_state(self, name: str) -> str:
        hint = did_you_mean(name, self.states, f"states: {_format_names(self.states)}")
        return f"no state {name!r}{hint}"

    def column(self, context: BuildContext, target: ColumnTarget) -> StateMachineColumn:
        """Return the column of the field."""
        names, kind = list(self.states), pa.dictionary(pa.int32(), pa.string())
        entries = target.avro_type.symbols if isinstance(target.avro_type, Enum) else names
        symbols = np.array([entries.index(name) for name in names], np.int32)
        steps = key_stepper(context, target.path, self)
        machine = transition_tables(self)
        return StateMachineColumn(
            target.path, kind, steps, machine, pa.array(entries, pa.string()), symbols
        )


def _duration_errors(lasts: Number) -> Iterator[str]:
    if not isinstance(lasts, ValueGenerator):
        if lasts < 1:
            yield f"lasts {lasts} steps; give 1 or more"
    elif not isinstance(lasts, DURATION_DISTRIBUTIONS):
        kinds = ", ".join(kind.model_fields["kind"].default for kind in DURATION_DISTRIBUTIONS)
        yield f"lasts of kind {lasts.kind!r}; give a number, or one of {kinds}"
    elif any(isinstance(getattr(lasts, name), ValueGenerator) for name in type(lasts).model_fields):
        yield f"lasts of kind {lasts.kind!r} with a drawn parameter; give numbers"
    else:
        yield from (f"lasts: {text}" for _, text in lasts.errors(DOUBLE_TYPE))


def _symbol_errors(states: Collection[str], enum: Enum) -> Iterator[tuple[str, str]]:
    for name in states:
        if name not in enum.symbols:
            hint = did_you_mean(name, enum.symbols)
            yield f"states.{name}", f"{name!r} is no symbol of {enum.name!r}{hint}"


def _format_names(states: Collection[str]) -> str:
    return ", ".join(list(states)[:10]) + (", …" if len(states) > 10 else "")


@dataclass(frozen=True, slots=True)
class TransitionTables:
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
class StateMachineColumn(BaseColumn):
    """States by name, as a dictionary over `names`; `symbols` are their places in it."""

    stepping: KeyStepper
    machine: TransitionTables
    names: pa.StringArray
    symbols: NDArray[np.int32]

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return a dictionary array; every block shares the entries."""
        from gerador.values.kernels.state_machine import states_at  # noqa: PLC0415

        key, step = self.stepping(block, positions)
        machine = self.machine
        machines = hash_ids(block.seeds.key(self.path), key, step // machine.restart)
        found = np.empty(len(positions), np.int32)
        states_at(
            machines,
            step % machine.restart,
            machine.start,
            machine.dwells,
            machine.follows,
            machine.leads_on,
            found,
        )
        indices = fixed_width_array(self.symbols[found], pa.int32())
        # Every index is a state's place: no second look at each.
        return pa.DictionaryArray.from_arrays(indices, self.names, safe=False)


def transition_tables(declared: StateMachineGenerator) -> TransitionTables:
    """Return the tables of a declared machine. Cost: O(states · (states + restart))."""
    names = list(declared.states)
    rows = declared.states.values()
    dwells = np.stack([duration_probabilities(state.lasts, declared.restart) for state in rows])
    follows = np.stack([_transition_probabilities(state, names) for state in rows])
    leads_on = np.array([float(bool(state.to)) for state in rows])
    start = 0 if declared.start is None else names.index(declared.start)
    return TransitionTables(start, dwells, follows, leads_on)


def duration_probabilities(lasts: Number, steps: int) -> NDArray[np.float64]:
    """Return how likely a state lasts at most 1, 2, … `steps` steps, (steps,) float64.

    What is drawn is rounded to whole steps, of which there is at least one.
    """
    upto = np.arange(1, steps + 1, dtype=np.float64) + 0.5
    share = _DURATIONS.get(type(lasts))
    if share is None:
        return np.where(float(lasts) < upto, 1.0, 0.0)  # type: ignore[arg-type]
    return share(lasts, upto)


def _uniform_durations(lasts: Any, upto: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the places from `min` to `max`, both included, that lie below."""
    size = lasts.step or 1 / 10.0**lasts.decimal_places
    places = math.floor((lasts.max - lasts.min) / size + _SLACK) + 1
    return np.clip(np.ceil((upto - lasts.min) / size - _SLACK) / places, 0.0, 1.0)


def _poisson_durations(lasts: Any, upto: NDArray[np.float64]) -> NDArray[np.float64]:
    from gerador.values.distributions.poisson import poisson_table  # noqa: PLC0415 - likewise

    first, shares = poisson_table(float(lasts.mean), lasts.min, lasts.max)
    counts = np.arange(1, len(upto) + 1) - int(first)
    return np.where(counts < 0, 0.0, shares[np.clip(counts, 0, len(shares) - 1)])


def _exponential_durations(lasts: Any, upto: NDArray[np.float64]) -> NDArray[np.float64]:
    from gerador.values.kernels.exp_log import exponentials  # noqa: PLC0415 - compiled

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
_DURATIONS: Final[Mapping[type, Callable[[Any, NDArray[np.float64]], NDArray[np.float64]]]] = {
    UniformDistribution: _uniform_durations,
    PoissonDistribution: _poisson_durations,
    ExponentialDistribution: _exponential_durations,
}


def _transition_probabilities(state: State, names: list[str]) -> NDArray[np.float64]:
    """Return how likely each state, or one before it, follows, (states,) float64."""
    weights = np.array([state.to.get(name, 0.0) for name in names])
    if not state.to:
        return weights
    shares = np.cumsum(weights) / math.fsum(weights)
    shares[np.flatnonzero(weights)[-1] :] = 1.0  # whatever additions lost
    return shares
