"""Shapes of a rate over time, cut into pieces: ramp, wave, day, steps.

Floating point ends here: the integral of a rate is rounded to rows at the bounds of pieces, by
additions and multiplications only, which are the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from gerador.errors import SettingError
from gerador.events.courses.course import NS_PER_S
from gerador.events.courses.pieces import Pieces
from gerador.events.courses.ticks import Ticks
from gerador.rates import duration_text, rate_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PIECE_NS: Final = 100_000_000
"""Longest piece of a curve, while that makes no more than PIECES_MAX of them."""
PIECES_MIN: Final = 256
PIECES_MAX: Final = 1 << 16
STEP_PIECE_NS: Final = 10 * NS_PER_S
"""Longest piece of a step: at the highest rate rows times nanoseconds stay below 2**62."""
TURNS_MAX: Final = 64
"""Turns that are cut as one, so that half a row a turn does not add up."""
DAY_NS: Final = 86_400 * NS_PER_S
THOUSANDTHS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Shape:
    """A course with its name, and where in it a stream begins.

    Attributes:
        told: what it is, in one line; two shapes of the same line are the same.
        course: the rows; elapsed 0 is the begin of a turn.
        phase_ns: how far into the course it is entered; of a day, when the course begins.
        daily: whether the course is tied to the time of day, in UTC.
    """

    told: str
    course: Pieces = field(compare=False)
    phase_ns: int = 0
    daily: bool = False

    def lead_in_ns(self, instant_ns: int) -> int:
        """Return how far into the course `instant_ns` is, where it is entered then."""
        return (instant_ns - self.phase_ns) % DAY_NS if self.daily else self.phase_ns


def ramp(low: float, high: float, over_ns: int) -> Shape:
    """Return the way from one rate to another in `over_ns`, and `high` held from then on."""
    span_s = over_ns / NS_PER_S

    def integral(at: Floats) -> Floats:
        return span_s * at * (low + (high - low) * at / 2)

    def rate(at: Floats) -> Floats:
        return low + (high - low) * at

    course = _curve(over_ns, 1, integral, rate, tail=_constant(high))
    return Shape(
        f"{rate_text(low)} to {rate_text(high)} over {duration_text(over_ns)}, then held", course
    )


def wave(first: float, middle: float, period_ns: int, phase_ns: int = 0) -> Shape:
    """Return a sine from `first` to `middle`, half a period later, and back, again and again.

    Raises SettingError: it makes less than a row a period.
    """
    told = f"sine {rate_text(first)} to {rate_text(middle)}, period {duration_text(period_ns)}"
    if phase_ns:
        told += f", phase {duration_text(phase_ns)}"
    return Shape(told, _wave(told, first, middle, period_ns), phase_ns % period_ns)


def day(low: float, high: float, peak_ns: int) -> Shape:
    """Return a sine over each day in UTC: `high` at `peak_ns` after midnight, `low` opposite.

    Raises SettingError: it makes less than a row a day.
    """
    told = f"diurnal {rate_text(low)} to {rate_text(high)}, peak {duration_text(peak_ns)} UTC"
    trough_ns = (peak_ns + DAY_NS // 2) % DAY_NS
    return Shape(told, _wave(told, low, high, DAY_NS), trough_ns, daily=True)


def steps(each: Sequence[tuple[float, int]], *, repeat: bool) -> Shape:
    """Return rates one after another, each for so many nanoseconds; then the last, or all again.

    Rates have three decimals at most. Raises SettingError: repeated without a row.
    """
    told = ", ".join(f"{rate_text(r)} for {duration_text(ns)}" for r, ns in each)
    told += ", repeated" if repeat else ", then held"
    rows = sum(Fraction(round(r * THOUSANDTHS), THOUSANDTHS) * ns for r, ns in each) / NS_PER_S
    turns = _turns(told, Fraction(rows)) if repeat else 1
    tail = None if repeat else _constant(each[-1][0])
    return Shape(told, _stairs(list(each) * turns, repeat=repeat, tail=tail))


def _wave(told: str, first: float, middle: float, period_ns: int) -> Pieces:
    mean, reach = (first + middle) / 2, (middle - first) / 2
    span_s = period_ns / NS_PER_S

    def integral(at: Floats) -> Floats:
        return span_s * (mean * at - reach * _sine(at) / (2 * np.pi))

    def rate(at: Floats) -> Floats:
        return mean - reach * _sine(at + 0.25)

    turns = _turns(told, Fraction(mean) * period_ns / NS_PER_S)
    return _curve(period_ns, turns, integral, rate, repeats=True)


def _curve(
    turn_ns: int,
    turns: int,
    integral: Callable[[Floats], Floats],
    rate: Callable[[Floats], Floats],
    *,
    repeats: bool = False,
    tail: Ticks | None = None,
) -> Pieces:
    """Return the pieces of a curve; `integral` and `rate` are functions of turns."""
    count = max(PIECES_MIN, min(PIECES_MAX // turns, -(-turn_ns // PIECE_NS)))
    at = np.arange(count * turns + 1, dtype=np.int64)
    starts_ns = turn_ns // count * at + turn_ns % count * at // count
    rows = np.rint(integral(at / count)).astype(np.int64)
    return Pieces(starts_ns, rows - rows[0], rate((at[:-1] + 0.5) / count), repeats, tail)


def _stairs(each: Sequence[tuple[float, int]], *, repeat: bool, tail: Ticks | None) -> Pieces:
    bounds, rows, rates = [0], [0], []
    exact = 0  # rows, in thousandths of a row times nanoseconds of a second
    unit = THOUSANDTHS * NS_PER_S
    for rate, lasts_ns in each:
        count = -(-lasts_ns // STEP_PIECE_NS)
        begin_ns, thousandths = bounds[-1], round(rate * THOUSANDTHS)
        for nth in range(1, count + 1):
            into_ns = lasts_ns * nth // count
            bounds.append(begin_ns + into_ns)
            rows.append((exact + thousandths * into_ns + unit // 2) // unit)
            rates.append(rate)
        exact += thousandths * lasts_ns
    whole = np.array(bounds, np.int64), np.array(rows, np.int64), np.array(rates, np.float64)
    return Pieces(*whole, repeat, tail)


def _turns(told: str, rows: Fraction) -> int:
    """Return how many turns of `rows` make whole rows, or nearly so.

    Raises SettingError: there is less than a row in a turn.
    """
    if rows < 1:
        raise SettingError(f"rate {told}: less than one row a turn; raise a rate or the time")

    def off(turns: int) -> Fraction:
        return abs(round(rows * turns) - rows * turns) / turns

    return min(range(1, TURNS_MAX + 1), key=off)


def _constant(rate: float) -> Ticks | None:
    """Return the course of a constant rate; None for no rows at all."""
    thousandths = round(rate * THOUSANDTHS)
    if not thousandths:
        return None
    apart_ns = Fraction(THOUSANDTHS * NS_PER_S, thousandths)
    return Ticks(1, apart_ns.numerator, apart_ns.denominator)


def _sine(turns: Floats) -> Floats:
    """Return sin(2 pi turns) by Taylor's series, to 1e-15.

    Libraries' sines differ in the last bit from machine to machine; products and sums do not.
    """
    within = turns - np.rint(turns)
    folded = np.where(np.abs(within) > 0.25, np.copysign(0.5, within) - within, within)
    x = 2 * np.pi * folded
    square, sum_ = x * x, np.ones_like(x)
    for n in range(22, 1, -2):
        sum_ = 1 - square / (n * (n + 1)) * sum_
    return x * sum_
