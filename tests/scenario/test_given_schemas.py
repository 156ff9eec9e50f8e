"""Containers in the fields of a given schema: lengths, weights and shares of nulls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import gerador
from gerador.cli.stream_estimates import estimate_streams
from gerador.errors import ScenarioError
from gerador.scenario.load import load_plan
from tests.values.generated_rows import assert_share

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "u", "type": ["int", "string"]},
        {"name": "a", "type": {"type": "array", "items": "int"}},
        {"name": "m", "type": ["null", {"type": "map", "values": "int"}]},
        {"name": "r", "type": ["null", {"type": "record", "name": "I", "fields": [
            {"name": "x", "type": "int"}]}]},
        {"name": "e", "type": ["null", {"type": "enum", "name": "E", "symbols": ["A", "B"]}]},
        {"name": "d", "type": {
            "type": "bytes", "logicalType": "decimal", "precision": 30, "scale": 2}},
    ],
}  # fmt: skip


def scenario(folder: Path, fields: str) -> Path:
    """Write a scenario with the schema."""
    (folder / "r.avsc").write_text(json.dumps(SCHEMA))
    file = folder / "s.yaml"
    file.write_text(f"seed: 1\nstreams:\n  s:\n    schema: r.avsc\n    fields: {{{fields}}}\n")
    return file


def test_containers_need_no_contents(tmp_path: Path):
    """Weights of branches, lengths and nulls; everything inside has the default of its type."""
    fields = (
        "u: {union: {weights: [9, 1]}}, a: {array: {length: 2}}, r: {null: 75%, else: record}, "
        "m: {null: 50%, else: {map: {length: 1}}}, e: {null: 25%, else: enum_symbol}"
    )
    rows = gerador.streams(scenario(tmp_path, fields))["s"].rows(0, 10_000).to_pylist()
    assert_share(sum(isinstance(row["u"], int) for row in rows), 10_000, 0.9)
    assert {len(row["a"]) for row in rows} == {2}
    assert {len(row["m"]) for row in rows if row["m"] is not None} == {1}
    for name, share in (("m", 0.5), ("r", 0.75), ("e", 0.25)):
        assert_share(sum(row[name] is None for row in rows), 10_000, share)
    assert len({row["d"] for row in rows}) == 10_000


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("u: {union: [3, uuid]}", "u.union: the given schema defines the branches; remove"),
        ("u: {union: {weights: [1]}}", "u.union.weights: 1 weights for 2 branches"),
        ("a: {map: {length: 2}}", "a.map: generator 'map' does not support type 'array'; use a"),
        ("r: union", "r: generator 'union' does not support type "),
        ("d: random_decimal", "d: unknown generator 'random_decimal'"),
    ],
)
def test_containers_of_another_type_are_rejected(tmp_path: Path, field: str, message: str):
    """The generator must be that of the schema's type, without what the schema defines."""
    with pytest.raises(ScenarioError) as error:
        gerador.streams(scenario(tmp_path, field))
    assert message in str(error.value)


def test_no_errors_inside_what_does_not_fit(tmp_path: Path):
    """A container of another type has one error, not one more for each field inside."""
    fields = "d: record, e: {array: {items: uuid}}, a: {record: {x: 3}}"
    with pytest.raises(ScenarioError) as error:
        gerador.streams(scenario(tmp_path, fields))
    places = [line.split(":")[2].strip() for line in str(error.value).splitlines()]
    assert places == [f"streams.s.fields.{name}" for name in ("d", "e.array", "a.record")]


ORDER = {"type": "record", "name": "Order", "fields": [{"name": "total", "type": "double"}]}
CITY = [{"name": "city", "type": ["null", "string"]}]
CODE = [{"name": "code", "type": "string"}]
CALL = {
    "type": "record",
    "name": "Call",
    "namespace": "shop",
    "fields": [
        {"name": "payload", "type": [
            ORDER, "long", {"type": "array", "items": "int"}, {"type": "map", "values": "Order"}]},
        {"name": "alarms", "type": {
            "type": "array", "items": {"type": "record", "name": "Alarm", "fields": CODE}}},
        {"name": "labels", "type": ["null", {"type": "map", "values": "string"}]},
        {"name": "address", "type": ["null", {"type": "record", "name": "A", "fields": CITY}]},
    ],
}  # fmt: skip
ADDRESSES = {
    "payload<shop.Order>.total": 1.5,
    "payload<long>": 7,
    "payload<array>[]": 3,
    "payload<map>{#}": "key",
    "payload<map>{}.total": 2.5,
    "alarms[].code": "E1",
    "labels{}": "red",
    "labels{#}": "front",
    "address.city": "Rome",
}


def call(folder: Path, addresses: dict[str, object]) -> Path:
    """Write a scenario with a constant at each address of the schema."""
    (folder / "call.avsc").write_text(json.dumps(CALL))
    lines = [f"      {at}: {{constant: {value}}}" for at, value in addresses.items()]
    file = folder / "s.yaml"
    head = "seed: 1\nstreams:\n  s:\n    rate: 1/s\n    schema: call.avsc\n    fields:\n"
    file.write_text(head + "\n".join(lines))
    return file


def test_addresses(tmp_path: Path):
    """Every value inside a given schema can be addressed, through unions, arrays and maps."""
    rows = gerador.streams(call(tmp_path, ADDRESSES))["s"].rows(0, 500).to_pylist()
    payloads = [row["payload"] for row in rows]
    assert {"total": 1.5} in payloads
    assert 7 in payloads
    assert [3] in payloads
    assert [("key", {"total": 2.5})] in payloads
    found = {str(row[name]) for row in rows for name in ("labels", "address")}
    assert found == {"None", "[]", "[('front', 'red')]", "{'city': None}", "{'city': 'Rome'}"}
    assert {alarm["code"] for row in rows for alarm in row["alarms"]} == {"E1"}


def test_an_unknown_address_has_a_suggestion(tmp_path: Path):
    """A misspelt branch is an error that suggests the closest address."""
    file = call(tmp_path, {"payload<shop.Ordr>.total": 1.5})
    with pytest.raises(ScenarioError, match=r"did you mean 'payload<shop\.Order>\.total'\?"):
        gerador.streams(file)


def test_check_lists_the_addresses(tmp_path: Path):
    """`gerador check` lists every address with its type and its generator."""
    (estimate,) = estimate_streams(load_plan(str(call(tmp_path, ADDRESSES)), {}))
    listed = {f.path: (f.type, f.generator) for f in estimate.nested_fields}
    assert ADDRESSES.keys() <= listed.keys()
    assert {listed[path][1] for path in ADDRESSES} == {"constant"}
    assert listed["payload<shop.Order>"] == ("record shop.Order", "record")
    assert listed["address.city"] == ("string or null", "constant")
