"""Timestamps at an offset from another time field of the row."""

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
from gerador.values.distributions import Number
from gerador.values.field_references import resolve_field
from gerador.values.parameters import Parameter, bind_parameter
from gerador.values.shorthand import DISTRIBUTION_KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from gerador.values.column import Block, BuildContext, ColumnTarget, FieldReference


def parse_offset_s(value: Any) -> Any:
    """Read ``-2h`` as -7200.0 seconds; pass on what is no duration."""
    if not isinstance(value, str) or value in DISTRIBUTION_KINDS:
        return value
    back = value.strip().startswith("-")
    seconds = parse_duration_ns(value.strip().removeprefix("-")) / NS_PER_S
    return -seconds if back else seconds


class TimeOffsetGenerator(ValueGenerator):
    """Another time field of the row, moved by a number of seconds (or a text such as ``2h``).

    Negative seconds move it back. ``{offset: event_time, by: {exponential: 30}}``; `of` is a
    field's name, or ``event_time`` for the row's own.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"timestamp", "date"})
    main: ClassVar[str | None] = "of"
    kind: Literal["offset"] = "offset"
    reads: ClassVar[frozenset[str]] = frozenset({"timestamp", "date"})
    of: str
    """The time field that it counts from, or event_time for the row's own."""
    by: Annotated[Number, BeforeValidator(parse_offset_s)]
    """Seconds that are added, or a text such as 2h; negative ones, or -2h, go back."""

    def mentions(self, known: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield the field that it counts from."""
        if self.of != EVENT_TIME or EVENT_TIME in known:
            yield "of", self.of

    def natural_type(self) -> Any:
        """Return timestamp-millis."""
        return TIMESTAMP_TYPE


OFFSET_MAX_S: Final = 3_155_760_000.0
"""A hundred years: what lies further off is drawn in."""
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class TimeOffsetColumn(BaseColumn):
    """Another time plus seconds, rounded to the type's unit; of dates, cut to the day.

    `of` is None for the row's event time.
    """

    of: FieldReference | None
    by: Parameter

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) instants, null where the other time is.

        Raises DataError: an instant that 64 bits of the unit do not reach; names the row.
        """
        values = None if self.of is None else self.of.values(block, at)
        is_date = self.type == pa.date32()
        per_second = UNITS_PER_SECOND["ms" if is_date else self.type.unit]
        base = (
            take_rows(block.event_time_ms, at) if values is None else _to_unit(values, per_second)
        )
        if values is None:
            base = base * (per_second // 1_000)
        seconds = np.clip(self.by(block, at), -OFFSET_MAX_S, OFFSET_MAX_S)
        moved = base + np.rint(seconds * per_second).astype(np.int64)
        self._check(base, moved, seconds, block, at)
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
        at: Positions,
    ) -> None:
        """Refuse what ran over the end of 64 bits, which nanoseconds do in 2262."""
        over = (moved < base) != (seconds < 0)
        over &= moved != base
        if over.any():
            row = block.first_row + int(at[np.argmax(over)])
            raise DataError(
                f"field {self.path!r}, row {row}: beyond what {self.type} reaches; "
                "give a smaller offset"
            )


def _to_unit(values: pa.Array, per_second: int) -> NDArray[np.int64]:
    """Return timestamps or dates as whole numbers of a unit since 1970; null ones as anything."""
    if values.type == pa.date32():
        days = values.fill_null(0).view(pa.int32()).to_numpy().astype(np.int64)
        return days * (DAY_S * per_second)
    has = UNITS_PER_SECOND[values.type.unit]
    counts = values.fill_null(0).view(pa.int64()).to_numpy()
    return counts * (per_second // has) if has <= per_second else counts // (has // per_second)


def _null_mask(values: pa.Array) -> NDArray[np.bool_]:
    return values.is_null().to_numpy(zero_copy_only=False)


def time_offset_column(
    making: BuildContext, place: ColumnTarget, declared: TimeOffsetGenerator
) -> TimeOffsetColumn:
    named = resolve_field(place.path, declared.of, dict(field_paths(making.root)))
    own = declared.of == EVENT_TIME and named is None
    of = None if own else making.reference(place.path, declared.of)
    by = bind_parameter(making, f"{place.path}~by", declared.by)
    return TimeOffsetColumn(place.path, place.type, of, by)
