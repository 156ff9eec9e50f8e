"""Configuration of one stream's run: the recipe that determines its rows and their number, and the destination that receives them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gerador.errors import SettingError
from gerador.schedule.schedule import EVENT_TIME_STEP_NS
from gerador.units import SPEED_MAX, speed_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from fractions import Fraction

    from gerador.delivery.sink import Sink
    from gerador.events.rows import StreamRows
    from gerador.schedule.changes import Change, LiveChange
    from gerador.schedule.target_rate import TargetRate
    from gerador.service.slice_builder import SliceBuilder


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What determines every row and how many of them: with the spec, all of a stream's content.

    Raises SettingError: a speed out of range, or one without a start to catch up from.
    """

    seed: int
    pace: TargetRate
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
    event_step_ns: Fraction = EVENT_TIME_STEP_NS
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


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a stream goes, and how its slices are made for there.

    `maker` is called once, when the sink is ready and the number of partitions is known. `notices`
    may say lines about a start and a pace that will surprise (times that retention deletes, …).
    """

    sink: Sink
    maker: Callable[[StreamRows], SliceBuilder]
    topic: str | None = None
    framing: str | None = None
    schema_id: Callable[[], int | None] = lambda: None
    notices: Callable[[datetime, TargetRate], Sequence[str]] = lambda _, __: ()
    linger_s: float = 0.01
