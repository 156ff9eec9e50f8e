"""What a scenario's streams come to, before they run: told from what is declared, or measured.

What is measured is measured over the first rows, made and encoded as a run makes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.cli.plan_distinct import counted, distinct_by_law, drawn_by
from gerador.cli.plan_rates import Rates, rates_of
from gerador.delivery.kafka.topic import PARTITIONS_DEFAULT
from gerador.encoding.formats import framing, headers_of, value_encoder
from gerador.encoding.partitioner import partitions_by_key
from gerador.events.instants import EPOCH
from gerador.events.planned import schedules_of
from gerador.events.tables import Tables
from gerador.scenario.avro import Union
from gerador.scenario.by_type import default_field
from gerador.scenario.fields import FakerField, FromField, LengthField, WholeField
from gerador.scenario.kinds import told
from gerador.scenario.output import FRAMED
from gerador.scenario.type_words import type_word
from gerador.service.maker import key_encoder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.cli.plan_distinct import Distinct
    from gerador.encoding.records import Header
    from gerador.events.rows import StreamRows
    from gerador.scenario.avro import AvroType, Field
    from gerador.scenario.fields import Declared
    from gerador.scenario.file.plan import ScenarioPlan, StreamPlan
    from gerador.scenario.model import StreamSpec

ROWS_MEASURED: Final = 16_384
KEYS_MEASURED: Final = 65_536
SEED: Final = 1
"""Where the scenario says none: what is measured shall not differ from call to call."""
_SAMPLE_ID: Final = 1


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field of the rows: its type, how it is chosen, and what its values are like."""

    name: str
    type: str
    kind: str
    distinct: Distinct
    """Different values in all rows of the stream, or in those that were measured."""
    nulls: float
    """Share of nulls: declared, or measured where the values are looked up or computed."""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """A stream: its topic, its rates, its sizes."""

    name: str
    topic: str
    partitions: int
    key: str | None
    format: str
    schema: str
    derived: bool
    """Whether the schema is derived from the declarations; else it was given."""
    rows: int | None
    rates: Rates
    record_bytes: float
    """Mean bytes of key, value and headers over the rows measured, as they are sent."""
    fullest_partition: float
    """Share of the rows in the fullest partition; 1 / partitions is even."""
    memory_bytes: int
    fields: tuple[FieldFacts, ...]

    @property
    def bytes_per_s(self) -> float | None:
        """Mean bytes per second; None as fast as possible."""
        return None if self.rates.mean is None else self.rates.mean * self.record_bytes


def facts_of(plan: ScenarioPlan) -> Iterator[StreamFacts]:
    """Yield what each stream of a plan comes to. Cost: 65,536 rows of each, a fraction of a second.

    Raises SettingError, DataError: rows that cannot be made.
    """
    seed = SEED if plan.seed is None else plan.seed
    start = EPOCH if plan.start is None else plan.start
    start_ns = int((start - EPOCH).total_seconds()) * 1_000_000_000
    specs = [stream.spec for stream in plan.streams]
    tables = Tables(specs, seed, schedules_of(plan, start_ns, seed))
    for stream in plan.streams:
        name = stream.spec.name
        said = None if plan.scenario is None else plan.scenario.streams[name]
        derived = said is not None and said.avro_schema is None
        yield _stream(
            stream, tables.get(name), tables, derived=derived, seeded=plan.seed is not None
        )


def _stream(
    plan: StreamPlan, rows: StreamRows, tables: Tables, *, derived: bool, seeded: bool
) -> StreamFacts:
    spec = plan.spec
    partitions = plan.partitions or PARTITIONS_DEFAULT
    sample = rows.rows(0, min(ROWS_MEASURED, spec.rows or ROWS_MEASURED))
    return StreamFacts(
        name=spec.name,
        topic=spec.topic,
        partitions=partitions,
        key=spec.key,
        format=spec.output.format,
        schema=spec.schema.json,
        derived=derived,
        rows=spec.rows,
        rates=rates_of(plan),
        record_bytes=_record_bytes(spec, rows),
        fullest_partition=_fullest(spec, rows, partitions),
        memory_bytes=tables.entry_bytes(spec.name) + _dictionary_bytes(rows),
        fields=tuple(
            _field(spec, field, sample, _pool(rows, field.name), seeded=seeded)
            for field in spec.schema.root.fields
        ),
    )


