"""What a pace is: one of six kinds, with the numbers or the shape that make it exact.

`pace` makes them; it knows no instant, and `schedule` ties paces to instants and rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from gerador.events.courses.course import NS_PER_S
from gerador.events.courses.ticks import Ticks

if TYPE_CHECKING:
    from gerador.events.courses.course import Course
    from gerador.events.courses.shapes import Shape


class PaceKind(Enum):
    """Which of the six ways a pace is."""

    RATE = "rate"
    GENERATIONS = "generations"
    SHAPE = "shape"
    BURST = "burst"
    MAX = "max"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Pace:
    """`rows_per_tick` rows due together every `tick_ns_num / tick_ns_den` nanoseconds.

    Make one with `rate`, `generations`, `shaped`, `burst` or `poisson`, or take `MAX` or `PAUSED`;
    these two have no ticks. A shape has its own instead, and a burst has a single one.
    """

    kind: PaceKind
    rows_per_tick: int = 1
    tick_ns_num: int = 1
    tick_ns_den: int = 1
    shape: Shape | None = None
    is_poisson: bool = False
    """Whether rows arrive at random over the course, which a schedule's seeds tell."""

    @property
    def ticks(self) -> bool:
        """Whether rows fall due by the clock."""
        return self.kind not in (PaceKind.MAX, PaceKind.PAUSED)

    @property
    def course(self) -> Course:
        """When rows fall due, counted from the course's beginning; of a pace that ticks."""
        if self.shape is not None:
            return self.shape.course
        return Ticks(self.rows_per_tick, self.tick_ns_num, self.tick_ns_den)

    @property
    def restarts(self) -> bool:
        """Whether it begins anew after a pause; shapes go by the clock meanwhile."""
        return self.shape is None

    def lead_in_ns(self, instant_ns: int) -> int:
        """Return how far into its course a pace is that is asked for at `instant_ns`."""
        return 0 if self.shape is None else self.shape.lead_in_ns(instant_ns)

    @property
    def rows_per_s(self) -> float | None:
        """Rows per second (of a shape, where it is entered), 0.0 paused, None at full speed."""
        if self.kind is PaceKind.MAX:
            return None
        if self.kind in (PaceKind.PAUSED, PaceKind.BURST):
            return 0.0
        return self.course.rate_at(self.lead_in_ns(0))

    def __str__(self) -> str:
        """Return ``500/s``, ``1000 every 1 s``, ``max``, ``paused``, or a shape's own words."""
        return self._told + (", poisson" if self.is_poisson else "")

    @property
    def _told(self) -> str:
        if self.shape is not None:
            return self.shape.told
        if self.kind is PaceKind.BURST:
            return f"{self.rows_per_tick} at once"
        if not self.ticks:
            return self.kind.value
        if self.kind is PaceKind.RATE:
            return f"{self.rows_per_s:.12g}/s"
        return f"{self.rows_per_tick} every {self.tick_ns_num / self.tick_ns_den / NS_PER_S:.12g} s"


MAX: Final = Pace(PaceKind.MAX)
PAUSED: Final = Pace(PaceKind.PAUSED)
