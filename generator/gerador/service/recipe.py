"""What determines every row of a stream, and how many of them: the recipe."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gerador.errors import SettingError
from gerador.events.segments import EVENT_STEP_NS
from gerador.rates import SPEED_MAX, speed_text

if TYPE_CHECKING:
    from datetime import datetime
    from fractions import Fraction

    from gerador.events.changes import Change, LiveChange
    from gerador.events.pace import Pace


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What determines every row and how many of them: with the spec, all of a stream's content.

    Raises SettingError: a speed out of range, or one without a start to catch up from.
    """

    seed: int
    pace: Pace
    start: datetime | None = None
    """Event time of row 0; None is the moment when the destination is first ready."""
    rows: int | None = None
    """Rows in all; None is endless."""
    for_s: float | None = None
    """Seconds of stream time in all; None is endless."""
    script: tuple[tuple[int, Change], ...] = ()
    """Changes by nanoseconds from the start on, ascending."""
    steered: tuple[LiveChange, ...] = ()
    """What was steered live in the run that is repeated, in its order."""
    event_step_ns: Fraction = EVENT_STEP_NS
    """Event time from row to row as fast as possible."""
    speed: float = 1.0
    """Times as fast as the clock until the present is reached; infinity: at once. Of no row."""

    def __post_init__(self) -> None:
        if not (1 <= self.speed <= SPEED_MAX or math.isinf(self.speed)):
            raise SettingError(f"speed {self.speed:g}: give 1x to {SPEED_MAX}x, or max")
        if self.speed != 1 and self.start is None:
            raise SettingError(
                f"speed {speed_text(self.speed)}: there is nothing to catch up with without a "
                "start; give one in the past"
            )
