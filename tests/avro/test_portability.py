"""Warnings for types that Flink or Spark do not read, and none for others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.avro.load import parse_avro
from gerador.avro.portability import portability_warnings
from gerador.scenario.stream_spec import spec_for


def paths_of(*types: Any) -> list[str]:
    """Return the paths with a warning in a record whose fields f0, f1, … have these types."""
    fields = [{"name": f"f{n}", "type": declared} for n, declared in enumerate(types)]
    text = json.dumps({"type": "record", "name": "R", "fields": fields})
    return [warning.path for warning in portability_warnings(parse_avro(text).root)]


def logical(name: str, base: str = "long", **more: Any) -> dict[str, Any]:
    """Return a logical type on a primitive one."""
    return {"type": base, "logicalType": name, **more}


def fixed(name: str, size: int = 4, **more: Any) -> dict[str, Any]:
    """Return a fixed type."""
    return {"type": "fixed", "name": name, "size": size, **more}


PORTABLE = [
    *("boolean", "int", "long", "float", "double", "bytes", "string", "null"),
    logical("date", "int"),
    logical("timestamp-millis"),
    logical("local-timestamp-millis"),
    logical("uuid", "string"),
    logical("decimal", "bytes", precision=38, scale=9),
    ["string"],
    ["null", "int", "long"],
]
NOT_PORTABLE = [
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


def test_the_default_stream_is_portable():
    """The default stream has no warnings."""
    assert list(portability_warnings(spec_for().schema.root)) == []


@pytest.mark.parametrize("declared", PORTABLE, ids=json.dumps)
def test_portable_types_have_no_warning(declared: Any):
    """Types that both engines read, nullable or not."""
    assert paths_of(declared) == []
    if not isinstance(declared, list) and declared != "null":
        assert paths_of(["null", declared]) == []


@pytest.mark.parametrize("declared", NOT_PORTABLE, ids=json.dumps)
def test_other_types_have_one_warning(declared: Any):
    """Types that an engine does not read, nullable or not."""
    assert paths_of(declared) == ["f0"]
    if not isinstance(declared, list):
        assert paths_of([declared, "null"]) == ["f0"]


def test_text_of_a_warning():
    """It has the field, its type, its column in both engines and an alternative."""
    fields = [{"name": "at", "type": ["null", logical("timestamp-micros")]}]
    record = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields})).root
    (warning,) = portability_warnings(record)
    assert str(warning) == (
        "at: timestamp-micros: Flink: BIGINT only (TIMESTAMP(3) is silently wrong); "
        "Spark: timestamp; use timestamp-millis"
    )


def test_nested_fields_are_named_by_their_path():
    """Items, values and inner fields have warnings, but not those inside a union with a warning."""
    inner = {"type": "record", "name": "In", "fields": [{"name": "x", "type": fixed("F")}]}
    message = paths_of(
        {"type": "array", "items": inner},
        {"type": "map", "values": ["null", logical("time-micros")]},
        ["string", {"type": "map", "values": fixed("G")}],
        [{"type": "enum", "name": "One", "symbols": ["A"]}],
    )
    assert message == ["f0[].x", "f1{}", "f2", "f3<One>"]


@given(st.lists(st.sampled_from([*PORTABLE, *NOT_PORTABLE]), max_size=8, unique_by=json.dumps))
def test_warnings_are_per_field(declared: list[Any]):
    """In the order of the schema."""
    assert paths_of(*declared) == [f"f{n}" for n, t in enumerate(declared) if t in NOT_PORTABLE]
