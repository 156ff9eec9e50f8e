"""Kinds that go in steps of their own for each key: walks and state machines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from gerador.errors import did_you_mean
from gerador.scenario.fields.bounded import UniformField
from gerador.scenario.fields.counted import TurnsField
from gerador.scenario.fields.declared import NUMBERS, Declared, DurationS
from gerador.scenario.fields.laws import ExponentialField, PoissonField
from gerador.scenario.fields.numbers import Number
from gerador.scenario.fields.parts import Part
from gerador.scenario.fields.ranges import no_step_between
from gerador.scenario.fields.reach import Limit, about_limits, about_order, plain
from gerador.scenario.fields.spread import DOUBLE
from gerador.scenario.type_words import type_word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gerador.scenario.avro import AvroType, Enum

KEY_WORDS: Final = frozenset({
    "boolean", "int", "long", "decimal", "string", "enum", "uuid", "uuid on fixed", "bytes",
    "fixed", "date", "time", "timestamp",
})  # fmt: skip
"""Words of the types that can be the key of a walk or a machine."""
EVERY_MIN_S: Final = 0.001
EVERY_MAX_S: Final = 366 * 86_400
"""Shortest and longest step by event time: a millisecond, a year."""
WHOLE_WORDS: Final = frozenset({"int", "long"})
WALK_DECIMALS: Final = 2
"""Decimals of a walk of which nobody said how many it has; none on whole numbers."""
MAGNITUDE_MAX: Final = 1e11
"""How far a walk may be meant to go: with 6 decimals, 64 bits count a hundred times as far."""


class _PerKey(Declared):
    """What goes in steps of its own for each key.

    `per` names the field of the row that is the key. A step is one row of the key where `per`
    is of kind `turns`, else a span of `every` seconds of event time, counted from 1970.
    """

    reads: ClassVar[frozenset[str]] = KEY_WORDS
    per: str
    """The field of the row that is the key."""
    every: Annotated[DurationS, Field(ge=EVERY_MIN_S, le=EVERY_MAX_S)] | None = None
    """Seconds of event time that a step takes, or a text such as 10m; without it per takes
    turns."""

    def mentions(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the field that is the key."""
        yield "per", self.per

    def about_read(self, name: str, avro_type: AvroType, declared: Declared) -> Iterator[str]:
        """Yield what is wrong about the key."""
        yield from super().about_read(name, avro_type, declared)
        if self.every is None and not isinstance(declared, TurnsField):
            yield (
                f"field {name!r} is of kind {declared.kind!r}, whose rows do not take turns; "
                "add every: 1s, the event time that a step takes"
            )


