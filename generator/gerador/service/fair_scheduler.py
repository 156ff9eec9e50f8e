"""Proportional scheduling of streams without a rate limit: no stream runs further ahead of the slowest than a few slices, by weight."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Final

from gerador.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


LEAD_SLICES_MAX: Final = 2
"""Slices, of the stream whose slices weigh least, that any may be ahead of the slowest."""


class FairScheduler:
    """Streams whose rows at full speed keep the proportion of their `weights`, by name."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        """Raise SettingError for a weight below 1."""
        for name, weight in weights.items():
            if weight < 1:
                raise SettingError(f"stream {name!r}: weight {weight}: give 1 or more")
        self._weights = dict(weights)
        self._places: list[ScheduledStream] = []

    def place(self, name: str, wake: Callable[[], None], *, flows: bool) -> ScheduledStream:
        """Return the place of a stream; `wake` is called when it may go on.

        `flows` tells whether it goes at full speed from its first row on: the others wait then
        until it has begun.
        """
        place = ScheduledStream(self, self._weights[name], wake, flows=flows)
        self._places.append(place)
        return place

    def _slowest(self, *, but: ScheduledStream | None = None) -> Fraction | None:
        flowing = (p.position for p in self._places if p.flows and p is not but)
        return min(flowing, default=None)

    def _lead(self) -> Fraction:
        slices = (p.slice_weight for p in self._places if p.flows)
        return LEAD_SLICES_MAX * min(known for known in slices if known is not None)

    def _wake(self) -> None:
        for place in self._places:
            place.wake_if_held()


class ScheduledStream:
    """One stream's place; made by `Convoy.place`."""

    def __init__(
        self, convoy: FairScheduler, weight: int, wake: Callable[[], None], *, flows: bool
    ) -> None:
        self.flows = flows
        self.slice_weight: Fraction | None = None
        """What a full slice of this stream weighs; None before it was asked for one."""
        self.held = False
        """Whether it waits for the others."""
        self._convoy = convoy
        self._weight = weight
        self._wake = wake
        self._row = 0
        self._offset = Fraction(0)

    @property
    def position(self) -> Fraction:
        """How far it is: rows by weight, since the convoy began."""
        return self._offset + Fraction(self._row, self._weight)

    def reach(self, row: int, at_once: int) -> int:
        """Return the row up to which rows from `row` on may be taken now; `row`: none yet.

        A stream that comes (back) to full speed begins beside the slowest.
        """
        self._row = row
        self.slice_weight = Fraction(at_once, self._weight)
        if not self.flows:
            beside = self._convoy._slowest(but=self)  # noqa: SLF001 - the two are one
            self._offset += Fraction(0) if beside is None else beside - self.position
            self.flows = True
        slowest = self._convoy._slowest()  # noqa: SLF001
        assert slowest is not None  # noqa: S101 - it flows itself
        last = slowest + self._convoy._lead() - self._offset  # noqa: SLF001
        end = max(row, min(row + at_once, ceil(last * self._weight)))
        self.held = end == row
        return end

    def note(self, row: int) -> None:
        """Note that the rows before `row` were taken."""
        self._row = row
        self._convoy._wake()  # noqa: SLF001

    def leave(self) -> None:
        """Hold nobody up any more, until `reach` is called again."""
        self.held = False
        if self.flows:
            self.flows = False
            self._convoy._wake()  # noqa: SLF001

    def wake_if_held(self) -> None:
        """Call `wake` where the stream waits for others."""
        if self.held:
            self.held = False
            self._wake()
