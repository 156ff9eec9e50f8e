"""Counters of rows: sequences, which advance by a step with each row, and round robin over a fixed number of keys."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from gerador.avro.schema import type_category
from gerador.limits import BLOCK_ROWS
from gerador.values.column import BaseColumn, Positions, take_rows
from gerador.values.declaration import NUMBER_TYPES, Affix, ValueGenerator
from gerador.values.number_ranges import (
    DECIMALS_MAX,
    INTEGER_BOUNDS,
    STEPS_MAX,
    decimals_errors,
    decimals_of,
    scale_of,
)
from gerador.values.quantization import steps_to_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, Column, ColumnTarget


UNITS_PER_DAY: Final = {"time-millis": 86_400_000, "time-micros": 86_400_000_000}
FRACTIONAL_TYPES: Final = frozenset({"float", "double", "decimal", "string"})


class SequenceSteps(NamedTuple):
    """A sequence in whole steps of 10**-places.

    Row n has ``start + sign * ((ahead + n * step) % span)``; before 0 there is no wrapping.
    """

    places: int
    start: int
    sign: int
    step: int
    span: int
    ahead: int


class SequenceGenerator(ValueGenerator):
    """Numbers that go on: row n has `start` + n * `step`, and wraps around at `restart`.

    `restart` itself is not reached: past it, as far beyond `start` as it was beyond `restart`.
    Without one, at the end of the type. `step` is 1, or -1 where `restart` is less than `start`.
    `initial` is row 0's value, where that is another than `start`. Items of lists count with
    their row. On text it is the number's text, between `prefix` and `suffix`; on booleans true
    (1) and false (0) alternate from `start` on; on dates, times and timestamps numbers are in the
    unit of the type. (Confluent's Avro Random Generator calls it `iteration`.)
    """

    suits: ClassVar[frozenset[str]] = NUMBER_TYPES | {
        "string",
        "boolean",
        "timestamp",
        "date",
        "time",
    }
    main: ClassVar[str | None] = "start"
    kind: Literal["sequence"] = "sequence"
    start: bool | int | float = 0
    """Row 0's value, and where it begins again past restart."""
    step: int | float | None = None
    """What each row adds; 1, or -1 towards a smaller restart, when not said; never 0."""
    restart: int | float | None = None
    """The end, which is not reached: past it, it begins again. The type's end when not said."""
    initial: int | float | None = None
    """Row 0's value, where that is another than start."""
    prefix: Affix = ""
    """Text before the number, on strings."""
    suffix: Affix = ""
    """Text behind the number, on strings."""

    def natural_type(self) -> Any:
        """Return long for whole numbers, else double; boolean where it starts with one."""
        if isinstance(self.start, bool):
            return "boolean"
        return "long" if all(float(n).is_integer() for n in self._told()) else "double"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield steps that lead nowhere, and numbers that the type does not hold."""
        word = type_category(avro_type)
        if (self.prefix or self.suffix) and word != "string":
            name = "prefix" if self.prefix else "suffix"
            yield name, f"{name} stands beside text, not beside {word!r}; remove it"
        elif word == "boolean":
            yield from self._about_boolean()
        elif isinstance(self.start, bool):
            yield "start", f"start {self.start} does not suit {word!r}; give a number"
        elif self._step() == 0:
            yield "step", "step 0 stays where it is; give another, or a constant"
        elif self.restart is not None and (self.restart - self.start) * self._step() <= 0:
            yield (
                "restart",
                f"restart {self.restart} is never reached from {self.start} by {self._step()}",
            )
        else:
            yield from self._about_numbers(avro_type, word)

    def _about_boolean(self) -> Iterator[tuple[str, str]]:
        if self.start not in (0, 1):
            yield "start", f"start {self.start} is no boolean; give true or false"
        for name in ("step", "restart", "initial"):
            if getattr(self, name) is not None:
                yield name, f"{name} has no meaning on a boolean, which alternates; remove it"

    def _about_numbers(self, avro_type: AvroType, word: str) -> Iterator[tuple[str, str]]:
        for name in ("start", "step", "restart", "initial"):
            number = getattr(self, name)
            if number is not None and round(number, decimals_of(number)) != number:
                yield name, f"{name} {number} has more than {DECIMALS_MAX} decimals; round it"
            elif number is not None and word not in FRACTIONAL_TYPES and decimals_of(number):
                yield name, f"{name} {number} is no whole number, as {word!r} needs"
            elif number is not None and word == "decimal":
                yield from (
                    (name, text) for _, text in decimals_errors(decimals_of(number), avro_type)
                )
        low, high = _step_limits(avro_type, self.places)
        scale = 10**self.places
        for name in ("start", "initial"):
            number = getattr(self, name)
            if number is not None and not low <= round(number * scale) <= high:
                yield name, f"{name} {number} does not fit {word!r}"
        if self.restart is not None and not low - 1 <= round(self.restart * scale) <= high + 1:
            yield "restart", f"restart {self.restart} does not fit {word!r}"
        if self.initial is not None and self._beyond(self.initial):
            yield "initial", f"initial {self.initial} lies behind restart {self.restart}"

    def _beyond(self, number: float) -> bool:
        return self.restart is not None and (number - self.restart) * self._step() >= 0

    def _step(self) -> float:
        if self.step is not None:
            return self.step
        return -1 if self.restart is not None and self.restart < self.start else 1

    def _told(self) -> list[float]:
        numbers = (self.start, self._step(), self.restart, self.initial)
        return [n for n in numbers if n is not None]

    @property
    def places(self) -> int:
        """Decimals that its numbers have."""
        return max(decimals_of(n) for n in self._told())

    def count(self, avro_type: AvroType) -> SequenceSteps:
        """Return the sequence in whole steps, for a type that it fits."""
        scale = 10**self.places
        start, step = round(self.start * scale), round(self._step() * scale)
        sign = 1 if step > 0 else -1
        low, high = _step_limits(avro_type, self.places)
        end = high + 1 if sign > 0 else low - 1
        if self.restart is not None:
            end = round(self.restart * scale)
        first = start if self.initial is None else round(self.initial * scale)
        return SequenceSteps(
            self.places, start, sign, abs(step), abs(end - start), sign * (first - start)
        )

    def space(self, avro_type: AvroType) -> int:
        """Return how many rows there are before a value comes again."""
        if type_category(avro_type) == "boolean":
            return 2
        count = self.count(avro_type)
        if count.ahead < 0:  # what lies before the start does not come again
            return -(-(count.span - count.ahead) // count.step)
        return count.span // math.gcd(count.span, count.step)


def _step_limits(avro_type: AvroType, places: int) -> tuple[int, int]:
    """Return the least and the largest step of 10**-places that a type holds exactly."""
    word = type_category(avro_type)
    if word == "decimal":
        digits = getattr(avro_type, "logical").precision - scale_of(avro_type) + places  # noqa: B009
        most = min(10**digits, 2**63) - 1
        return -most, most
    if word in ("float", "double") or (word == "string" and places):
        return -STEPS_MAX, STEPS_MAX
    logical = getattr(avro_type, "logical", None)
    if word == "time" and logical is not None:
        return 0, UNITS_PER_DAY[logical.name] - 1
    return INTEGER_BOUNDS["int" if getattr(avro_type, "name", "") == "int" else "long"]


class RoundRobinGenerator(ValueGenerator):
    """Whose turn it is: row n has `start` + n modulo `of`, so that devices or users take turns.

    Items of lists have the turn of their row.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"int", "long"})
    main: ClassVar[str | None] = "of"
    kind: Literal["turns"] = "turns"
    of: Annotated[int, Field(ge=1, le=2**31 - 1)]
    """How many take turns."""
    start: int = 0
    """The first one's number."""

    def natural_type(self) -> Any:
        """Return long."""
        return "long"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield turns that the type does not hold."""
        low, high = INTEGER_BOUNDS[type_category(avro_type)]
        if not low <= self.start <= self.start + self.of - 1 <= high:
            what = f"{self.start} to {self.start + self.of - 1}"
            yield "start", f"turns {what} do not fit {type_category(avro_type)!r}"

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return how many turns there are."""
        return self.of


