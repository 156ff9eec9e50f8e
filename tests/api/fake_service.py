"""A fake service whose rows, status and health are set by the test."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from gerador.avro.arrow_types import arrow_schema
from gerador.avro.load import load_avro
from gerador.delivery.registry.local_registry import LocalRegistry, schema_id, value_subject
from gerador.schedule.changes import parse_rate_change
from gerador.service.metrics import Metrics
from gerador.service.status import State, Status, StreamStatus
from gerador.service.stream_detail import (
    ChangeResult,
    ScheduleSegment,
    StreamDeclaration,
    StreamDetail,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.avro.schema import AvroSchema

VERSION = "9.8.7"
TOPIC = "registros"
REGISTRO = load_avro(Path(__file__).parents[2] / "schemas" / "registro.avsc")
EVENT_TIME = dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=dt.UTC)
GENERATION = str(uuid.UUID(int=7))


def people(rows: int) -> pa.RecordBatch:
    """Return `rows` rows of the default schema; names are a dictionary, as those of a pool."""
    schema = arrow_schema(REGISTRO.root)
    names = pa.array([f"Ana {n}" for n in range(rows)], pa.string()).dictionary_encode()
    columns = {
        "nome": names,
        "idade": pa.array([18 + n % 63 for n in range(rows)], pa.int32()),
        "salario": pa.array([1000.5 + n for n in range(rows)]),
        "cidade": pa.array(['São "Paulo", SP'] * rows, pa.string()),
        "cargo": pa.array(["Engenheira"] * rows, pa.string()),
        "timestamp": pa.array([EVENT_TIME] * rows, schema.field("timestamp").type),
        "geracao_id": pa.array([GENERATION] * rows, pa.string()),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def stream_status(**changed: object) -> StreamStatus:
    """Return a consistent status of a stream, with `changed` fields."""
    known: dict[str, object] = {
        "status": State.ACTIVE,
        "seed": 42,
        "start": EVENT_TIME,
        "ultima_geracao": EVENT_TIME,
        "total_geracoes": 3,
        "registros_atuais": 10,
        "due": 30,
        "made": 28,
        "acked": 20,
        "failed": 3,
        "failed_by_reason": {"too_large": 2, "refused": 1},
        "unknown": 1,
        "in_flight": 4,
        "behind": 2,
        "behind_s": 0.5,
        "rate_asked": 1000.0,
        "rate_delivered": 990.5,
        "topic": TOPIC,
        "partitions": 4,
        "bytes_acked": 2600,
        "schema_id": schema_id(REGISTRO),
        "framing": "confluent",
    }
    return StreamStatus(**{**known, **changed})  # type: ignore[arg-type]


@dataclass
class FakeService:
    """Implements `gerador.service.interface.Service`."""

    rows: pa.RecordBatch | None = None
    default_buffer_rows: int = 10
    buffer_rows_by_stream: dict[str, int] = field(default_factory=dict)
    live: bool = True
    ready: bool = True
    state: State = State.ACTIVE
    reason: str | None = None
    error: Exception | None = None
    streams: Mapping[str, AvroSchema] = field(default_factory=lambda: {"registros": REGISTRO})
    statuses: dict[str, StreamStatus] = field(
        default_factory=lambda: {"registros": stream_status()}
    )
    registry: LocalRegistry | None = field(
        default_factory=lambda: LocalRegistry([(value_subject(TOPIC), REGISTRO)])
    )
    metrics: Metrics = field(default_factory=lambda: Metrics(VERSION))
    requested: list[tuple[int | None, str | None]] = field(default_factory=list)
    status_calls: int = 0
    bursts: list[int] = field(default_factory=list)
    made: int = 0
    regenerated: list[tuple[str, int, int]] = field(default_factory=list)
    recipe: str | None = "seed: 42\nstart: 2026-01-02T03:04:05.678Z\nstreams:\n  registros: {}\n"

    def __post_init__(self) -> None:
        """Add the metrics of this service."""
        self.metrics.collect_status_from(self.status)

    def status(self) -> Status:
        """Return the sums of `statuses`."""
        self.status_calls += 1
        return Status.of(
            self.statuses, status=self.state, seed=42, version=VERSION, reason=self.reason
        )

    def buffer_rows(self, stream: str) -> int:
        """Return the value of `buffer_rows_by_stream`, or `default_buffer_rows`."""
        return self.buffer_rows_by_stream.get(stream, self.default_buffer_rows)

    async def latest_rows(self, limit: int | None, stream: str | None) -> pa.RecordBatch | None:
        """Return the newest `limit` of `rows`."""
        self.requested.append((limit, stream))
        if self.error is not None:
            raise self.error
        if self.rows is None or limit is None:
            return self.rows
        return self.rows.slice(max(0, self.rows.num_rows - limit))

    def rows_generated(self, stream: str) -> int:
        """Return `made`."""
        assert stream in self.streams
        return self.made

    async def regenerate(self, stream: str, a: int, b: int) -> pa.RecordBatch:
        """Return rows whose names contain their index."""
        self.regenerated.append((stream, a, b))
        if self.error is not None:
            raise self.error
        return people(b).slice(a)

    def recipe_text(self) -> str | None:
        """Return `recipe`."""
        return self.recipe

    def detail(self, stream: str) -> StreamDetail:
        """Return the details of `stream`."""
        return StreamDetail(
            name=stream,
            avro_schema=json.loads(REGISTRO.json),
            declaration=StreamDeclaration(
                key=None,
                format="avro",
                key_format="string",
                rows=None,
                generators={"nome": "faker"},
            ),
            command="gerador run --seed 42",
            schedule=(ScheduleSegment(row=0, at="2026-01-02T03:04:05.678Z", target_rate="1000/s"),),
            status=self.statuses[stream],
        )

    def change_rate(
        self, stream: str, rate: float | str, over: float | str | None = None
    ) -> ChangeResult:
        """Accept any valid rate."""
        return self._change(
            stream, State.ACTIVE, parse_rate_change(rate, over).target_rate.rows_per_s
        )

    def pause(self, stream: str) -> ChangeResult:
        """Pause."""
        return self._change(stream, State.PAUSED, 0.0)

    def resume(self, stream: str) -> ChangeResult:
        """Resume."""
        return self._change(stream, State.ACTIVE, 1000.0)

    def burst(self, stream: str, rows: int) -> ChangeResult:
        """Record the number of rows."""
        self.bursts.append(rows)
        return self._change(stream, State.ACTIVE, 1000.0)

    def _change(self, stream: str, state: State, rate: float | None) -> ChangeResult:
        if self.error is not None:
            raise self.error
        self.statuses[stream] = replace(self.statuses[stream], status=state, rate_asked=rate)
        return ChangeResult(stream=stream, status=state, row=30, target_rows_per_s=rate)
