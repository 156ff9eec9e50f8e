"""Kernels that write dates, times of day and timestamps as quoted ISO 8601 text."""

from __future__ import annotations

from typing import Any, Final

from numba import types

from gerador.encoding.kernels.memory_copy import move_8, move_16
from gerador.encoding.kernels.number_text import put_digits
from gerador.kernel_compiler import I64, IN_I64, OUT_I64, OUT_U8, U8, as_u64, inlined, kernel

SECONDS_PER_DAY: Final = 86_400
DATE_CHARACTERS: Final = 10
TIME_CHARACTERS: Final = 9
"""``12:00:00.``; the number of digits after the point depends on the unit."""
DAYS_FROM_0000: Final = 719_528
"""Days from 0000-01-01 to the epoch."""
DAYS_BEFORE_MARCH: Final = 60
"""Days of the year 0000 before March, in which the algorithm's years start."""
DAYS_PER_ERA: Final = 146_097
HEAD_BYTES: Final = 1 + DATE_CHARACTERS + 1 + TIME_CHARACTERS
"""Bytes before the fraction of a second, equal for all timestamps within that second."""


@inlined
def _put_date(out: U8, at: int, since_0000: Any) -> None:
    """Write the date of a number of days since 0000-01-01 (unsigned)."""
    # One era is added, so that January and February of 0000 are not negative.
    shifted = since_0000 + as_u64(DAYS_PER_ERA - DAYS_BEFORE_MARCH)
    era = shifted // as_u64(DAYS_PER_ERA)
    of_era = shifted - era * as_u64(DAYS_PER_ERA)
    leaps = of_era // as_u64(36_524) - of_era // as_u64(1_460) - of_era // as_u64(146_096)
    year = (of_era + leaps) // as_u64(365)
    of_year = of_era + year // as_u64(100) - year // as_u64(4) - year * as_u64(365)
    month_from_march = (of_year * as_u64(5) + as_u64(2)) // as_u64(153)
    day = of_year - (month_from_march * as_u64(153) + as_u64(2)) // as_u64(5) + as_u64(1)
    early = month_from_march >= as_u64(10)
    month = month_from_march - as_u64(9) if early else month_from_march + as_u64(3)
    year += era * as_u64(400) + (as_u64(1) if early else as_u64(0)) - as_u64(400)
    put_digits(out, at + 4, year, 4)
    out[at + 4] = 45
    put_digits(out, at + 7, month, 2)
    out[at + 7] = 45
    put_digits(out, at + 10, day, 2)


@inlined
def _put_time(out: U8, at: int, second: Any) -> None:
    """Write the time of a number of seconds since midnight (unsigned), and the point."""
    minute = second // as_u64(60)
    hour = second // as_u64(3600)
    put_digits(out, at + 2, hour, 2)
    out[at + 2] = 58
    put_digits(out, at + 5, minute - hour * as_u64(60), 2)
    out[at + 5] = 58
    put_digits(out, at + 8, second - minute * as_u64(60), 2)
    out[at + 8] = 46


@kernel(types.void(IN_I64, OUT_U8, OUT_I64))
def write_dates(days: I64, out: U8, cursors: I64) -> None:
    """Write each row's date, ``"2026-01-31"``."""
    for row in range(cursors.size):
        at = cursors[row]
        out[at] = 34
        _put_date(out, at + 1, as_u64(days[row] + DAYS_FROM_0000))
        out[at + 1 + DATE_CHARACTERS] = 34
        cursors[row] = at + DATE_CHARACTERS + 2


@kernel(types.void(IN_I64, types.int64, types.int64, OUT_U8, OUT_I64))
def write_times(values: I64, per_second: int, digits: int, out: U8, cursors: I64) -> None:
    """Write each row's time of day, ``"12:00:00.123"``."""
    for row in range(cursors.size):
        at = cursors[row]
        out[at] = 34
        second = as_u64(values[row]) // as_u64(per_second)
        _put_time(out, at + 1, second)
        end = at + 1 + TIME_CHARACTERS + digits
        put_digits(out, end, as_u64(values[row]) - second * as_u64(per_second), digits)
        out[end] = 34
        cursors[row] = end + 1


@kernel(types.void(IN_I64, types.int64, types.int64, types.int64, OUT_U8, OUT_I64))
def write_timestamps(
    values: I64, per_second: int, digits: int, zone: int, out: U8, cursors: I64
) -> None:
    """Write each row's timestamp, ``"2026-01-31T12:00:00.123Z"``; without the Z if `zone` is 0."""
    last_second = 0
    last_at = -1
    for row in range(cursors.size):
        at = cursors[row]
        second = values[row] // per_second
        if last_at >= 0 and second == last_second:
            # Copies 24 of 21 bytes; the next lines overwrite the rest.

            move_16(out, at, out, last_at)
            move_8(out, at + 16, out, last_at + 16)
        else:
            since_0000 = as_u64(second + DAYS_FROM_0000 * SECONDS_PER_DAY)
            day = since_0000 // as_u64(SECONDS_PER_DAY)
            out[at] = 34
            _put_date(out, at + 1, day)
            out[at + 1 + DATE_CHARACTERS] = 84
            _put_time(out, at + 2 + DATE_CHARACTERS, since_0000 - day * as_u64(SECONDS_PER_DAY))
            last_second = second
            last_at = at
        at += HEAD_BYTES + digits
        put_digits(out, at, as_u64(values[row] - second * per_second), digits)
        if zone != 0:
            out[at] = 90
            at += 1
        out[at] = 34
        cursors[row] = at + 1
