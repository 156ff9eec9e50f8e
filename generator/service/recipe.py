"""What determines every row of a stream, and how many of them: the recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from generator.events.pace import Pace


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What determines every row and how many of them: with the spec, all of a stream's content."""

    seed: int
    pace: Pace
    start: datetime | None = None
    """Event time of row 0; None is the moment when the destination is first ready."""
    rows: int | None = None
    """Rows in all; None is endless."""
    for_s: float | None = None
    """Seconds of stream time in all; None is endless."""
