"""How far a stream is: what its loop notes down, and its status builds on. No clock, no IO."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True)
class Progress:
    """The state of one stream's loop. Changed only by the loop, on the event loop's thread."""

    row: int = 0
    """The first row that no slice has taken yet."""
    made: int = 0
    """Rows that were computed."""
    errors: int = 0
    """Slices that could not be made."""
    last_error: str | None = None
    failing: bool = False
    """Whether the latest slice could not be made."""
    finished: bool = False
    """Whether the last row of a bounded stream was made, and what became of all is known."""
    generation_at: datetime | None = None
    """When the latest generation was finished."""
    span_ns: int | None = None
    """What the whole run took by the clock; None while it goes on."""
    notices: tuple[str, ...] = ()

    def take(self, end: int) -> tuple[int, int]:
        """Take the rows up to `end` for the next slice and return them as [a, b)."""
        a, self.row = self.row, end
        return a, end

    def note_made(self, rows: int) -> None:
        """Note that a slice was made."""
        self.failing = False
        self.made += rows

    def note_failure(self, a: int, b: int, error: Exception) -> str:
        """Note that rows [a, b) could not be made; return why, in one line."""
        what = f"{type(error).__name__}: {error}".partition("\n")[0]
        self.failing = True
        self.errors += 1
        self.last_error = f"rows {a} to {b - 1}: {what}"
        return what
