"""Status of a run and its streams: the body of GET /status and the source of the count metrics."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations at run time
from dataclasses import dataclass, field, fields
from datetime import datetime  # noqa: TC003 - pydantic reads the annotations at run time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class State(StrEnum):
    """State words of GET /status. FINISHED is a bounded stream whose run goes on."""

    STARTING = "iniciando"
    ACTIVE = "ativo"
    PAUSED = "pausado"
    DEGRADED = "degradado"
    ERROR = "erro"
    STOPPING = "encerrando"
    FINISHED = "concluido"


ENDED: Final = frozenset({State.STOPPING, State.FINISHED})
"""States of a stream that generates no more rows."""

_T = TypeVar("_T")
_N = TypeVar("_N", int, float)
DOCUMENTED_FIELDS: Final[dict[str, Any]] = {"use_attribute_docstrings": True}
"""Pydantic configuration: field docstrings are the descriptions in the OpenAPI document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStatus:
    """State and counters of one stream.

    Always ``due == acked + failed + unknown + in_flight + behind`` and
    ``sum(failed_by_reason.values()) == failed``; `imbalance` is the difference.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = DOCUMENTED_FIELDS

    status: State
    """State: iniciando, ativo, pausado, degradado, erro, encerrando; of a stream also concluido."""
    ultima_geracao: datetime | None = None
    """When the latest generation was finished (ISO 8601, UTC); null before the first."""
    total_geracoes: int = 0
    """Generations finished."""
    registros_atuais: int = 0
    """Rows that GET /dados can return."""
    due: int = 0
    """Rows due by the schedule until now."""
    made: int = 0
    """Rows generated, whatever their outcome."""
    acked: int = 0
    """Rows acknowledged by the brokers."""
    failed: int = 0
    """Rows that did not arrive and are not retried."""
    unknown: int = 0
    """Rows sent whose outcome is not known."""
    in_flight: int = 0
    """Rows sent or queued that wait for an acknowledgement."""
    behind: int = 0
    """Rows due and not sent yet."""
    behind_s: float = 0.0
    """Age of the oldest row that is due and not sent yet, in seconds."""
    rate_asked: float | None = None
    """Target rate in rows per second; null: as fast as possible."""
    rate_delivered: float = 0.0
    """Rows acknowledged per second, over the last seconds."""
    elapsed_s: float = 0.0
    """Clock time since the start of the schedule, in seconds."""
    seed: int
    """Seed of the run; the same seed and start reproduce its rows."""
    start: datetime | None = None
    """Start of the schedule (ISO 8601, UTC); null before it."""
    topic: str | None = None
    """Kafka topic; null without Kafka, or if the streams have different topics."""
    partitions: int | None = None
    """Partitions of the topic; null until they are known."""
    reason: str | None = None
    """Current problem, in one line; null without one."""
    errors: int = 0
    """Slices whose generation or encoding failed."""
    last_error: str | None = None
    """Latest error of generation or encoding, in one line; null without one."""
    failed_by_reason: Mapping[str, int] = field(default_factory=dict)
    """Failed rows by reason, a short name."""
    bytes_acked: int = 0
    """Bytes of acknowledged record batches, as sent over the network."""
    schema_id: int | None = None
    """Schema id in front of every value; null without one, or until it is known."""
    framing: str | None = None
    """confluent (magic byte and schema id before each value) or raw; null if the streams differ."""
    rows_asked: int | None = None
    """Rows of a bounded run; null for an endless run."""
    changes: int = 0
    """Live changes so far: rate, pause, resume, burst."""
    notices: tuple[str, ...] = ()
    """Hints about settings with unexpected effects (retention, …), one line each."""

    @property
    def imbalance(self) -> int:
        """Rows by which the counters are inconsistent; 0 if the ledger is correct."""
        counted = self.acked + self.failed + self.unknown + self.in_flight + self.behind
        unexplained = self.failed - sum(self.failed_by_reason.values())
        return abs(self.due - counted) + abs(unexplained)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(StreamStatus):
    """State and counters of the whole run: its streams, and their sums."""

    version: str
    """Version of this program."""
    streams: Mapping[str, StreamStatus] = field(default_factory=dict)
    """State and counters of each stream, by name."""

    @classmethod
    def of(
        cls,
        streams: Mapping[str, StreamStatus],
        *,
        status: State,
        seed: int,
        version: str,
        reason: str | None = None,
    ) -> Self:
        """Return the status of a run of `streams` (at least one).

        Counts and rates are sums; `behind_s` is the largest; `ultima_geracao` the latest and
        `start` the earliest; `topic`, `schema_id` and `framing` are set if all streams have the
        same. The target rate is null if a stream is unpaced; `rows_asked` if a stream is endless.
        """
        every = list(streams.values())
        summed: dict[str, Any] = {name: sum(getattr(s, name) for s in every) for name in _SUMMED}
        return cls(
            status=status,
            seed=seed,
            version=version,
            reason=reason,
            streams=dict(streams),
            **summed,
            **_common_values(every),
            ultima_geracao=max(_not_none(s.ultima_geracao for s in every), default=None),
            start=min(_not_none(s.start for s in every), default=None),
            behind_s=max(s.behind_s for s in every),
            elapsed_s=max(s.elapsed_s for s in every),
            rate_asked=_sum_or_none(s.rate_asked for s in every),
            rows_asked=_sum_or_none(s.rows_asked for s in every),
            partitions=_sum_or_none(s.partitions for s in every),
            last_error=next((s.last_error for s in every if s.last_error), None),
            failed_by_reason=_sum_by_key(s.failed_by_reason for s in every),
            notices=tuple(_notices(streams)),
        )


_SUMMED: Final = (
    "total_geracoes",
    "registros_atuais",
    "due",
    "made",
    "acked",
    "failed",
    "unknown",
    "in_flight",
    "behind",
    "rate_delivered",
    "errors",
    "bytes_acked",
    "changes",
)
_COMMON: Final = ("topic", "schema_id", "framing")
STREAM_KEYS: Final = tuple(f.name for f in fields(StreamStatus))
"""Keys of one stream in GET /status, in order."""
RUN_KEYS: Final = tuple(f.name for f in fields(Status))
"""Top-level keys of GET /status, in order."""


def _common_values(streams: list[StreamStatus]) -> dict[str, Any]:
    """Return the fields that have the same value in all streams."""
    first = streams[0]
    return {
        name: getattr(first, name)
        for name in _COMMON
        if all(getattr(s, name) == getattr(first, name) for s in streams)
    }


def _notices(streams: Mapping[str, StreamStatus]) -> Iterator[str]:
    """Yield every notice, with its stream's name if there are several streams."""
    for name, stream in streams.items():
        yield from (f"{name}: {line}" if len(streams) > 1 else line for line in stream.notices)


def _not_none(values: Iterable[_T | None]) -> list[_T]:
    return [v for v in values if v is not None]


def _sum_or_none(values: Iterable[_N | None]) -> _N | None:
    every = list(values)
    known = _not_none(every)
    return sum(known, type(known[0])(0)) if known and len(known) == len(every) else None


def _sum_by_key(every: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for counts in every:
        for key, count in counts.items():
            total[key] = total.get(key, 0) + count
    return total
