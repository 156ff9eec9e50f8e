"""Generators of counters: sequences, and round robin over a fixed number of keys."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from gerador.avro.paths import MAP_KEYS, types_along
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


class IntegerSequence(NamedTuple):
    """A sequence in integer multiples of 10**-places.

    Row n is ``start + sign * ((ahead + n * step) % span)``; negative values do not wrap.
    """

    places: int
    start: int
    sign: int
    step: int
    span: int
    ahead: int


class SequenceGenerator(ValueGenerator):
    """A counter: row n is `start` + n * `step`, and wraps around at `restart`.

    `restart` is exclusive; a value that exceeds it continues at `start` plus the excess. The
    default is the end of the type's range. `step` is 1, or -1 if `restart` is less than `start`.
    `initial` is the value of row 0 if it is not `start`. All items of a list have the value of
    their row. Strings are the number between `prefix` and `suffix`, with which the default type
    is string; booleans alternate, starting
    with `start`; dates, times and timestamps count in the unit of the type. (Confluent's Avro
    Random Generator calls it `iteration`.)
    """

    types: ClassVar[frozenset[str]] = NUMBER_TYPES | {
        "string",
        "boolean",
        "timestamp",
        "date",
        "time",
    }
    main_parameter: ClassVar[str | None] = "start"
    sequential: ClassVar[bool] = True
    kind: Literal["sequence"] = "sequence"
    start: bool | int | float = 0
    """Value of row 0, and after a restart."""
    step: int | float | None = None
    """Increment per row, not 0. Default: 1, or -1 if restart is less than start."""
    restart: int | float | None = None
    """Exclusive end, where the sequence restarts. Default: the end of the type's range."""
    initial: int | float | None = None
    """Value of row 0. Default: start."""
    prefix: Affix = ""
    """Text before the number, on strings."""
    suffix: Affix = ""
    """Text after the number, on strings."""

    def default_type(self) -> Any:
        """Return string with a prefix or suffix, boolean for a boolean `start`, long or double."""
        if self.prefix or self.suffix:
            return "string"
        if isinstance(self.start, bool):
            return "boolean"
        return "long" if all(float(n).is_integer() for n in self._numbers()) else "double"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of invalid steps, and of numbers that the type does not hold."""
        category = type_category(avro_type)
        if (self.prefix or self.suffix) and category != "string":
            name = "prefix" if self.prefix else "suffix"
            yield name, f"{name} applies to strings, not to {category!r}; use type string"
        elif category == "boolean":
            yield from self._boolean_errors()
        elif isinstance(self.start, bool):
            yield "start", f"start {self.start} is not valid for {category!r}; give a number"
        elif self._step() == 0:
            yield "step", "step 0 never advances; give another step, or a constant"
        elif self.restart is not None and (self.restart - self.start) * self._step() <= 0:
            yield (
                "restart",
                f"step {self._step()} does not lead from {self.start} to restart {self.restart}",
            )
        else:
            yield from self._number_errors(avro_type, category)

    def _boolean_errors(self) -> Iterator[tuple[str, str]]:
        if self.start not in (0, 1):
            yield "start", f"start {self.start} is not a boolean; give true or false"
        for name in ("step", "restart", "initial"):
            if getattr(self, name) is not None:
                yield name, f"{name} does not apply to booleans, which alternate; remove it"

    def _number_errors(self, avro_type: AvroType, category: str) -> Iterator[tuple[str, str]]:
        for name in ("start", "step", "restart", "initial"):
            number = getattr(self, name)
            if number is not None and round(number, decimals_of(number)) != number:
                yield name, f"{name} {number} has more than {DECIMALS_MAX} decimals; round it"
            elif number is not None and category not in FRACTIONAL_TYPES and decimals_of(number):
                yield name, f"{name} {number} is not an integer, which {category!r} requires"
            elif number is not None and category == "decimal":
                yield from (
                    (name, text) for _, text in decimals_errors(decimals_of(number), avro_type)
                )
        low, high = _step_limits(avro_type, self.places)
        scale = 10**self.places
        for name in ("start", "initial"):
            number = getattr(self, name)
            if number is not None and not low <= round(number * scale) <= high:
                yield name, f"{name} {number} does not fit {category!r}"
        if self.restart is not None and not low - 1 <= round(self.restart * scale) <= high + 1:
            yield "restart", f"restart {self.restart} does not fit {category!r}"
        if self.initial is not None and self._is_past_restart(self.initial):
            yield "initial", f"initial {self.initial} is past restart {self.restart}"

    def _is_past_restart(self, number: float) -> bool:
        return self.restart is not None and (number - self.restart) * self._step() >= 0

    def _step(self) -> float:
        if self.step is not None:
            return self.step
        return -1 if self.restart is not None and self.restart < self.start else 1

    def _numbers(self) -> list[float]:
        numbers = (self.start, self._step(), self.restart, self.initial)
        return [n for n in numbers if n is not None]

    @property
    def places(self) -> int:
        """Decimal places of its numbers."""
        return max(decimals_of(n) for n in self._numbers())

    def sequence(self, avro_type: AvroType) -> IntegerSequence:
        """Return the sequence in integer steps, for a type that holds its numbers."""
        scale = 10**self.places
        start, step = round(self.start * scale), round(self._step() * scale)
        sign = 1 if step > 0 else -1
        low, high = _step_limits(avro_type, self.places)
        end = high + 1 if sign > 0 else low - 1
        if self.restart is not None:
            end = round(self.restart * scale)
        first = start if self.initial is None else round(self.initial * scale)
        return IntegerSequence(
            self.places, start, sign, abs(step), abs(end - start), sign * (first - start)
        )

    def distinct_values(self, avro_type: AvroType) -> int:
        """Return the number of rows before a value repeats."""
        if type_category(avro_type) == "boolean":
            return 2
        sequence = self.sequence(avro_type)
        if sequence.ahead < 0:  # values before the start occur once
            return -(-(sequence.span - sequence.ahead) // sequence.step)
        return sequence.span // math.gcd(sequence.span, sequence.step)

    def column(
        self,
        context: BuildContext,  # noqa: ARG002
        target: ColumnTarget,
    ) -> Column:
        """Return the column of the field."""
        if pa.types.is_boolean(target.type):
            return AlternatingColumn(target.path, target.type, bool(self.start))
        column = SequenceColumn(target.path, target.type, self.sequence(target.avro_type))
        return with_affixes(column, self.prefix, self.suffix)


class IterationGenerator(SequenceGenerator):
    """The annotation `iteration`: a sequence that goes on from item to item of arrays and maps.

    The items of a row follow those of the row before. Where lengths vary, each row begins as if
    those before it had as many items as they can have, so that any row is computed by itself.
    """

    def column(self, context: BuildContext, target: ColumnTarget) -> Column:
        """Return the column of the field."""
        items = _items_max(context, target.path)
        if items == 1:
            return super().column(context, target)
        sequence = None if pa.types.is_boolean(target.type) else self.sequence(target.avro_type)
        column = IterationColumn(target.path, target.type, items, sequence, bool(self.start))
        return with_affixes(column, self.prefix, self.suffix)


def _items_max(context: BuildContext, path: str) -> int:
    """Return the maximum number of items in a row at a path: 1 outside arrays and maps."""
    items = 1
    for around, _ in types_along(context.record, path):
        if around.endswith(("[]", "{}", MAP_KEYS)):
            outer = around.removesuffix(MAP_KEYS).removesuffix("[]").removesuffix("{}")
            items *= context.length_max(outer)
    return items


def _step_limits(avro_type: AvroType, places: int) -> tuple[int, int]:
    """Return the minimum and maximum that a type holds exactly, in multiples of 10**-places."""
    category = type_category(avro_type)
    if category == "decimal":
        digits = getattr(avro_type, "logical").precision - scale_of(avro_type) + places  # noqa: B009
        most = min(10**digits, 2**63) - 1
        return -most, most
    if category in ("float", "double") or (category == "string" and places):
        return -STEPS_MAX, STEPS_MAX
    logical = getattr(avro_type, "logical", None)
    if category == "time" and logical is not None:
        return 0, UNITS_PER_DAY[logical.name] - 1
    return INTEGER_BOUNDS["int" if getattr(avro_type, "name", "") == "int" else "long"]


class RoundRobinGenerator(ValueGenerator):
    """Round robin: row n is `start` + n modulo `count`, such as the number of a device or user.

    All items of a list have the value of their row.
    """

    types: ClassVar[frozenset[str]] = frozenset({"int", "long"})
    main_parameter: ClassVar[str | None] = "count"
    sequential: ClassVar[bool] = True
    kind: Literal["round_robin"] = "round_robin"
    count: Annotated[int, Field(ge=1, le=2**31 - 1)]
    """Number of distinct values."""
    start: int = 0
    """The first value."""

    def default_type(self) -> Any:
        """Return long."""
        return "long"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield an error if the type does not hold the values."""
        low, high = INTEGER_BOUNDS[type_category(avro_type)]
        if not low <= self.start <= self.start + self.count - 1 <= high:
            values = f"{self.start} to {self.start + self.count - 1}"
            yield "start", f"values {values} do not fit {type_category(avro_type)!r}"

    def distinct_values(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return the number of values."""
        return self.count

    def column(self, context: BuildContext, target: ColumnTarget) -> RoundRobinColumn:  # noqa: ARG002
        """Return the column of the field."""
        return RoundRobinColumn(target.path, target.type, self.count, self.start)


@dataclass(frozen=True, slots=True)
class SequenceColumn(BaseColumn):
    """The numbers of a sequence; items of a list have the value of their row."""

    sequence: IntegerSequence

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers, or their text. Cost: O(block), no Python per row."""
        steps = sequence_steps(self.sequence, block.first_row, BLOCK_ROWS)
        return steps_to_array(take_rows(steps, positions), self.sequence.places, self.type)


@dataclass(frozen=True, slots=True)
class AlternatingColumn(BaseColumn):
    """Alternating booleans; row 0 is `first`."""

    first: bool

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) booleans."""
        return pa.array((block.first_row + positions) % 2 == (0 if self.first else 1))


ITERATION_CHUNK: Final = 1 << 16
"""Numbers of a sequence that are computed at a time."""


@dataclass(frozen=True, slots=True)
class IterationColumn(BaseColumn):
    """A sequence over the items of all rows; without `sequence`, alternating booleans.

    Item i of row n has the index n * `items` + i.
    """

    items: int
    sequence: IntegerSequence | None
    first: bool

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) numbers, their text, or booleans. Cost: O(block * `items`)."""
        starts = np.searchsorted(positions, positions)
        index = positions * self.items + np.arange(len(positions)) - starts
        first = block.first_row * self.items
        if self.sequence is None:
            return pa.array((first + index) % 2 == (0 if self.first else 1))
        steps = np.empty(len(index), np.int64)
        for chunk in np.unique(index // ITERATION_CHUNK).tolist():
            a = chunk * ITERATION_CHUNK
            low, high = np.searchsorted(index, (a, a + ITERATION_CHUNK))
            numbers = sequence_steps(self.sequence, first + a, ITERATION_CHUNK)
            steps[low:high] = numbers[index[low:high] - a]
        return steps_to_array(steps, self.sequence.places, self.type)


@dataclass(frozen=True, slots=True)
class RoundRobinColumn(BaseColumn):
    """Row n is `start` + n modulo `count`."""

    count: int
    start: int

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) integers."""
        return steps_to_array((block.first_row + positions) % self.count + self.start, 0, self.type)


def sequence_steps(sequence: IntegerSequence, first_row: int, rows: int) -> NDArray[np.int64]:
    """Return the sequence of rows [first_row, first_row + rows), (rows,) int64 steps, exact."""
    first = sequence.ahead + first_row * sequence.step
    before = min(max(-(first // sequence.step), 0), rows)  # rows before the start
    steps = np.empty(rows, np.uint64)
    if before:
        ahead = np.arange(before, dtype=np.uint64) * np.uint64(sequence.step % 2**64)
        steps[:before] = ahead + np.uint64(first % 2**64)
    if before < rows:
        _fill_wrapped((first + before * sequence.step) % sequence.span, sequence, steps[before:])
    if sequence.sign < 0:
        np.negative(steps, out=steps)
    steps += np.uint64(sequence.start % 2**64)
    return steps.view(np.int64)


def _fill_wrapped(first: int, sequence: IntegerSequence, out: NDArray[np.uint64]) -> None:
    """Write (first + n * step) % span to `out`, doubling the filled part each time.

    This never overflows unsigned 64-bit arithmetic, for spans up to 2**64.
    """
    out[0] = first
    done = 1
    while done < len(out):
        size = min(done, len(out) - done)
        shift = done * sequence.step % sequence.span
        filled = out[:size]
        if shift:
            room = np.uint64(sequence.span - shift)
            wraps = filled >= room
            out[done : done + size] = np.where(wraps, filled - room, filled + np.uint64(shift))
        else:
            out[done : done + size] = filled
        done += size


_ColumnT = TypeVar("_ColumnT", bound="Column")

EMPTY_TEXT: Final = pa.scalar("", pa.string())


@dataclass(frozen=True, slots=True)
class AffixColumn:
    """Texts of another column with a prefix and a suffix."""

    column: Column
    prefix: str
    suffix: str

    @property
    def type(self) -> pa.DataType:
        """The Arrow type: string."""
        return pa.string()

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) texts."""
        texts = self.column.generate(block, positions)
        return pc.binary_join_element_wise(
            pa.scalar(self.prefix), texts, pa.scalar(self.suffix), EMPTY_TEXT
        )


def with_affixes(column: _ColumnT, prefix: str, suffix: str) -> _ColumnT | AffixColumn:
    """Return a column of texts with a prefix and a suffix; `column` itself if both are empty."""
    return AffixColumn(column, prefix, suffix) if prefix or suffix else column
