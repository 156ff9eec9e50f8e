"""Containers in the fields of a given schema: lengths, weights and shares of nulls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import gerador
from gerador.errors import ScenarioError
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