@dataclass(frozen=True, slots=True)
class SequenceColumn(BaseColumn):
    """The numbers of a sequence; items of lists have their row's."""

    count: SequenceSteps

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) numbers, or their text. Cost: O(block), no Python per row."""
        steps = sequence_steps(self.count, block.first_row, BLOCK_ROWS)
        return steps_to_array(take_rows(steps, at), self.count.places, self.type)


@dataclass(frozen=True, slots=True)
class AlternatingColumn(BaseColumn):
    """True and false in turn, beginning with `first` in row 0."""

    first: bool

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) booleans."""
        return pa.array((block.first_row + at) % 2 == (0 if self.first else 1))


@dataclass(frozen=True, slots=True)
class RoundRobinColumn(BaseColumn):
    """Row n's number is n modulo `of`, and `start` more."""

    of: int
    start: int

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) whole numbers."""
        return steps_to_array((block.first_row + at) % self.of + self.start, 0, self.type)


def sequence_steps(count: SequenceSteps, first_row: int, rows: int) -> NDArray[np.int64]:
    """Return a sequence's steps of rows [first_row, first_row + rows), (rows,) int64, exact."""
    first = count.ahead + first_row * count.step
    before = min(max(-(first // count.step), 0), rows)  # rows that lie before the start
    steps = np.empty(rows, np.uint64)
    if before:
        ahead = np.arange(before, dtype=np.uint64) * np.uint64(count.step % 2**64)
        steps[:before] = ahead + np.uint64(first % 2**64)
    if before < rows:
        _fill_wrapped((first + before * count.step) % count.span, count, steps[before:])
    if count.sign < 0:
        np.negative(steps, out=steps)
    steps += np.uint64(count.start % 2**64)
    return steps.view(np.int64)


def _fill_wrapped(first: int, count: SequenceSteps, out: NDArray[np.uint64]) -> None:
    """Put (first + n * step) % span into `out`, each doubling what is there already.

    Unsigned 64-bit arithmetic never overflows that way, whatever the span, up to 2**64.
    """
    out[0] = first
    done = 1
    while done < len(out):
        wanted = min(done, len(out) - done)
        shift = done * count.step % count.span
        known = out[:wanted]
        if shift:
            room = np.uint64(count.span - shift)
            wraps = known >= room
            out[done : done + wanted] = np.where(wraps, known - room, known + np.uint64(shift))
        else:
            out[done : done + wanted] = known
        done += wanted


def sequence_column(
    _: BuildContext, place: ColumnTarget, declared: SequenceGenerator
) -> SequenceColumn | AlternatingColumn | AffixColumn:
    if pa.types.is_boolean(place.type):
        return AlternatingColumn(place.path, place.type, bool(declared.start))
    column = SequenceColumn(place.path, place.type, declared.count(place.avro_type))
    return with_affixes(column, declared.prefix, declared.suffix)


_ColumnT = TypeVar("_ColumnT", bound="Column")

EMPTY_TEXT: Final = pa.scalar("", pa.string())


@dataclass(frozen=True, slots=True)
class AffixColumn:
    """Another column's texts between `prefix` and `suffix`."""

    column: Column
    prefix: str
    suffix: str

    @property
    def type(self) -> pa.DataType:
        """The Arrow type: text."""
        return pa.string()

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts."""
        texts = self.column.draw(block, at)
        return pc.binary_join_element_wise(
            pa.scalar(self.prefix), texts, pa.scalar(self.suffix), EMPTY_TEXT
        )


def with_affixes(column: _ColumnT, prefix: str, suffix: str) -> _ColumnT | AffixColumn:
    """Return a column of texts between a prefix and a suffix; itself where both are empty."""
    return AffixColumn(column, prefix, suffix) if prefix or suffix else column
