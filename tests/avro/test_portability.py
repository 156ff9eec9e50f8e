"""Which types travel to Flink and Spark: a line for each that does not, none for the others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.avro.load import parse_avro
from gerador.avro.portability import portability_warnings
from gerador.scenario.stream_spec import default_stream


def paths_of(*types: Any) -> list[str]:
    """Return the paths that are warned of in a record whose fields f0, f1, … have these types."""
    fields = [{"name": f"f{n}", "type": declared} for n, declared in enumerate(types)]
    text = json.dumps({"type": "record", "name": "R", "fields": fields})
    return [caution.path for caution in portability_warnings(parse_avro(text).root)]


def logical(name: str, base: str = "long", **more: Any) -> dict[str, Any]:
    """Return a logical type on a primitive one."""
    return {"type": base, "logicalType": name, **more}


def fixed(name: str, size: int = 4, **more: Any) -> dict[str, Any]:
    """Return a fixed type."""
    return {"type": "fixed", "name": name, "size": size, **more}


TRAVELS = [
    *("boolean", "int", "long", "float", "double", "bytes", "string", "null"),
    logical("date", "int"),
    logical("timestamp-millis"),
    logical("local-timestamp-millis"),
    logical("uuid", "string"),
    logical("decimal", "bytes", precision=38, scale=9),
    ["string"],
    ["null", "int", "long"],
]
STAYS = [
    logical("time-millis", "int"),
    logical("time-micros"),
    logical("timestamp-micros"),
    logical("timestamp-nanos"),
    logical("local-timestamp-micros"),
    logical("local-timestamp-nanos"),
    logical("decimal", "bytes", precision=39),
    fixed("Plain"),
    fixed("D", 8, logicalType="decimal", precision=9),
    fixed("U", 16, logicalType="uuid"),
    fixed("I", 12, logicalType="duration"),
    {"type": "enum", "name": "E", "symbols": ["A"]},
    ["null", "int", "string"],
]


def test_the_default_stream_travels():
    """Nothing is to be said of the default stream."""
    assert list(portability_warnings(default_stream().schema.root)) == []


@pytest.mark.parametrize("declared", TRAVELS, ids=json.dumps)
def test_what_travels_has_no_line(declared: Any):
    """A type that both engines read is not mentioned, nullable or not."""
    assert paths_of(declared) == []
    if not isinstance(declared, list) and declared != "null":
        assert paths_of(["null", declared]) == []


@pytest.mark.parametrize("declared", STAYS, ids=json.dumps)
def test_what_stays_behind_has_one_line(declared: Any):
    """A type that an engine does not read is one line, nullable or not."""
    assert paths_of(declared) == ["f0"]
    if not isinstance(declared, list):
        assert paths_of([declared, "null"]) == ["f0"]


def test_a_line_says_where_what_and_what_instead():
    """The line names the field, its type, its column in both engines and what would travel."""
    fields = [{"name": "at", "type": ["null", logical("timestamp-micros")]}]
    record = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields})).root
    (caution,) = portability_warnings(record)
    assert str(caution) == (
        "at: timestamp-micros: Flink: BIGINT only (TIMESTAMP(3) is silently wrong); "
        "Spark: timestamp; use timestamp-millis"
    )


def test_nested_fields_are_named_by_their_path():
    """Items, values and inner fields are looked into; inside a union that stays nothing more is."""
    inner = {"type": "record", "name": "In", "fields": [{"name": "x", "type": fixed("F")}]}
    told = paths_of(
        {"type": "array", "items": inner},
        {"type": "map", "values": ["null", logical("time-micros")]},
        ["string", {"type": "map", "values": fixed("G")}],
        [{"type": "enum", "name": "One", "symbols": ["A"]}],
    )
    assert told == ["f0[].x", "f1{}", "f2", "f3<One>"]


@given(st.lists(st.sampled_from([*TRAVELS, *STAYS]), max_size=8, unique_by=json.dumps))
def test_each_field_is_judged_by_itself(declared: list[Any]):
    """The lines are those of the fields that stay, in the schema's order."""
    assert paths_of(*declared) == [f"f{n}" for n, t in enumerate(declared) if t in STAYS]
