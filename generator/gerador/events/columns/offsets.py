"""Columns of instants that lie before or behind another one of the row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.errors import DataError
from gerador.events.block import pick
from gerador.events.columns.column import Leaf, Positions
from gerador.events.columns.parameters import Parameter, parameter
from gerador.scenario.fields import OffsetField
from gerador.scenario.fields.times import EVENT_TIME, PER_SECOND
from gerador.scenario.mentions import reach
from gerador.scenario.paths import field_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place, Reference

BY_MAX_S: Final = 3_155_760_000.0
"""A hundred years: what lies further off is drawn in."""
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Offset(Leaf):
    """Another time plus seconds, rounded to the type's unit; of dates, cut to the day.

    `of` is None for the row's event time.
    """

    of: Reference | None
    by: Parameter

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) instants, null where the other time is.

        Raises DataError: an instant that 64 bits of the unit do not reach; names the row.
        """
        values = None if self.of is None else self.of.values(block, at)
        is_date = self.type == pa.date32()
        per_second = PER_SECOND["ms" if is_date else self.type.unit]
        base = pick(block.event_time_ms, at) if values is None else _counted(values, per_second)
        if values is None:
            base = base * (per_second // 1_000)
        seconds = np.clip(self.by(block, at), -BY_MAX_S, BY_MAX_S)
        moved = base + np.rint(seconds * per_second).astype(np.int64)
        self._check(base, moved, seconds, block, at)
        if is_date:
            moved = (moved // (DAY_S * per_second)).astype(np.int32)
        null = None if values is None or not values.null_count else _nulls(values)
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


def _counted(values: pa.Array, per_second: int) -> NDArray[np.int64]:
    """Return timestamps or dates as whole numbers of a unit since 1970; null ones as anything."""
    if values.type == pa.date32():
        days = values.fill_null(0).view(pa.int32()).to_numpy().astype(np.int64)
        return days * (DAY_S * per_second)
    has = PER_SECOND[values.type.unit]
    counts = values.fill_null(0).view(pa.int64()).to_numpy()
    return counts * (per_second // has) if has <= per_second else counts // (has // per_second)


def _nulls(values: pa.Array) -> NDArray[np.bool_]:
    return values.is_null().to_numpy(zero_copy_only=False)


def _offset(making: Making, place: Place, declared: OffsetField) -> Offset:
    named = reach(place.path, declared.of, dict(field_paths(making.root)))
    own = declared.of == EVENT_TIME and named is None
    of = None if own else making.reference(place.path, declared.of)
    by = parameter(making, f"{place.path}~by", declared.by)
    return Offset(place.path, place.type, of, by)


MAKERS: Final[Mapping[type, Make]] = {OffsetField: _offset}
