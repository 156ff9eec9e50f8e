"""One who follows a stream live: which rows are wanted now, and whether they are taken.

Knows neither the stream nor HTTP; its clock is the event loop's.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROWS_PER_S_MAX: Final = 50
"""Rows a second that a tail may ask for, and rows of one look."""


class Watching:
    """One tail as its tap sees it: which rows it wants, and whether its client takes them."""

    def __init__(self, rows_per_s: int, after: int, hang_up: Callable[[], None] | None) -> None:
        """Want at most `rows_per_s` rows a second, those beyond row `after`."""
        self.after = after
        self.offered_to = -1
        """The row up to which rows were made when it was last offered some."""
        self.hang_up = hang_up
        self.sending_since_s: float | None = None
        """When the client was sent something that it has not taken yet; None: it waits."""
        self._rows_per_s = rows_per_s
        self._saved = float(rows_per_s)
        self._at_s = asyncio.get_running_loop().time()

    def wanted(self) -> int:
        """Return how many rows may be sent now; what a second allows is saved up, and no more."""
        now_s = asyncio.get_running_loop().time()
        saved = self._saved + (now_s - self._at_s) * self._rows_per_s
        self._saved, self._at_s = min(saved, float(self._rows_per_s)), now_s
        return int(self._saved)

    def first_wanted(self, reached: int) -> int:
        """Return the first row to be offered now that all before `reached` were made.

        `reached` itself when none is: rows are offered once, also to a client that misses them.
        """
        wanted = self.wanted()
        if not wanted or reached == self.offered_to:
            return reached
        return max(self.after + 1, reached - wanted)

    def take(self, rows: Iterable[tuple[int, bytes]]) -> bytes:
        """Return the newest of `rows` that are wanted, as the client is to have them."""
        wanted = self.wanted()
        newer = [(row, told) for row, told in rows if row > self.after]
        taken = newer[len(newer) - wanted :] if wanted < len(newer) else newer
        if taken:
            self.after = taken[-1][0]
            self._saved -= len(taken)
        return b"".join(told for _, told in taken)
