"""Configuration of one stream's run: its recipe and its destination."""

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
    """Determines, with the `StreamSpec`, every row of a stream and their number.

    Raises SettingError: a backfill speed out of range, or without a start.
    """

    seed: int
    target_rate: TargetRate
    start: datetime | None = None
    """Event time of row 0; None: the time at which the destination is ready."""
    rows: int | None = None
    """Total number of rows; None: endless."""
    for_s: float | None = None
    """Total stream time in seconds; None: endless."""
    script: tuple[tuple[int, Change], ...] = ()
    """Scheduled changes, each with its nanoseconds after the start, ascending."""
    live_changes: tuple[LiveChange, ...] = ()
    """Live changes of the run that is reproduced, in order."""
    event_step_ns: Fraction = EVENT_TIME_STEP_NS
    """Event time between two rows while the stream is unpaced."""
    backfill_speed: float = 1.0
    """Ratio of stream time to clock time until the present is reached; infinity: at once. Does not
    affect the content of rows."""

    def __post_init__(self) -> None:
        if not (1 <= self.backfill_speed <= SPEED_MAX or math.isinf(self.backfill_speed)):
            raise SettingError(
                f"backfill_speed {self.backfill_speed:g} is outside [1x, {SPEED_MAX}x]; or use max"
            )
        if self.backfill_speed != 1 and self.start is None:
            speed = speed_text(self.backfill_speed)
            raise SettingError(f"backfill_speed {speed} requires a start in the past")


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Sink of a stream, and the slice builder for it.

    `warm_up` is called once in the generator thread while the sink gets ready: it loads or compiles
    the code that building slices needs. `create_builder` is called once, when the sink is ready and
    the number of partitions is known.
    `notices` returns hints about a start and a target rate (retention that deletes rows, …).
    """

    sink: Sink
    create_builder: Callable[[StreamRows], SliceBuilder]
    warm_up: Callable[[StreamRows], None] = lambda _: None
    topic: str | None = None
    framing: str | None = None
    schema_id: Callable[[], int | None] = lambda: None
    notices: Callable[[datetime, TargetRate], Sequence[str]] = lambda _, __: ()
    linger_s: float = 0.01
