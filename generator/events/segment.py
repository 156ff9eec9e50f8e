"""One stretch of a schedule at one pace: which of its rows are due, and their event times.

Whole numbers throughout: what may be large is a Python integer, what is many is 64 bits wide and
bounded so that it cannot overflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from generator.errors import DataError
from generator.events.pace import Pace, PaceKind
from generator.events.runs import run_lengths

if TYPE_CHECKING:
    from numpy.typing import NDArray

NS_PER_MS: Final = 1_000_000
INSTANT_MAX_NS: Final = 2**63 - 1
"""2262-04-11, the last instant of 64-bit nanoseconds; rows due later are refused."""
STRETCH_ROWS_MAX: Final = 1 << 20
"""Rows whose times are computed in one piece of 64-bit arithmetic."""
STRETCH_PRODUCT_MAX: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Segment:
    """From `first_row` on, and from `instant_ns` on, rows fall due at `pace`.

    `event_ns` is the event time of `first_row`: `instant_ns`, unless the rows before ran ahead.
    """

    first_row: int
    instant_ns: int
    pace: Pace
    event_ns: int

    @property
    def phase(self) -> int:
        """Rows of the first tick that lie before `first_row`; ticks keep whole generations."""
        return self.first_row % self.pace.rows_per_tick

    def elapsed_ns(self, row: int) -> int:
        """Return nanoseconds from the segment's instant to the tick of `row`."""
        tick = (row - self.first_row + self.phase) // self.pace.rows_per_tick
        return tick * self.pace.tick_ns_num // self.pace.tick_ns_den

    def due_rows(self, now_ns: int) -> int:
        """Return the rows of this segment that its ticks made due by `now_ns`, its start or later.

        Tick t is due when t * num // den <= elapsed, that is t * num < (elapsed + 1) * den.
        """
        pace = self.pace
        last_tick = ((now_ns - self.instant_ns + 1) * pace.tick_ns_den - 1) // pace.tick_ns_num
        return (last_tick + 1) * pace.rows_per_tick - self.phase

    @property
    def stretch_rows_max(self) -> int:
        """Rows that one call of `event_time_ms` may ask for."""
        return min(STRETCH_ROWS_MAX, STRETCH_PRODUCT_MAX // self.pace.tick_ns_num)

    def event_ns_after(self, row: int, step_ms: int) -> int:
        """Return the event time that has been reached when the rows before `row` are made."""
        match self.pace.kind:
            case PaceKind.MAX:
                return self.event_ns + (row - self.first_row) * step_ms * NS_PER_MS
            case PaceKind.PAUSED:
                return self.event_ns
            case _:
                return self.event_ns + self.elapsed_ns(max(row - 1, self.first_row))

    def event_time_ms(self, a: int, b: int, step_ms: int) -> NDArray[np.int64]:
        """Return the event times of rows [a, b) of this segment, (b - a,) int64 milliseconds.

        `step_ms` is that of full speed; b - a at most `stretch_rows_max`.

        Raises DataError: a row would be due after 2262-04-11.
        """
        if self.pace.kind is PaceKind.PAUSED:
            return np.full(b - a, self.event_ns // NS_PER_MS, np.int64)
        if self.pace.kind is PaceKind.MAX:
            _check_instant(self.event_ns_after(b - 1, step_ms), b - 1)
            first = self.event_ns // NS_PER_MS + (a - self.first_row) * step_ms
            return first + np.arange(b - a, dtype=np.int64) * step_ms
        _check_instant(self.event_ns + self.elapsed_ns(b - 1), b - 1)
        return self._ticked_ms(a, b)

    def _ticked_ms(self, a: int, b: int) -> NDArray[np.int64]:
        """Return the milliseconds of ticks.

        floor(floor(x / den) / 10**6) is floor(x / (den * 10**6)), so one division does.
        """
        pace = self.pace
        row = a - self.first_row + self.phase
        lengths = run_lengths(row, b - a, pace.rows_per_tick)
        scale = pace.tick_ns_den * NS_PER_MS
        before = row // pace.rows_per_tick * pace.tick_ns_num
        base_ms, rest = divmod(self.event_ns * pace.tick_ns_den + before, scale)
        ticks = np.arange(len(lengths), dtype=np.int64)
        tick_ms = base_ms + (rest + ticks * pace.tick_ns_num) // scale
        return tick_ms if pace.rows_per_tick == 1 else np.repeat(tick_ms, lengths)


def _check_instant(instant_ns: int, row: int) -> None:
    if instant_ns > INSTANT_MAX_NS:
        raise DataError(f"row {row} would be due after 2262-04-11; ask for fewer or faster rows")
