"""Status values of a run and its streams: the answer of GET /status and the source of all metrics that are counts."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations at run time
from dataclasses import dataclass, field, fields
from datetime import datetime  # noqa: TC003 - pydantic reads the annotations at run time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class State(StrEnum):
    """The state words of the contract, and one for a bounded stream beside others that go on."""

    STARTING = "iniciando"
    ACTIVE = "ativo"
    PAUSED = "pausado"
    DEGRADED = "degradado"
    ERROR = "erro"
    STOPPING = "encerrando"
    FINISHED = "concluido"


ENDED: Final = frozenset({State.STOPPING, State.FINISHED})
"""States of a stream that makes no more rows."""

_T = TypeVar("_T")
_N = TypeVar("_N", int, float)
_DOCUMENTED: Final[dict[str, Any]] = {"use_attribute_docstrings": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStatus:
    """One stream at one instant.

    At every instant ``due == acked + failed + unknown + in_flight + behind``, and
    ``sum(failed_by_reason.values()) == failed``; `imbalance` says by how much it is not so.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _DOCUMENTED

    status: State
    """State: iniciando, ativo, pausado, degradado, erro, encerrando; of a stream also concluido."""
    ultima_geracao: datetime | None = None
    """When the latest generation was finished (ISO 8601, UTC); null before the first."""
    total_geracoes: int = 0
    """Generations finished so far."""
    registros_atuais: int = 0
    """Rows that GET /dados can show now."""
    due: int = 0
    """Rows that the schedule has asked for up to now."""
    made: int = 0
    """Rows that were computed, whatever became of them afterwards."""
    acked: int = 0
    """Rows that the brokers confirmed."""
    failed: int = 0
    """Rows that are known not to have arrived and will not be sent again."""
    unknown: int = 0
    """Rows that were sent and whose outcome is not known now."""
    in_flight: int = 0
    """Rows that were handed to delivery and await their outcome."""
    behind: int = 0
    """Rows that are due and were not handed to delivery yet."""
    behind_s: float = 0.0
    """Age of the oldest row that is behind, in seconds."""
    rate_asked: float | None = None
    """Rows per second that the schedule asks for; null means as fast as possible."""
    rate_delivered: float = 0.0
    """Rows per second that were confirmed over the last seconds."""
    elapsed_s: float = 0.0
    """Seconds by the clock since the schedule began."""
    seed: int
    """Seed of the recipe; with the start it repeats the run."""
    start: datetime | None = None
    """Start of the schedule (ISO 8601, UTC); null before it began."""
    topic: str | None = None
    """Kafka topic; null without one, or for several streams together."""
    partitions: int | None = None
    """Partitions of the topic; null while they are not known."""
    reason: str | None = None
    """Why it is not well, in one line; null when it is."""
    errors: int = 0
    """Generations that failed."""
    last_error: str | None = None
    """The latest failure of a generation, in one line; null when there was none."""
    failed_by_reason: Mapping[str, int] = field(default_factory=dict)
    """Rows that failed, by the reason's short name."""
    bytes_acked: int = 0
    """Bytes of the record batches that the brokers confirmed, as they went over the wire."""
    schema_id: int | None = None
    """Id of the schema in front of every datum; null when bare, or not known yet."""
    framing: str | None = None
    """confluent (magic byte and schema id before each datum) or raw; null when streams differ."""
    rows_asked: int | None = None
    """Rows of a bounded run; null for one without an end."""
    changes: int = 0
    """Live changes of pace (rate, pause, resume) so far."""
    notices: tuple[str, ...] = ()
    """What may surprise although all is well, a line each (retention, …)."""

    @property
    def imbalance(self) -> int:
        """Rows by which the counters disagree; 0 when the ledger is honest."""
        told = self.acked + self.failed + self.unknown + self.in_flight + self.behind
        unexplained = self.failed - sum(self.failed_by_reason.values())
        return abs(self.due - told) + abs(unexplained)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(StreamStatus):
    """The whole run at one instant: its streams, and their sums."""

    version: str
    """Version of this program."""
    streams: Mapping[str, StreamStatus] = field(default_factory=dict)
    """The same for every stream, by its name."""

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
        """Sum `streams` (at least one) up to a run.

        Counts and rates are sums; `behind_s` is the largest; `ultima_geracao` the latest and
        `start` the earliest; `topic`, `schema_id` and `framing` stand when all streams agree.
        A rate is null as soon as one stream goes as fast as possible; `rows_asked` as soon as
        one has no end.
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
"""The keys of one stream in GET /status, in their order."""
RUN_KEYS: Final = tuple(f.name for f in fields(Status))
"""The keys of GET /status itself, in their order."""


def _common_values(streams: list[StreamStatus]) -> dict[str, Any]:
    """Return what all streams say alike; what they do not is left to its default."""
    first = streams[0]
    return {
        name: getattr(first, name)
        for name in _COMMON
        if all(getattr(s, name) == getattr(first, name) for s in streams)
    }


def _notices(streams: Mapping[str, StreamStatus]) -> Iterator[str]:
    """Yield every notice; where there are several streams, with the name of its own."""
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
