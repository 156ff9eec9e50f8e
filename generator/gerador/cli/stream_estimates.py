"""Estimates for the streams of a scenario: rates, bytes, skew, memory, values of each field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.avro.logical_types import ignored_logical_type
from gerador.avro.paths import MAP_KEYS, field_paths
from gerador.avro.schema import Union, type_label
from gerador.cli.distinct_estimates import (
    count_distinct,
    distinct_from_declaration,
    distinct_from_shares,
)
from gerador.encoding.partitioner import partitions_by_key
from gerador.encoding.record_encoder import RecordEncoder
from gerador.encoding.records import single_batch_bytes
from gerador.encoding.registry_schemas import SchemaIds
from gerador.events.stream_set import StreamSet
from gerador.limits import PARTITIONS_DEFAULT, RECORD_BATCH_BYTES_MAX
from gerador.scenario.output import SCHEMA_ID_FORMATS
from gerador.scenario.plan import schedules_for
from gerador.schedule.profiles import Constant, Diurnal, Generations, Ramp, Sine, Steps
from gerador.units import EPOCH, NS_PER_S
from gerador.values.defaults import default_generator
from gerador.values.faker_pool import FakerGenerator
from gerador.values.references import ReferenceGenerator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType, Field
    from gerador.cli.distinct_estimates import DistinctCount
    from gerador.encoding.records import RecordHeader
    from gerador.events.row_chunk import RowChunk
    from gerador.events.rows import StreamRows
    from gerador.scenario.plan import ScenarioPlan, StreamPlan
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.schedule.profiles import LoadProfile


@dataclass(frozen=True, slots=True)
class RateEstimate:
    """Rows per second of a load profile; all None for as fast as possible."""

    profile: str
    """Name of the load profile, for example ``sine, poisson``."""
    mean: float | None
    min: float | None
    max: float | None


def estimate_rates(plan: StreamPlan) -> RateEstimate:
    """Return the rates without scripted changes. The mean of a ramp is its last rate."""
    rates = _profile_rates(plan.rate, plan.spec.generation_rows)
    poisson = plan.rate is not None and plan.rate.poisson
    scripted = f", {len(plan.at)} changes" if plan.at else ""
    profile = f"{rates.profile}{', poisson' if poisson else ''}{scripted}"
    return RateEstimate(profile, rates.mean, rates.min, rates.max)


def _profile_rates(profile: LoadProfile | None, generation_rows: int) -> RateEstimate:
    match profile:
        case None:
            return _constant_rate("generations", generation_rows)
        case Constant():
            most = profile.constant == "max"
            return (
                RateEstimate("max", None, None, None)
                if most
                else _constant_rate("constant", profile.constant)
            )
        case Generations():
            return _constant_rate("generations", profile.rows * NS_PER_S / profile.every)
        case Ramp():
            ends = profile.ramp.from_, profile.ramp.to
            return RateEstimate("ramp", ends[1], min(ends), max(ends))
        case Sine():
            ends = profile.sine.from_, profile.sine.to
            return RateEstimate("sine", sum(ends) / 2, min(ends), max(ends))
        case Diurnal():
            low, high = profile.diurnal.low, profile.diurnal.high
            return RateEstimate("diurnal", (low + high) / 2, low, high)
        case Steps():
            return _step_rates(profile)


def _step_rates(profile: Steps) -> RateEstimate:
    rates = [step.rate for step in profile.steps]
    total_ns = sum(step.for_ for step in profile.steps)
    mean = sum(step.rate * step.for_ for step in profile.steps) / total_ns
    return RateEstimate("steps", mean if profile.repeat else rates[-1], min(rates), max(rates))


def _constant_rate(profile: str, rate: float | str) -> RateEstimate:
    return RateEstimate(profile, float(rate), float(rate), float(rate))


ROWS_MEASURED: Final = 16_384
KEYS_MEASURED: Final = 65_536
SEED: Final = 1
"""Seed of a scenario without one, so that estimates do not change from call to call."""
_SCHEMA_ID: Final = 1


@dataclass(frozen=True, slots=True)
class FieldEstimate:
    """A field: its type, its generator and the statistics of its values."""

    name: str
    type: str
    generator: str
    distinct: DistinctCount
    """Distinct values in all rows of the stream, or in the measured ones."""
    nulls: float
    """Share of nulls: declared, or measured if values are looked up or computed."""


@dataclass(frozen=True, slots=True)
class NestedField:
    """A field, item, map key, map value or union branch inside a field of a given schema."""

    path: str
    """Its name under `fields` of a scenario."""
    type: str
    generator: str


@dataclass(frozen=True, slots=True)
class StreamEstimate:
    """A stream: topic, rates, sizes and fields."""

    name: str
    topic: str
    partitions: int
    key: str | None
    format: str
    schema: str
    schema_name: str
    """Full name of the record."""
    derived: bool
    """Whether the schema is derived from the fields; otherwise it is declared."""
    rows: int | None
    rates: RateEstimate
    record_bytes: float
    """Mean bytes of key, value and headers over the measured rows."""
    batch_bytes_max: int
    """The largest measured record as a record batch of its own, in bytes, uncompressed."""
    message_bytes_max: int
    """`max.message.bytes` of the topic: as declared, else Kafka's default."""
    too_large: float
    """Share of the measured rows whose record exceeds it, uncompressed."""
    fullest_partition: float
    """Share of the rows in the fullest partition; 1 / partitions if even."""
    memory_bytes: int
    fields: tuple[FieldEstimate, ...]
    nested_fields: tuple[NestedField, ...]
    """Those of a given schema; empty for a derived one, whose fields contain their contents."""
    ignored_logical_types: tuple[tuple[str, str], ...]
    """The paths and names of logical types that are unknown, or not those of their types."""

    @property
    def bytes_per_s(self) -> float | None:
        """Mean bytes per second; None for as fast as possible."""
        return None if self.rates.mean is None else self.rates.mean * self.record_bytes