class WalkField(_PerKey):
    """A random walk of each key: a sensor that drifts around `mean` with steps of `step`.

    `spread` is the standard deviation of the places that it drifts between, 1,024 steps apart;
    `step` that of a single step. At `min` and `max` it turns back. `decimals`: 2, or 0 on whole
    numbers. What is drawn of these is drawn once for each key, which keeps it for ever: its walk
    stays one walk.
    """

    suits: ClassVar[frozenset[str]] = NUMBERS
    kind: Literal["walk"] = "walk"
    mean: Number = 0.0
    """The value that a walk drifts around."""
    spread: Number = 10.0
    """Standard deviation of the places that it drifts between, 1,024 steps apart."""
    step: Number = 1.0
    """Standard deviation of a single step."""
    min: Number | None = None
    """The least value, where it turns back."""
    max: Number | None = None
    """The largest value, where it turns back."""
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    """Decimals of the values; 2, or 0 on whole numbers, when not said."""

    def natural_type(self) -> Any:
        """Return long for whole numbers, else double."""
        return "long" if self.decimals == 0 else "double"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield bounds that make no sense, and decimals that the type does not have."""
        yield from about_limits(self, self.limits(avro_type))
        low, high = plain(self.min), plain(self.max)
        if low is not None and high is not None:
            places = self.places_on(avro_type)
            if not low < high:
                yield "min", f"walk from {low} to {high}; give the smaller first"
            elif no_step_between(low, high, places):
                yield "min", f"no number of {places} decimals lies from {low} to {high}; widen that"
        yield from about_order(self, "min", "max", strictly=True)
        if self.decimals and type_word(avro_type) in WHOLE_WORDS:
            yield "decimals", f"{self.decimals} decimals do not suit {type_word(avro_type)!r}"
        logical = getattr(avro_type, "logical", None)
        scale = logical.scale if logical is not None else self.decimals
        if self.decimals is not None and scale is not None and self.decimals > scale:
            yield "decimals", f"{self.decimals} decimals; the type has {scale}"

    def limits(self, avro_type: AvroType) -> Mapping[str, Limit]:
        """Return how far a walk may be meant to go."""
        del avro_type
        return {
            **dict.fromkeys(("mean", "min", "max"), Limit(-MAGNITUDE_MAX, MAGNITUDE_MAX)),
            **dict.fromkeys(("spread", "step"), Limit(0, MAGNITUDE_MAX)),
        }

    def places_on(self, avro_type: AvroType) -> int:
        """Return the decimals of values of a type."""
        if self.decimals is not None:
            return self.decimals
        logical = getattr(avro_type, "logical", None)
        scale = WALK_DECIMALS if logical is None else min(WALK_DECIMALS, logical.scale)
        return 0 if type_word(avro_type) in WHOLE_WORDS else scale


DWELLS: Final = (UniformField, PoissonField, ExponentialField)
"""Distributions that a state may last."""


class State(Part):
    """One state: what follows with which weights, and how many steps it lasts, at least one."""

    to: dict[str, float] = Field(default_factory=dict)
    """States that follow, with their weights; after one without any the machine begins again."""
    lasts: Number = 1
    """How many steps it lasts, 1 or more, or uniform, poisson or exponential."""


class StatesField(_PerKey):
    """A state machine of each key: the name of the state that the key is in.

    A machine begins in `start` (the first one that stands there), and begins again behind a
    state that nothing follows, and after `restart` steps at the latest.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"string", "enum"})
    main: ClassVar[str | None] = "states"
    main_is_mapping: ClassVar[bool] = True
    kind: Literal["states"] = "states"
    states: Annotated[dict[str, State], Field(min_length=1, max_length=256)]
    """The states by name: {to: {next: weight}, lasts: 3}."""
    start: str | None = None
    """The state that it begins in; the first one when not said."""
    restart: Annotated[int, Field(ge=1, le=4_096)] = 64
    """Steps after which it begins again at the latest."""

    def natural_type(self) -> Any:
        """Return string."""
        return "string"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield states that do not exist, weights and lengths that make no sense."""
        if self.start is not None and self.start not in self.states:
            yield "start", self._no_state(self.start)
        for name, state in self.states.items():
            yield from ((f"states.{name}.to", text) for text in self._about_weights(state))
            yield from ((f"states.{name}.lasts", text) for text in _about_dwell(state.lasts))
        if type_word(avro_type) == "enum":
            yield from _about_symbols(self.states, avro_type)  # type: ignore[arg-type]

    def _about_weights(self, state: State) -> Iterator[str]:
        yield from (self._no_state(to) for to in state.to if to not in self.states)
        if state.to and (min(state.to.values()) < 0 or not 0 < sum(state.to.values()) < math.inf):
            yield f"weights {state.to}; each is finite, 0 or more, and one of them is more"

    def _no_state(self, name: str) -> str:
        return f"no state {name!r}{did_you_mean(name, self.states)}; states: {_told(self.states)}"


def _about_dwell(lasts: Number) -> Iterator[str]:
    if not isinstance(lasts, Declared):
        if lasts < 1:
            yield f"lasts {lasts} steps; give 1 or more"
    elif not isinstance(lasts, DWELLS):
        kinds = ", ".join(kind.model_fields["kind"].default for kind in DWELLS)
        yield f"lasts of kind {lasts.kind!r}; give a number, or one of {kinds}"
    elif any(isinstance(getattr(lasts, name), Declared) for name in type(lasts).model_fields):
        yield f"lasts of kind {lasts.kind!r} with a drawn parameter; give numbers"
    else:
        yield from (f"lasts: {text}" for _, text in lasts.refusals(DOUBLE))


def _about_symbols(states: Collection[str], enum: Enum) -> Iterator[tuple[str, str]]:
    for name in states:
        if name not in enum.symbols:
            hint = did_you_mean(name, enum.symbols)
            yield f"states.{name}", f"{name!r} is no symbol of {enum.name!r}{hint}"


def _told(states: Collection[str]) -> str:
    return ", ".join(list(states)[:10]) + (", …" if len(states) > 10 else "")
