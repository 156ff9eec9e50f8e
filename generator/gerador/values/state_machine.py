"""State machines per key, simulated from their last restart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from gerador.avro.schema import Enum
from gerador.errors import did_you_mean
from gerador.randomness import hash_ids
from gerador.values.arrow_arrays import fixed_width_array
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import DeclarationPart
from gerador.values.index_sampling import weight_errors
from gerador.values.number_parameters import Number
from gerador.values.per_key_state import KeyStepper, PerKeyGenerator, key_stepper
from gerador.values.state_durations import duration_errors, duration_probabilities

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


class State(DeclarationPart):
    """A state: its transitions and its duration."""

    to: dict[str, float] = Field(default_factory=dict)
    """Next states and their weights. After a state without any, the machine restarts."""
    steps: Number = 1
    """Duration in steps, 1 or more: a number, uniform, poisson or exponential."""


class StateMachineGenerator(PerKeyGenerator):
    """The state of a state machine per key.

    A machine starts in `start`. It restarts after a state without transitions, and after
    `max_steps` steps. With `every`, each key first stays in `start` for a random part of its
    machine's mean cycle, so that keys change at different times.
    """

    types: ClassVar[frozenset[str]] = frozenset({"string", "enum"})
    main_parameter: ClassVar[str | None] = "states"
    main_is_mapping: ClassVar[bool] = True
    kind: Literal["state_machine"] = "state_machine"
    states: Annotated[dict[str, State], Field(min_length=1, max_length=256)]
    """The states by name: {to: {next: weight}, steps: 3}."""
    start: str | None = None
    """The initial state. Default: the first one."""
    max_steps: Annotated[int, Field(ge=1, le=4_096)] = 64
    """Maximum steps until the machine restarts."""

    def default_type(self) -> Any:
        """Return string."""
        return "string"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of unknown states, weights, durations, and names that are not symbols."""
        if self.start is not None and self.start not in self.states:
            yield "start", self._unknown_state(self.start)
        for name, state in self.states.items():
            yield from ((f"states.{name}.to", text) for text in self._transition_errors(state))
            yield from ((f"states.{name}.steps", text) for text in duration_errors(state.steps))
        if isinstance(avro_type, Enum):
            yield from _symbol_errors(self.states, avro_type)

    def _transition_errors(self, state: State) -> Iterator[str]:
        yield from (self._unknown_state(to) for to in state.to if to not in self.states)
        if state.to:
            yield from weight_errors(state.to.values())

    def _unknown_state(self, name: str) -> str:
        names = ", ".join(list(self.states)[:10]) + (", …" if len(self.states) > 10 else "")
        return f"unknown state {name!r}{did_you_mean(name, self.states, f'states: {names}')}"

    def column(self, context: BuildContext, target: ColumnTarget) -> StateMachineColumn:
        """Return the column of the states."""
        names, data_type = list(self.states), pa.dictionary(pa.int32(), pa.string())
        entries = target.avro_type.symbols if isinstance(target.avro_type, Enum) else names
        entry_of_state = np.array([entries.index(name) for name in names], np.int32)
        tables = transition_tables(self)
        return StateMachineColumn(
            target.path,
            data_type,
            key_stepper(context, target.path, self, cycle_steps=mean_cycle_steps(tables)),
            tables,
            pa.array(entries, pa.string()),
            entry_of_state,
        )


def _symbol_errors(states: Collection[str], enum: Enum) -> Iterator[tuple[str, str]]:
    for name in states:
        if name not in enum.symbols:
            hint = did_you_mean(name, enum.symbols)
            yield f"states.{name}", f"{name!r} is not a symbol of {enum.name!r}{hint}"


@dataclass(frozen=True, slots=True)
class TransitionTables:
    """The tables of a machine, see `kernels.state_machine`; `start` is its initial state."""

    start: int
    durations: NDArray[np.float64]
    transitions: NDArray[np.float64]
    has_successor: NDArray[np.float64]

    @property
    def max_steps(self) -> int:
        """Maximum steps until the machine restarts."""
        return self.durations.shape[1]


@dataclass(frozen=True, slots=True)
class StateMachineColumn(BaseColumn):
    """States as a dictionary of `entries`; `entry_of_state` are their indices, (states,) int32."""

    stepper: KeyStepper
    tables: TransitionTables
    entries: pa.StringArray
    entry_of_state: NDArray[np.int32]

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return a dictionary array; all blocks share the entries."""
        from gerador.values.kernels.state_machine import states_at  # noqa: PLC0415 - loads numba

        key, step = self.stepper(block, positions)
        tables = self.tables
        states = np.empty(len(positions), np.int32)
        states_at(
            hash_ids(block.seeds.key(self.path), key, step // tables.max_steps),
            step % tables.max_steps,
            tables.start,
            tables.durations,
            tables.transitions,
            tables.has_successor,
            states,
        )
        indices = fixed_width_array(self.entry_of_state[states], pa.int32())
        # Without bounds checks: every index is that of a state.
        return pa.DictionaryArray.from_arrays(indices, self.entries, safe=False)


def transition_tables(generator: StateMachineGenerator) -> TransitionTables:
    """Return the tables of a machine. Cost: O(states · (states + max_steps))."""
    names, states = list(generator.states), generator.states.values()
    durations = [duration_probabilities(state.steps, generator.max_steps) for state in states]
    transitions = [_transition_probabilities(state, names) for state in states]
    return TransitionTables(
        start=0 if generator.start is None else names.index(generator.start),
        durations=np.stack(durations),
        transitions=np.stack(transitions),
        has_successor=np.array([float(bool(state.to)) for state in states]),
    )


def mean_cycle_steps(tables: TransitionTables) -> float:
    """Return the mean number of steps until a machine is in `start` again, [1, max_steps].

    Only sums in a fixed order, so that every processor computes the same number.
    Cost: O(max_steps · states²).
    """
    steps = float(tables.max_steps)
    durations = steps - np.cumsum(tables.durations[:, :-1], axis=1)[:, -1:] if steps > 1 else 1.0
    to = np.diff(tables.transitions, axis=1, prepend=0.0)
    to[:, tables.start] = 0.0
    cycle = np.zeros((len(to), 1))
    for _ in range(tables.max_steps):  # a state lasts at least a step
        before, cycle = cycle, durations + np.cumsum(to * cycle[:, 0], axis=1)[:, -1:]
        cycle = np.minimum(cycle, steps)
        if np.array_equal(before, cycle):
            break
    return float(cycle[tables.start, 0])


def _transition_probabilities(state: State, names: list[str]) -> NDArray[np.float64]:
    """Return the probability that the next state is at most 0, 1, … in the order of `names`."""
    weights = np.array([state.to.get(name, 0.0) for name in names])
    if not state.to:
        return weights
    cumulative = np.cumsum(weights) / math.fsum(weights)
    cumulative[np.flatnonzero(weights)[-1] :] = 1.0  # rounding errors of the sums
    return cumulative