def estimate_streams(plan: ScenarioPlan) -> Iterator[StreamEstimate]:
    """Yield the estimate of each stream. Cost: up to KEYS_MEASURED rows of each.

    Raises SettingError, DataError: rows that cannot be generated.
    """
    seed = SEED if plan.seed is None else plan.seed
    start = EPOCH if plan.start is None else plan.start
    start_ns = int((start - EPOCH).total_seconds()) * NS_PER_S
    specs = [stream.spec for stream in plan.streams]
    stream_set = StreamSet(specs, seed, schedules_for(plan, start_ns, seed))
    for stream in plan.streams:
        name = stream.spec.name
        declared = None if plan.scenario is None else plan.scenario.streams[name]
        derived = declared is not None and declared.avro_schema is None
        yield _estimate_stream(
            stream,
            stream_set.rows_of(name),
            stream_set,
            derived=derived,
            seeded=plan.seed is not None,
        )


def _estimate_stream(
    plan: StreamPlan, rows: StreamRows, stream_set: StreamSet, *, derived: bool, seeded: bool
) -> StreamEstimate:
    spec = plan.spec
    partitions = plan.partitions or PARTITIONS_DEFAULT
    value_id = _SCHEMA_ID if spec.output.format in SCHEMA_ID_FORMATS else None
    encoder = RecordEncoder(spec, partitions, SchemaIds(value_id, _SCHEMA_ID))
    sample = rows.rows(0, min(ROWS_MEASURED, spec.rows or ROWS_MEASURED))
    configured = plan.topic_config.get("max.message.bytes", "")
    message_bytes_max = int(configured) if configured.isdecimal() else RECORD_BATCH_BYTES_MAX
    batch_bytes = np.concatenate(
        [single_batch_bytes(encoder.encode(chunk)) for chunk in _chunks(rows, ROWS_MEASURED)]
    )
    return StreamEstimate(
        name=spec.name,
        topic=spec.topic,
        partitions=partitions,
        key=spec.key,
        format=spec.output.format,
        schema=spec.schema.json,
        schema_name=spec.schema.name,
        derived=derived,
        rows=spec.rows,
        rates=estimate_rates(plan),
        record_bytes=_record_bytes(encoder, rows),
        batch_bytes_max=int(batch_bytes.max()),
        message_bytes_max=message_bytes_max,
        too_large=float((batch_bytes > message_bytes_max).mean()),
        fullest_partition=_fullest_partition(encoder, rows),
        memory_bytes=stream_set.lookup_bytes(spec.name) + _dictionary_bytes(rows),
        fields=tuple(
            _estimate_field(spec, field, sample, _pool(rows, field.name), seeded=seeded)
            for field in spec.schema.root.fields
        ),
        nested_fields=() if derived else tuple(_nested_fields(spec)),
        ignored_logical_types=tuple(
            (path, name)
            for path, avro_type in field_paths(spec.schema.root)
            if (name := ignored_logical_type(_non_null_type(avro_type))) is not None
        ),
    )


def _nested_fields(spec: StreamSpec) -> Iterator[NestedField]:
    names = {f.name for f in spec.schema.root.fields}
    for path, avro_type in field_paths(spec.schema.root):
        if path in names:
            continue
        declared = spec.fields.get(path)
        if path.endswith(MAP_KEYS) and declared is None:
            yield NestedField(path, "string", "map")  # which generates the keys, too
        else:
            generator = declared or default_generator(avro_type, path)
            yield NestedField(path, _type_text(avro_type), generator.kind)


def _type_text(avro_type: AvroType) -> str:
    value = _non_null_type(avro_type)
    return type_label(avro_type) + ("" if value is avro_type else " or null")


def _chunks(rows: StreamRows, count: int) -> Iterator[RowChunk]:
    return rows.chunks(0, min(count, rows.spec.rows or count))


def _record_bytes(encoder: RecordEncoder, rows: StreamRows) -> float:
    total = count = 0
    for chunk in _chunks(rows, ROWS_MEASURED):
        records = encoder.encode(chunk)
        for part in (records.value, records.key):
            total += 0 if part is None else int(part.lengths.sum())
        count += chunk.columns.num_rows
        total += sum(_header_bytes(header, chunk.columns.num_rows) for header in records.headers)
    return total / count


