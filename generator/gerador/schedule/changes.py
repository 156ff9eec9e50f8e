"""Changes of a schedule: rate change, burst, pause and resume."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from gerador.errors import SettingError
from gerador.schedule.curves import ramp
from gerador.schedule.target_rate import (
    MAX,
    RateKind,
    burst_rate,
    curve_rate,
    parse_target_rate,
    with_poisson_arrivals,
)
from gerador.schedule.unit_types import RAMP_RANGE, parse_rate_or_max
from gerador.units import duration_text, parse_duration_ns

if TYPE_CHECKING:
    from gerador.schedule.target_rate import TargetRate

MAX_RATE_WITH_SCRIPT: Final = (
    "at cannot be combined with rate max: the row that is due at a time would depend on the "
    "machine's speed; set a rate, or change the stream live"
)


class PauseChange(Enum):
    """A pause or resume."""

    PAUSE = "pause"
    RESUME = "resume"

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Burst:
    """Rows that are due at once, in addition to the target rate, which continues after them.

    Raises SettingError: not 1 to 10,000,000 rows.
    """

    rows: int

    def __post_init__(self) -> None:
        burst_rate(self.rows)

    def __str__(self) -> str:
        return f"burst of {self.rows}"


@dataclass(frozen=True, slots=True)
class RateChange:
    """A new target rate; with `over_ns`, a linear ramp to it from the rate at that time.

    Raises SettingError: a ramp to a rate that is not constant.
    """

    target_rate: TargetRate
    over_ns: int = 0

    def __post_init__(self) -> None:
        if self.over_ns and self.target_rate.kind is not RateKind.CONSTANT:
            raise SettingError(f"over requires a constant rate, not {self.target_rate}")

    def rate_from(self, rate: float | None) -> TargetRate:
        """Return the target rate of a stream that has `rate` rows per second (None: `MAX`) now.

        Raises SettingError: a ramp from `MAX`.
        """
        if not self.over_ns:
            return self.target_rate
        if rate is None:
            raise SettingError(
                f"rate {self.target_rate} over {duration_text(self.over_ns)} cannot start from "
                "rate max; set a rate first, without over"
            )
        end_rate = self.target_rate.rows_per_s
        assert end_rate is not None  # noqa: S101 - constant, see `__post_init__`
        target_rate = curve_rate(ramp(rate, end_rate, self.over_ns))
        return with_poisson_arrivals(target_rate) if self.target_rate.is_poisson else target_rate

    def __str__(self) -> str:
        over = f" over {duration_text(self.over_ns)}" if self.over_ns else ""
        return f"{self.target_rate}{over}"


def parse_rate_change(rate: float | str, over: float | str | None = None) -> RateChange:
    """Return the change to a rate (``500``, ``"10k"``, ``"max"``), over 1 ms to 7 days.

    Raises SettingError: a rate or duration that scenario files do not accept either.
    """
    try:
        target_rate = parse_target_rate(parse_rate_or_max(rate))
    except ValueError as e:
        raise SettingError(str(e)) from e
    if over is None:
        return RateChange(target_rate)
    try:
        return RateChange(target_rate, RAMP_RANGE(parse_duration_ns(over)))
    except ValueError as e:
        raise SettingError(f"over: {e}") from e


Change: TypeAlias = Burst | RateChange | PauseChange


class LiveChange(NamedTuple):
    """A change of a running stream."""

    offset_ns: int
    """Time after the start."""
    row: int
    """First row that it affects."""
    change: Change


def check_changes(target_rate: TargetRate, changes: tuple[tuple[int, Change], ...]) -> None:
    """Check scripted changes, by nanoseconds after the start.

    Raises SettingError: rate max, or changes that are not in ascending order of time.
    """
    rates = [target_rate, *(c.target_rate for _, c in changes if isinstance(c, RateChange))]
    if changes and MAX in rates:
        raise SettingError(MAX_RATE_WITH_SCRIPT)
    offsets = [offset_ns for offset_ns, _ in changes]
    if offsets != sorted(offsets) or any(offset_ns < 0 for offset_ns in offsets):
        raise SettingError("at: changes must be in ascending order of time, from 0s")
