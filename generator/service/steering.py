"""What steering a stream answers, and what is said of one stream that is asked about alone.

Holds frozen values only; a docstring below a field is its description in the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations at run time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from generator.events.instants import iso_text
from generator.service.status import State, StreamStatus  # noqa: TC001 - likewise

if TYPE_CHECKING:
    from generator.events.schedule import Schedule

_DOCUMENTED: Final[dict[str, Any]] = {"use_attribute_docstrings": True}
STRETCHES_SHOWN_MAX: Final = 100
"""Stretches of a schedule that an answer lists; the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A stream was steered: the row from which on that holds."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    stream: str
    """Name of the stream."""
    status: State
    """Its state word now."""
    row: int
    """The first row that the change holds for; earlier rows keep their times."""
    rate_asked: float | None
    """Rows per second asked now: 0 while paused, null as fast as possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Rows of a schedule that fall due at one pace."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    row: int
    """The first row."""
    at: str
    """Stream time from which on it holds (ISO 8601, UTC)."""
    pace: str
    """500/s, 1000 every 1 s, max or paused."""

    @classmethod
    def of(cls, schedule: Schedule | None) -> tuple[Self, ...]:
        """Return the newest stretches of a schedule, oldest first; none before it began."""
        newest = () if schedule is None else schedule.segments[-STRETCHES_SHOWN_MAX:]
        return tuple(
            cls(row=s.first_row, at=iso_text(s.instant_ns), pace=str(s.pace)) for s in newest
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDetail:
    """One stream: what it is, how to have it again, and how it goes."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    name: str
    """Name of the stream."""
    avro_schema: Mapping[str, Any]
    """Schema of its records, as Avro writes it."""
    command: str | None
    """The command that makes the same rows again, with the same times as long as `changes` is 0;
    null before the start is known."""
    schedule: tuple[Stretch, ...]
    """The stretches of its schedule, oldest first, the newest hundred."""
    status: StreamStatus
    """How it goes: the same as in GET /status."""
