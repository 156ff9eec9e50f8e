"""Rows of any Avro schema, with the default generators of its types."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gerador.avro.arrow_types import arrow_schema
from gerador.avro.load import parse_avro
from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.events.rows import StreamRows
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate
from gerador.values.date_time import EventTimeGenerator
from gerador.values.uuids import GenerationIdGenerator
from tests.avro.generated_schemas import records

START_NS = 1_767_225_600_000_000_000
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def table(schema: Any, seed: int = 1) -> StreamRows:
    """Return the rows of a schema at 1,000 rows per second."""
    spec = spec_for(schema=parse_avro(json.dumps(schema)), name="any")
    return StreamRows(spec, seed, Schedule.starting(START_NS, constant_rate(1_000)))


@FEW
@given(records())
def test_columns_have_the_types_of_the_schema(schema: Any):
    """Rows of every schema are valid and have its Arrow schema."""
    rows = table(schema).rows(4_000, 4_200)
    rows.validate(full=True)
    assert rows.schema == arrow_schema(parse_avro(json.dumps(schema)).root)


@FEW
@given(records(), st.integers(4_050, 4_150))
def test_any_cut_has_the_same_rows(schema: Any, cut: int):
    """Rows generated at once equal those generated in two parts by another table."""
    whole = table(schema).rows(4_050, 4_150)
    parts = [table(schema).rows(4_050, cut), table(schema).rows(cut, 4_150)]
    assert pa.concat_batches(parts).to_pylist() == whole.to_pylist()


@FEW
@given(records())
def test_chunks_have_the_same_values_as_rows(schema: Any):
    """Chunks, which contain dictionaries, have the values of `rows`."""
    made = table(schema)
    tiled = [row for chunk in made.chunks(4_050, 4_150) for row in chunk.columns.to_pylist()]
    assert tiled == made.rows(4_050, 4_150).to_pylist()


@FEW
@given(records())
def test_chunks_encode_to_datums_that_fastavro_reads(schema: Any):
    """Chunks and rows of any schema encode to the same datums."""
    made = table(schema)
    parsed = parse_avro(json.dumps(schema))
    encoder = AvroRowEncoder(parsed.root)
    plain = encoder.encode(made.rows(4_090, 4_110))
    tiled = [bytes(d) for t in made.chunks(4_090, 4_110) for d in encoder.encode(t.columns)]
    assert tiled == [bytes(d) for d in plain]
    for datum in tiled:
        stream = io.BytesIO(datum)
        fastavro.schemaless_reader(stream, json.loads(parsed.json), None)
        assert stream.read() == b""


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("int", 0, 999_999),
        ("long", 0, 999_999_999_999),
        ("float", 0, 1_000),
        ("double", 0, 1_000_000),
    ],
)
def test_numbers_are_in_the_default_range(kind: str, low: float, high: float):
    """Undeclared numbers cover the default range of their type."""
    schema = {"type": "record", "name": "N", "fields": [{"name": "n", "type": kind}]}
    values = table(schema).rows(0, 20_000)["n"].to_numpy()
    assert values.min() >= low
    assert values.max() <= high
    assert values.max() - values.min() > (high - low) * 0.99


@pytest.mark.parametrize("precision", [1, 5, 9, 18, 19, 38, 39, 76])
def test_decimals_use_the_whole_precision(precision: int):
    """Decimals have up to `precision` digits and both signs, also beyond 64 and 128 bits."""
    kind = {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": 0}
    schema = {"type": "record", "name": "D", "fields": [{"name": "d", "type": kind}]}
    values = table(schema).rows(0, 4_096)["d"].to_pylist()
    assert max(values) > Decimal(10) ** precision * Decimal("0.8")
    assert min(values) < -(Decimal(10) ** precision) * Decimal("0.8")
    assert all(abs(v) < Decimal(10) ** precision for v in values)


def test_nullable_fields_are_null_in_a_tenth_of_the_rows():
    """10% of the values of an undeclared nullable field are null."""
    schema = {"type": "record", "name": "M", "fields": [{"name": "n", "type": ["null", "int"]}]}
    nulls = table(schema).rows(0, 40_960)["n"].null_count
    assert 3_800 < nulls < 4_400


def test_nulls_are_independent_of_values():
    """Nulls do not depend on the values: the other values stay equally likely."""
    fields = [{"name": "n", "type": ["null", "boolean"]}]
    schema = {"type": "record", "name": "M", "fields": fields}
    values = table(schema).rows(0, 20_000)["n"].drop_null().to_pylist()
    assert 0.48 < sum(values) / len(values) < 0.52


def test_nested_event_time_is_that_of_the_row():
    """Event time inside arrays, maps and unions is that of the row."""
    stamp = {"type": "long", "logicalType": "timestamp-micros"}
    inner = {"type": "record", "name": "I", "fields": [{"name": "at", "type": stamp}]}
    fields = [
        {"name": "at", "type": stamp},
        {"name": "l", "type": {"type": "array", "items": {"type": "map", "values": inner}}},
        {"name": "u", "type": ["int", {"type": "array", "items": "I"}]},
    ]
    schema = {"type": "record", "name": "R", "fields": fields}
    stamps = dict.fromkeys(("l[]{}.at", "u<array>[].at"), EventTimeGenerator())
    spec = spec_for(schema=parse_avro(json.dumps(schema)), fields=stamps)
    made = StreamRows(spec, 1, Schedule.starting(START_NS, constant_rate(1_000)))
    for row in made.rows(4_050, 4_150).to_pylist():
        inside = [i for m in row["l"] for _, i in m]
        inside += row["u"] if isinstance(row["u"], list) else []
        assert {i["at"] for i in inside} <= {row["at"]}


def test_nested_generation_ids_are_those_of_the_row():
    """A generation id inside an array is that of the row's generation."""
    kind = {"type": "array", "items": {"type": "string", "logicalType": "uuid"}}
    schema = {"type": "record", "name": "G", "fields": [{"name": "l", "type": kind}]}
    spec = spec_for(
        schema=parse_avro(json.dumps(schema)),
        fields={"l[]": GenerationIdGenerator()},
        generation_rows=30,
    )
    made = StreamRows(spec, 1, Schedule.starting(START_NS, constant_rate(1_000)))
    seen: dict[int, set[str]] = {}
    for number, ids in enumerate(made.rows(4_050, 4_200)["l"].to_pylist(), 4_050):
        seen.setdefault(number // 30, set()).update(ids)
    assert all(len(ids) == 1 for ids in seen.values())
    assert len(set.union(*seen.values())) == len(seen)


def test_maps_have_up_to_four_distinct_keys():
    """No map has duplicate keys; all lengths from 0 to 4 occur."""
    kind = {"type": "map", "values": "int"}
    schema = {"type": "record", "name": "M", "fields": [{"name": "m", "type": kind}]}
    maps = table(schema).rows(0, 4_096)["m"].to_pylist()
    assert {len(m) for m in maps} == {0, 1, 2, 3, 4}
    assert all(len({k for k, _ in m}) == len(m) for m in maps)


def test_deep_arrays_do_not_multiply():
    """Arrays nested twenty deep have thousands of items, not more."""
    kind: Any = "int"
    for _ in range(20):
        kind = {"type": "array", "items": kind}
    schema = {"type": "record", "name": "L", "fields": [{"name": "deep", "type": kind}]}
    assert table(schema).rows(0, 10).nbytes < 100_000
