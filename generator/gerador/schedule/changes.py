"""Changes of a running schedule: rate change, burst, pause and resume."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from gerador.errors import SettingError
from gerador.limits import RAMP_NS_MAX, RAMP_NS_MIN
from gerador.schedule.curves import ramp
from gerador.schedule.target_rate import (
    MAX,
    RateKind,
    burst_rate,
    curve_rate,
    parse_target_rate,
    with_poisson_arrivals,
)
from gerador.schedule.unit_types import read_rate_or_max
from gerador.units import duration_text, parse_duration_ns

if TYPE_CHECKING:
    from gerador.schedule.target_rate import TargetRate


class Halt(Enum):
    """A pause, and its end."""

    PAUSE = "pause"
    RESUME = "resume"

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Burst:
    """So many rows due at once; then what flowed goes on.

    Raises SettingError: not 1 to 10,000,000 rows.
    """

    rows: int

    def __post_init__(self) -> None:
        burst_rate(self.rows)

    def __str__(self) -> str:
        return f"burst of {self.rows}"


@dataclass(frozen=True, slots=True)
class RateChange:
    """Another pace; with `over_ns`, the way there from the rate of that moment, evenly.

    Raises SettingError: a way to a pace that is no constant rate.
    """

    pace: TargetRate
    over_ns: int = 0

    def __post_init__(self) -> None:
        if self.over_ns and self.pace.kind is not RateKind.RATE:
            raise SettingError(f"rate {self.pace} over a time: only a rate per second is ramped to")

    def from_rate(self, rate: float | None) -> TargetRate:
        """Return the pace to follow where `rate` rows per second flow (None: full speed).

        Raises SettingError: there is no way from full speed.
        """
        if not self.over_ns:
            return self.pace
        if rate is None:
            raise SettingError(
                f"rate {self.pace} over {duration_text(self.over_ns)}: the stream goes as fast as "
                "possible, which is no rate to begin from; set a rate first, without a time"
            )
        target = self.pace.rows_per_s
        assert target is not None  # noqa: S101 - `__post_init__` has seen to it
        way = curve_rate(ramp(rate, target, self.over_ns))
        return with_poisson_arrivals(way) if self.pace.is_poisson else way

    def __str__(self) -> str:
        over = f" over {duration_text(self.over_ns)}" if self.over_ns else ""
        return f"{self.pace}{over}"


def parse_rate_change(rate: float | str, over: float | str | None = None) -> RateChange:
    """Return the change to a rate as people write it: 500, ``"10k"``, ``"max"``; `over` a time.

    Raises SettingError: a rate, in the words of a scenario's file, or a time, as `parse_ramp_ns`.
    """
    try:
        pace = parse_target_rate(read_rate_or_max(rate))
    except ValueError as e:
        raise SettingError(str(e)) from e
    return RateChange(pace, 0 if over is None else parse_ramp_ns(over))


def parse_ramp_ns(over: float | str) -> int:
    """Return the time of a ramp, 1 ms to 7 days, in nanoseconds, as people write it: ``2m``.

    Raises SettingError: another form, or out of range.
    """
    try:
        over_ns = parse_duration_ns(over)
    except ValueError as e:
        raise SettingError(f"over: {e}") from e
    if not RAMP_NS_MIN <= over_ns <= RAMP_NS_MAX:
        least, most = duration_text(RAMP_NS_MIN), duration_text(RAMP_NS_MAX)
        raise SettingError(f"over {over}: give {least} to {most}")
    return over_ns


Change: TypeAlias = Burst | RateChange | Halt


class LiveChange(NamedTuple):
    """A change that was made live: nanoseconds after the start, and the first row it holds for."""

    offset_ns: int
    row: int
    change: Change


def check_changes(pace: TargetRate, changes: tuple[tuple[int, Change], ...]) -> None:
    """Refuse a script that cannot be known in advance.

    Raises SettingError: full speed, whose rows at an instant depend on the machine; or changes
    that are not in the order of time.
    """
    paces = [pace, *(c.pace for _, c in changes if isinstance(c, RateChange))]
    if changes and MAX in paces:
        raise SettingError(
            "at with rate max: as fast as possible, the row at an instant depends on the machine, "
            "so that no change can be known in advance; give a rate"
        )
    offsets = [offset_ns for offset_ns, _ in changes]
    if offsets != sorted(offsets) or any(offset_ns < 0 for offset_ns in offsets):
        raise SettingError("at: changes have to stand in the order of time, from 0s on")
