"""The generator of timestamps at an offset from another time field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import BeforeValidator

from gerador.avro.paths import field_paths
from gerador.errors import DataError
from gerador.units import NS_PER_S, parse_duration_ns
from gerador.values.column import BaseColumn, Positions, take_rows
from gerador.values.date_time import EVENT_TIME, TIMESTAMP_TYPE, UNITS_PER_SECOND
from gerador.values.declaration import ValueGenerator
from gerador.values.field_references import resolve_field
from gerador.values.number_parameters import Number, Parameter, bind_parameter
from gerador.values.shorthand import registered_distributions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from gerador.values.column import Block, BuildContext, ColumnTarget, FieldReference


def parse_offset_s(value: Any) -> Any:
    """Parse ``-2h`` as -7200.0 seconds, also in distributions; return other values unchanged."""
    if isinstance(value, list):
        return [parse_offset_s(inner) for inner in value]
    if isinstance(value, dict):
        unitless = _unitless_keys()
        return {k: v if k in unitless else parse_offset_s(v) for k, v in value.items()}
    if not isinstance(value, str) or value in registered_distributions():
        return value
    negative = value.strip().startswith("-")
    seconds = parse_duration_ns(value.strip().removeprefix("-")) / NS_PER_S
    return -seconds if negative else seconds


def _unitless_keys() -> frozenset[str]:
    """Return the names of parameters of distributions that are not in seconds."""
    return frozenset[str]().union(*(k.unitless for k in registered_distributions().values()))


class TimeOffsetGenerator(ValueGenerator):
    """Another time field of the row plus an offset: ``{offset: ordered_at, by: 2h}``.

    `by` may be negative, or a distribution: ``by: {exponential: 30s}``.
    """

    types: ClassVar[frozenset[str]] = frozenset({"timestamp", "date"})
    main_parameter: ClassVar[str | None] = "field"
    kind: Literal["offset"] = "offset"
    referenced_types: ClassVar[frozenset[str]] = frozenset({"timestamp", "date"})
    field: str
    """The time field, or event_time for the row's event time."""
    by: Annotated[Number, BeforeValidator(parse_offset_s)]
    """Seconds to add, or a duration such as 2h or -2h."""

    def references(self, known: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield the time field."""
        if self.field != EVENT_TIME or EVENT_TIME in known:
            yield "field", self.field

    def default_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP_TYPE

    def depends_on_event_time(self) -> bool:
        """Return true."""
        return True

    def column(self, context: BuildContext, target: ColumnTarget) -> TimeOffsetColumn:
        """Return the column of the field."""
        named = resolve_field(target.path, self.field, dict(field_paths(context.record)))
        own = self.field == EVENT_TIME and named is None
        field = None if own else context.reference(target.path, self.field)
        by = bind_parameter(context, f"{target.path}~by", self.by)
        return TimeOffsetColumn(target.path, target.type, field, by)


OFFSET_MAX_S: Final = 3_155_760_000.0
"""100 years: larger offsets are clipped."""
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class TimeOffsetColumn(BaseColumn):
    """Another time field plus an offset, rounded to the type's unit; dates drop the time of day.

    `field` is None for the row's event time.
    """

    field: FieldReference | None
    by: Parameter

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) timestamps or dates, null where the other field is null.

        Raises DataError: a timestamp is outside the range of 64 bits.
        """
        values = None if self.field is None else self.field.values(block, positions)
        is_date = self.type == pa.date32()
        per_second = UNITS_PER_SECOND["ms" if is_date else self.type.unit]
        base = (
            take_rows(block.event_time_ms, positions)
            if values is None
            else _to_unit(values, per_second)
        )
        if values is None:
            base = base * (per_second // 1_000)
        seconds = np.clip(self.by(block, positions), -OFFSET_MAX_S, OFFSET_MAX_S)
        moved = base + np.rint(seconds * per_second).astype(np.int64)
        self._check(base, moved, seconds, block, positions)
        if is_date:
            moved = (moved // (DAY_S * per_second)).astype(np.int32)
        null = None if values is None or not values.null_count else _null_mask(values)
        return pa.array(moved, mask=null).view(self.type)

    def _check(
        self,
        base: NDArray[np.int64],
        moved: NDArray[np.int64],
        seconds: NDArray[np.float64],
        block: Block,
        positions: Positions,
    ) -> None:
        """Raise DataError if an addition overflowed 64 bits, which nanoseconds do in 2262."""
        overflowed = (moved < base) != (seconds < 0)
        overflowed &= moved != base
        if overflowed.any():
            row = block.first_row + int(positions[np.argmax(overflowed)])
            raise DataError(
                f"field {self.path!r}, row {row}: the timestamp is outside the range of "
                f"{self.type}; give a smaller offset"
            )


def _to_unit(values: pa.Array, per_second: int) -> NDArray[np.int64]:
    """Return timestamps or dates as integers in a unit since the epoch; null as any integer."""
    if values.type == pa.date32():
        days = values.fill_null(0).view(pa.int32()).to_numpy().astype(np.int64)
        return days * (DAY_S * per_second)
    own = UNITS_PER_SECOND[values.type.unit]
    counts = values.fill_null(0).view(pa.int64()).to_numpy()
    return counts * (per_second // own) if own <= per_second else counts // (own // per_second)


def _null_mask(values: pa.Array) -> NDArray[np.bool_]:
    return values.is_null().to_numpy(zero_copy_only=False)
