"""Values that the API returns for one stream: its declaration, schedule segments, details, and the result of a rate change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from gerador.units import timestamp_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.scenario.stream_spec import StreamSpec
    from gerador.schedule.schedule import Schedule
    from gerador.service.status import State, StreamStatus


_DOCUMENTED: Final[dict[str, Any]] = {"use_attribute_docstrings": True}
SEGMENTS_SHOWN_MAX: Final = 100
"""Stretches of a schedule that an answer lists: the newest, and those that are planned next."""
SEGMENTS_AHEAD_MAX: Final = 50
"""Of them, those that are still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult:
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
class ScheduleSegment:
    """Rows of a schedule that fall due at one pace."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    row: int
    """The first row."""
    at: str
    """Stream time from which on it holds (ISO 8601, UTC)."""
    pace: str
    """500/s, 1000 every 1 s, max, paused, 50000 at once, or a shape: sine 500/s to 5000/s, …"""

    @classmethod
    def of(cls, schedule: Schedule | None, now_ns: int | None = None) -> tuple[Self, ...]:
        """Return the stretches of a schedule around now, oldest first; none before it began.

        Of those that are still to come the next ones, of those that began the newest.
        """
        if schedule is None:
            return ()
        end = len(schedule.segments)
        if now_ns is not None:
            begun = len(schedule.until(now_ns).segments)
            end = min(end, max(begun + SEGMENTS_AHEAD_MAX, SEGMENTS_SHOWN_MAX))
        shown = schedule.segments[max(0, end - SEGMENTS_SHOWN_MAX) : end]
        return tuple(
            cls(row=s.first_row, at=timestamp_text(s.instant_ns), pace=str(s.pace)) for s in shown
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDeclaration:
    """What was declared of a stream."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    key: str | None
    """The field whose value is the record key; null for records without one."""
    format: str
    """How values are written: avro, avro-raw, json, json-schema or protobuf."""
    key_format: str
    """How keys are written."""
    rows: int | None
    """Rows in all; null for an endless stream."""
    kinds: Mapping[str, str]
    """How values are chosen, by field path; what is not here is by the type of the field."""

    @classmethod
    def of(cls, spec: StreamSpec, rows: int | None) -> Self:
        """Return what a declaration says; `rows` is the bound of this run."""
        return cls(
            key=spec.key,
            format=spec.output.format,
            key_format=spec.output.key_format,
            rows=rows,
            kinds={path: declared.kind for path, declared in spec.fields.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDetail:
    """One stream: what it is, how to have it again, and how it goes."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    name: str
    """Name of the stream."""
    avro_schema: Mapping[str, Any]
    """Schema of its records, as Avro writes it."""
    plan: StreamDeclaration
    """What was declared of it: key, formats, bound, kinds of fields."""
    command: str | None
    """The command that makes the same rows again, with the same times as long as `changes` is 0;
    null before the start is known."""
    schedule: tuple[ScheduleSegment, ...]
    """The stretches of its schedule, oldest first, also planned ones; a hundred around now."""
    status: StreamStatus
    """How it goes: the same as in GET /status."""
