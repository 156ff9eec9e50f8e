"""Rows of any schema have the same JSON in the API and in the JSON record format."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gerador
from gerador.api.row_writers import write_csv, write_ndjson
from gerador.encoding.json_text.encoder import object_encoder
from gerador.encoding.row_encoder import RowEncoder
from tests.encoding.avro_cases import Case, cases, record_batch

INNER = {"type": "record", "name": "I", "fields": [{"name": "u", "type": ["int", "string"]}]}
EMPTY = {"type": "record", "name": "Empty", "fields": []}
LISTS = {"type": "array", "items": {"type": "array", "items": ["null", EMPTY, "int"]}}
NESTED: dict[str, Any] = {
    "a nullable record with a union": ["null", INNER],
    "one inside another": [
        "null",
        {"type": "record", "name": "O", "fields": [{"name": "i", "type": ["null", INNER]}]},
    ],
    "a map of lists of unions": {"type": "map", "values": LISTS["items"]},
    "maps of maps of lists of lists": {"type": "map", "values": {"type": "map", "values": LISTS}},
    "a union of records with unions": [INNER, "string"],
    "a union of lists of unions": [{"type": "array", "items": ["int", "string"]}, "null", "int"],
    "a nullable list of nullable records": ["null", {"type": "array", "items": ["null", INNER]}],
    "a nullable map of records": ["null", {"type": "map", "values": INNER}],
}


@pytest.mark.parametrize("avro_type", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize(("first", "rows"), [(0, 3), (50, 100), (16_300, 200)])
def test_nested_unions_are_converted(avro_type: Any, first: int, rows: int):
    """Unions at any depth and from any row, which some Arrow functions corrupt or crash on."""
    schema = {"type": "record", "name": "R", "fields": [{"name": "f", "type": avro_type}]}
    stream = gerador.stream(schema=schema, seed=7, start="2026-01-01T00:00:00Z")
    root = stream.spec.schema.root
    batch = stream.rows(first, first + rows)
    in_api = b"".join(write_ndjson(batch, root)).splitlines()
    in_records = RowEncoder(object_encoder(root)).encode(batch)
    assert [json.loads(s) for s in in_api] == [json.loads(w) for w in in_records]
    assert b"".join(write_csv(batch, root)).count(b"\n") == rows + 1


@given(cases(), st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_slice_of_any_rows_has_the_same_json(case: Case, data: st.DataObject):
    """For any schema, rows of an Arrow slice have the same JSON as in the whole batch."""
    rows, root = record_batch(case), case.schema.root
    first = data.draw(st.integers(0, rows.num_rows))
    count = data.draw(st.integers(0, rows.num_rows - first))
    whole = b"".join(write_ndjson(rows, root)).splitlines()
    cut = b"".join(write_ndjson(rows.slice(first, count), root)).splitlines()
    assert cut == whole[first : first + count]
