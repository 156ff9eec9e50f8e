"""The values of a field depend on its path only, not on other fields or their order."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.avro.load import parse_avro
from gerador.events.rows import StreamRows
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate
from gerador.values.faker_pool import FakerGenerator

ITEM = {
    "type": "record",
    "name": "Item",
    "fields": [{"name": "sku", "type": "string"}, {"name": "n", "type": "int"}],
}
FIELDS: dict[str, Any] = {
    "id": {"type": "string", "logicalType": "uuid"},
    "total": "double",
    "paid": "boolean",
    "when": {"type": "long", "logicalType": "timestamp-micros"},
    "note": ["null", "string"],
    "items": {"type": "array", "items": ITEM},
    "tags": {"type": "map", "values": "bytes"},
    "state": {"type": "enum", "name": "State", "symbols": ["A", "B", "C"]},
    "who": "string",
    "any": ["int", "string"],
}


def columns(names: list[str], fields: dict[str, Any] = FIELDS, name: str = "s") -> dict[str, Any]:
    """Return 60 rows across two blocks of a stream with these fields, in this order."""
    declared = [{"name": n, "type": fields[n]} for n in names]
    schema = parse_avro(json.dumps({"type": "record", "name": "R", "fields": declared}))
    pool = {"who": FakerGenerator(provider="first_name", pool_rows=64)} if "who" in names else {}
    schedule = Schedule.starting(1_767_225_600_000_000_000, constant_rate(10))
    rows = StreamRows(spec_for(schema=schema, name=name, fields=pool), 7, schedule).rows(
        4_066, 4_126
    )
    return {n: rows[n].to_pylist() for n in rows.schema.names}


WHOLE = columns(list(FIELDS))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(list(FIELDS)), min_size=1, unique=True))
def test_fields_can_be_added_removed_and_reordered(names: list[str]):
    """Any subset of the fields in any order has the same values."""
    assert columns(names) == {n: WHOLE[n] for n in names}


def test_a_field_can_be_added_to_a_record():
    """A new field of the items of an array changes neither lengths nor other fields."""
    wider = json.loads(json.dumps(FIELDS))
    wider["items"]["items"]["fields"].insert(0, {"name": "new", "type": "long"})
    items = columns(["items"], wider)["items"]
    assert [[{"sku": i["sku"], "n": i["n"]} for i in row] for row in items] == WHOLE["items"]


def test_a_field_can_become_nullable():
    """Values that are not null stay the same."""
    nullable = columns(["total"], {"total": ["null", "double"]})["total"]
    assert None in nullable
    pairs = zip(nullable, WHOLE["total"], strict=True)
    assert all(value in (None, before) for value, before in pairs)


def test_streams_with_other_names_have_other_values():
    """The name of the stream is part of the address."""
    other = columns(list(FIELDS), name="other")
    assert all(other[n] != WHOLE[n] for n in FIELDS if n != "when")
    assert other["when"] == WHOLE["when"]
