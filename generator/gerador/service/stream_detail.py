"""Details of one stream, as the API returns them, and the result of a live change."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations at run time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from gerador.service.status import (
    DOCUMENTED_FIELDS,
    State,
    StreamStatus,
)
from gerador.units import timestamp_text

if TYPE_CHECKING:
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.schedule.schedule import Schedule


SEGMENTS_SHOWN_MAX: Final = 100
"""Maximum number of schedule segments in a response: the latest and the next."""
SEGMENTS_AHEAD_MAX: Final = 50
"""Maximum number of future segments among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult:
    """Result of a live change."""

    __pydantic_config__: ClassVar[dict[str, Any]] = DOCUMENTED_FIELDS

    stream: str
    """Name of the stream."""
    status: State
    """Current state."""
    row: int
    """First row that the change affects; earlier rows keep their times."""
    target_rows_per_s: float | None
    """Current target rate in rows per second; 0: paused, null: as fast as possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSegment:
    """Rows of a schedule with one target rate."""

    __pydantic_config__: ClassVar[dict[str, Any]] = DOCUMENTED_FIELDS

    row: int
    """First row."""
    at: str
    """Stream time at which it starts (ISO 8601, UTC)."""
    target_rate: str
    """500/s, 1000 every 1 s, max, paused, 50000 at once, or a profile: sine 500/s to 5000/s, …"""

    @classmethod
    def of(cls, schedule: Schedule | None, now_ns: int | None = None) -> tuple[Self, ...]:
        """Return the segments of a schedule around `now_ns`, oldest first.

        At most SEGMENTS_SHOWN_MAX: the latest that have started and the next ones. Empty before
        the schedule has started.
        """
        if schedule is None:
            return ()
        end = len(schedule.segments)
        if now_ns is not None:
            started = len(schedule.truncated(now_ns).segments)
            end = min(end, max(started + SEGMENTS_AHEAD_MAX, SEGMENTS_SHOWN_MAX))
        return tuple(
            cls(row=s.first_row, at=timestamp_text(s.start_ns), target_rate=str(s.target_rate))
            for s in schedule.segments[max(0, end - SEGMENTS_SHOWN_MAX) : end]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDeclaration:
    """Declaration of a stream."""

    __pydantic_config__: ClassVar[dict[str, Any]] = DOCUMENTED_FIELDS

    key: str | None
    """Field whose value is the record key; null for records without a key."""
    format: str
    """Format of values: avro, avro-raw, json, json-schema or protobuf."""
    key_format: str
    """Format of keys."""
    rows: int | None
    """Total number of rows; null for an endless stream."""
    generators: Mapping[str, str]
    """Value generator of each declared field, by path; other fields use their type's default."""

    @classmethod
    def of(cls, spec: StreamSpec, rows: int | None) -> Self:
        """Return the declaration of `spec`; `rows` is the bound of this run."""
        return cls(
            key=spec.key,
            format=spec.output.format,
            key_format=spec.output.key_format,
            rows=rows,
            generators={path: declared.kind for path, declared in spec.fields.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDetail:
    """Declaration, schedule and status of one stream."""

    __pydantic_config__: ClassVar[dict[str, Any]] = DOCUMENTED_FIELDS

    name: str
    """Name of the stream."""
    avro_schema: Any
    """Avro schema of its records."""
    declaration: StreamDeclaration
    """Key, formats, bound and value generators."""
    command: str | None
    """Command that reproduces the rows, with the same times if `changes` is 0; null before the
    start."""
    schedule: tuple[ScheduleSegment, ...]
    """Segments of its schedule, past and future, oldest first; at most 100 around now."""
    status: StreamStatus
    """State and counters, as in GET /status."""