def _header_bytes(header: RecordHeader, rows: int) -> int:
    """Return the bytes of a header's names and values in `rows` rows."""
    value = header.value
    if value is None or isinstance(value, bytes):
        return rows * (len(header.name.encode()) + len(value or b""))
    return rows * len(header.name.encode()) + int(value.lengths.sum())


def _fullest_partition(encoder: RecordEncoder, rows: StreamRows) -> float:
    keys, key = encoder.keys, rows.spec.key
    if keys is None or key is None:
        return 1 / encoder.partitions
    counts = np.zeros(encoder.partitions, np.int64)
    for chunk in _chunks(rows, KEYS_MEASURED):
        encoded = keys.encode(chunk.columns.column(key))
        partition = partitions_by_key(encoded, chunk.first_row, encoder.partitions)
        counts += np.bincount(partition, minlength=encoder.partitions)
    return float(counts.max() / counts.sum())


def _dictionary_bytes(rows: StreamRows) -> int:
    """Return the bytes of the value pools of a stream, without looked-up columns."""
    columns = next(rows.chunks(0, 1)).columns
    declared = rows.spec.fields
    return sum(
        column.dictionary.nbytes
        for name, column in zip(columns.schema.names, columns.columns, strict=True)
        if isinstance(column, pa.DictionaryArray)
        and not isinstance(declared.get(name), ReferenceGenerator)
    )


def _pool(rows: StreamRows, name: str) -> pa.Array | None:
    """Return the value pool of a Faker field; None for other generators."""
    if not isinstance(rows.spec.fields.get(name), FakerGenerator):
        return None
    column = next(rows.chunks(0, 1)).columns.column(name)
    return column.dictionary if isinstance(column, pa.DictionaryArray) else None


def _estimate_field(
    spec: StreamSpec, field: Field, sample: pa.RecordBatch, pool: pa.Array | None, *, seeded: bool
) -> FieldEstimate:
    declared = spec.fields.get(field.name) or default_generator(field.type, field.name)
    value = _non_null_type(field.type)
    dropped = 0.0 if value is field.type else declared.null_share()
    column = sample.column(field.name)
    nulls = _null_count(column, field.type) / max(1, len(column))
    if pool is not None:
        counts = pc.value_counts(pool).field("counts").to_numpy()
        distinct = distinct_from_shares(counts / len(pool), spec.rows, dropped)
        if not seeded and distinct.how == "exact":  # the pool depends on the seed
            distinct = distinct._replace(how="expected")
    else:
        whole = seeded and spec.rows == len(column)
        computed = distinct_from_declaration(declared, value, spec.rows, dropped)
        distinct = count_distinct(column, whole=whole) if computed is None else computed
    return FieldEstimate(
        name=field.name,
        type=_type_text(field.type),
        generator=declared.kind,
        distinct=distinct,
        nulls=nulls if declared.null is None or declared.can_be_null() else declared.null,
    )


def _null_count(column: pa.Array, avro_type: AvroType) -> int:
    """Return the number of nulls, also of a union, whose nulls are a branch."""
    if not pa.types.is_union(column.type):
        return int(column.null_count)
    assert isinstance(avro_type, Union)  # noqa: S101 - the only type with union columns
    if avro_type.null_position is None:
        return 0
    return int(np.count_nonzero(column.type_codes.to_numpy() == avro_type.null_position))


def _non_null_type(avro_type: AvroType) -> AvroType:
    nullable = isinstance(avro_type, Union) and avro_type.null_branch is not None
    return avro_type.value if isinstance(avro_type, Union) and nullable else avro_type


def estimate_as_json(estimate: StreamEstimate) -> dict[str, Any]:
    """Return an estimate as JSON values."""
    rates = estimate.rates
    return {
        "stream": estimate.name,
        "topic": estimate.topic,
        "partitions": estimate.partitions,
        "key": estimate.key,
        "format": estimate.format,
        "rows": estimate.rows,
        "rate": {
            "profile": rates.profile,
            "mean": rates.mean,
            "min": rates.min,
            "max": rates.max,
        },
        "record_bytes": round(estimate.record_bytes, 1),
        "batch_bytes_max": estimate.batch_bytes_max,
        "message_bytes_max": estimate.message_bytes_max,
        "too_large": round(estimate.too_large, 4),
        "bytes_per_s": None if estimate.bytes_per_s is None else round(estimate.bytes_per_s),
        "fullest_partition": round(estimate.fullest_partition, 4),
        "memory_bytes": estimate.memory_bytes,
        "fields": [
            {
                "name": f.name,
                "type": f.type,
                "generator": f.generator,
                "distinct": f.distinct.number,
                "distinct_is": f.distinct.how,
                "nulls": round(f.nulls, 4),
            }
            for f in estimate.fields
        ],
        "nested_fields": [
            {"name": f.path, "type": f.type, "generator": f.generator}
            for f in estimate.nested_fields
        ],
        "ignored_logical_types": [
            {"name": path, "logical_type": name} for path, name in estimate.ignored_logical_types
        ],
        "schema": estimate.schema,
        "schema_derived": estimate.derived,
    }