def _tiles(spec: StreamSpec, rows: StreamRows, count: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    for tile in rows.tiles(0, min(count, spec.rows or count)):
        yield tile.first_row, tile.columns


def _record_bytes(spec: StreamSpec, rows: StreamRows) -> float:
    form = spec.output.format
    prefix = framing(form, _SAMPLE_ID if form in FRAMED else None)
    values = value_encoder(spec.schema.root, form, prefix)
    total = count = 0
    for first, columns in _tiles(spec, rows, ROWS_MEASURED):
        total += int(values.measure(columns, first).lengths.sum())
        total += sum(
            _header_bytes(header, columns.num_rows)
            for header in headers_of(spec.output, columns, first)
        )
        if spec.key is not None:
            keys = key_encoder(spec, spec.key, _SAMPLE_ID).encode(columns.column(spec.key))
            total += int(keys.lengths.sum())
        count += columns.num_rows
    return total / count


def _header_bytes(header: Header, rows: int) -> int:
    """Return the bytes of a header's name and value in all of `rows` rows."""
    value = header.value
    if value is None or isinstance(value, bytes):
        return rows * (len(header.name.encode()) + len(value or b""))
    return rows * len(header.name.encode()) + int(value.lengths.sum())


def _fullest(spec: StreamSpec, rows: StreamRows, partitions: int) -> float:
    if spec.key is None:
        return 1 / partitions
    encoder = key_encoder(spec, spec.key, _SAMPLE_ID)
    counts = np.zeros(partitions, np.int64)
    for first, columns in _tiles(spec, rows, KEYS_MEASURED):
        keys = encoder.encode(columns.column(spec.key))
        counts += np.bincount(partitions_by_key(keys, first, partitions), minlength=partitions)
    return float(counts.max() / counts.sum())


def _dictionary_bytes(rows: StreamRows) -> int:
    """Return the bytes of the pools that a stream keeps; what it looks up is the other's."""
    columns = next(rows.tiles(0, 1)).columns
    declared = rows.spec.fields
    return sum(
        column.dictionary.nbytes
        for name, column in zip(columns.schema.names, columns.columns, strict=True)
        if isinstance(column, pa.DictionaryArray) and not isinstance(declared.get(name), FromField)
    )


def _pool(rows: StreamRows, name: str) -> pa.Array | None:
    """Return the pool that a Faker field's values are drawn from; None of other kinds."""
    if not isinstance(rows.spec.fields.get(name), FakerField):
        return None
    column = next(rows.tiles(0, 1)).columns.column(name)
    return column.dictionary if isinstance(column, pa.DictionaryArray) else None


def _field(
    spec: StreamSpec, field: Field, sample: pa.RecordBatch, pool: pa.Array | None, *, seeded: bool
) -> FieldFacts:
    declared = spec.fields.get(field.name) or default_field(field.type, field.name)
    value = _value(field.type)
    dropped = 0.0 if value is field.type else declared.null_share()
    column = sample.column(field.name)
    nulls = column.null_count / max(1, len(column))
    if pool is not None:
        counts = pc.value_counts(pool).field("counts").to_numpy()
        distinct = drawn_by(counts / len(pool), spec.rows, dropped)
        if not seeded and distinct.how == "exact":  # a run chooses a seed, and with it a pool
            distinct = distinct._replace(how="expected")
    else:
        whole = seeded and spec.rows == len(column)
        by_law = distinct_by_law(declared, value, spec.rows, dropped)
        distinct = counted(column, whole=whole) if by_law is None else by_law
    return FieldFacts(
        name=field.name,
        type=told(field.type) + ("" if value is field.type else " or null"),
        kind=_word(declared, value),
        distinct=distinct,
        nulls=nulls if declared.null is None or declared.gives_null() else declared.null,
    )


def _word(declared: Declared, avro_type: AvroType) -> str:
    """Return the kind in the words of a scenario file: what holds values is called by its type."""
    holds = isinstance(declared, LengthField | WholeField)
    return type_word(avro_type) if holds else declared.kind


def _value(avro_type: AvroType) -> AvroType:
    nullable = isinstance(avro_type, Union) and avro_type.null_branch is not None
    return avro_type.value if isinstance(avro_type, Union) and nullable else avro_type


def as_json(facts: StreamFacts) -> dict[str, Any]:
    """Return a stream's facts as plain values."""
    rates = facts.rates
    return {
        "stream": facts.name,
        "topic": facts.topic,
        "partitions": facts.partitions,
        "key": facts.key,
        "format": facts.format,
        "rows": facts.rows,
        "rate": {"told": rates.told, "mean": rates.mean, "min": rates.low, "max": rates.high},
        "record_bytes": round(facts.record_bytes, 1),
        "bytes_per_s": None if facts.bytes_per_s is None else round(facts.bytes_per_s),
        "fullest_partition": round(facts.fullest_partition, 4),
        "memory_bytes": facts.memory_bytes,
        "fields": [
            {
                "name": f.name,
                "type": f.type,
                "kind": f.kind,
                "distinct": f.distinct.number,
                "distinct_is": f.distinct.how,
                "nulls": round(f.nulls, 4),
            }
            for f in facts.fields
        ],
        "schema": facts.schema,
        "schema_derived": facts.derived,
    }
