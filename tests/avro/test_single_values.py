"""Schemas that are not records with fields: rows are single values, in every format and as keys."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import fastavro
import jsonschema
import pytest

import gerador
from gerador.avro.load import to_avro_schema
from gerador.avro.schema import ValueRecord
from gerador.cli.stream_estimates import estimate_streams
from gerador.delivery.registry.schema_equality import schema_matcher
from gerador.encoding.formats import value_encoder
from gerador.encoding.json_text.json_schema import derive_json_schema
from gerador.encoding.protobuf.from_avro import derive_proto_file
from gerador.encoding.protobuf.proto_file import proto_text
from gerador.encoding.record_encoder import key_encoder
from gerador.encoding.registry_schemas import RegistrySchema, key_schema
from gerador.scenario.load import load_plan
from gerador.scenario.output import Output
from gerador.scenario.stream_spec import StreamSpec
from tests.encoding.protoc import compiled

if TYPE_CHECKING:
    from pathlib import Path

ENUM = {"type": "enum", "name": "shop.Color", "symbols": ["RED", "BLUE"]}
POINT = {"type": "record", "name": "Pt", "namespace": "geo", "fields": [
    {"name": "x", "type": "int"}, {"name": "kind", "type": {
        "type": "enum", "name": "Kind", "symbols": ["A", "B"]}}]}  # fmt: skip
OTHER = {"type": "record", "name": "Other", "fields": [{"name": "kind", "type": "string"}]}
VALUES: dict[str, Any] = {
    "string": "string",
    "long": "long",
    "null": "null",
    "timestamp": {"type": "long", "logicalType": "timestamp-millis"},
    "decimal": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
    "fixed": {"type": "fixed", "name": "Hash", "size": 4},
    "enum": ENUM,
    "array": {"type": "array", "items": POINT},
    "map": {"type": "map", "values": ["null", "double"]},
    "nullable": ["null", "string"],
    "union": [POINT, "null", OTHER],
    "empty record": {"type": "record", "name": "a.Nothing", "fields": []},
    "recursive": ["null", "long", {"type": "array", "items": {
        "type": "record", "name": "Node", "fields": [
            {"name": "next", "type": ["null", "Node"]}]}}],
}  # fmt: skip
CASES = pytest.mark.parametrize("schema", VALUES.values(), ids=VALUES.keys())
ROWS = 50


def stream(schema: Any) -> gerador.Stream:
    """Return the stream of a schema."""
    return gerador.stream("s", schema=to_avro_schema(json.dumps(schema)), seed=1, rate=1)


def decoded(datums: Any, schema: Any) -> list[Any]:
    """Return datums as fastavro decodes them."""
    parsed = fastavro.parse_schema(schema)
    streams = [io.BytesIO(bytes(datum)) for datum in datums]
    values = [fastavro.schemaless_reader(data, parsed, None) for data in streams]
    assert not any(data.read() for data in streams)
    return values


@CASES
def test_avro(schema: Any):
    """The registered schema is the given one, and fastavro decodes the values by it."""
    made = stream(schema)
    assert json.loads(made.spec.schema.json) == schema
    assert isinstance(made.spec.schema.root, ValueRecord)
    assert len(decoded(made.encode(0, ROWS), schema)) == ROWS


@CASES
def test_json(schema: Any):
    """The JSON is the value alone, and conforms to the JSON Schema."""
    made = stream(schema)
    root = made.spec.schema.root
    checker = jsonschema.Draft7Validator(json.loads(derive_json_schema(root)))
    values = [json.loads(v) for v in value_encoder(root, "json", b"").encode(made.rows(0, ROWS))]
    assert len(values) == ROWS
    for value in values:
        checker.validate(value)
    if schema == ENUM:
        assert set(values) == {"RED", "BLUE"}


@CASES
def test_protobuf(schema: Any):
    """A message has fields: it is that of a record with the field `value`, or without fields."""
    made = stream(schema)
    root = made.spec.schema.root
    message = compiled(proto_text(derive_proto_file(root))).message
    for row in value_encoder(root, "protobuf", b"").encode(made.rows(0, ROWS)):
        message.FromString(row)
    names = {"enum": "ColorValue", "string": "StringValue", "empty record": "Nothing"}
    for name, expected in names.items():
        if schema == VALUES[name]:
            assert message.DESCRIPTOR.name == expected


def test_the_name_of_a_value():
    """A stream and a subject are named after the type: its full name, or that of the primitive."""
    names = {name: stream(schema).spec.schema.name for name, schema in VALUES.items()}
    assert names | {"string": "string", "enum": "shop.Color", "map": "map"} == names
    assert gerador.stream(schema=to_avro_schema(json.dumps(ENUM))).spec.name == "Color"


def test_a_scenario_addresses_the_value(tmp_path: Path):
    """The value is the field `value`, for generators, keys, hidden fields and other streams."""
    (tmp_path / "u.avsc").write_text(json.dumps(VALUES["union"]))
    (tmp_path / "s.avsc").write_text('"string"')
    file = tmp_path / "s.yaml"
    file.write_text("""\
seed: 1
streams:
  events:
    schema: u.avsc
    rate: 1/s
    rows: 100
    fields:
      value: {union: {weights: [1, 0, 1]}}
      value<geo.Pt>.x: {constant: 7}
      value<Other>.kind: {constant: x}
  names:
    schema: s.avsc
    rate: 1/s
    topic: {key: value}
    let: {n: sequence}
    fields: {value: {template: "name {n}"}}
  copies:
    rate: 1/s
    fields: {name: {from: names.value, recent: 1}, kind: {from: events.value}}
""")
    found = gerador.streams(file)
    values = [row["value"] for row in found["events"].rows(0, 100).to_pylist()]
    assert {value["x"] for value in values if "x" in value} == {7}
    assert {value["kind"] for value in values if "x" not in value} == {"x"}
    assert found["names"].rows(0, 2)["value"].to_pylist() == ["name 0", "name 1"]
    assert found["copies"].rows(0, 1)["name"].to_pylist() == ["name 0"]
    estimates = {e.name: e for e in estimate_streams(load_plan(str(file), {}))}
    assert estimates["events"].schema_name == "union"
    assert "value<geo.Pt>.x" in [f.path for f in estimates["events"].nested_fields]


def test_annotations_of_a_value():
    """`arg.properties` of the type declares the values."""
    schema = {"type": "string", "arg.properties": {"options": ["a", "b"]}}
    assert set(stream(schema).rows(0, 50)["value"].to_pylist()) == {"a", "b"}


KEYED = {
    "type": "record",
    "name": "Row",
    "namespace": "shop",
    "fields": [
        {"name": "first", "type": ["null", POINT]},
        {"name": "point", "type": "geo.Pt"},
        {"name": "color", "type": {"type": "enum", "name": "Color", "symbols": ["RED", "BLUE"]}},
        {"name": "again", "type": ["Color", "null"]},
        {"name": "amount", "type": "double"},
        {"name": "flag", "type": "boolean"},
        {"name": "tags", "type": {"type": "array", "items": "Color"}},
        {"name": "any", "type": ["null", "long", "geo.Pt"]},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    ],
}


@pytest.mark.parametrize("key", [f["name"] for f in KEYED["fields"]])
@pytest.mark.parametrize("key_format", ["avro", "json", "json-schema", "protobuf"])
def test_keys_of_any_type(key: str, key_format: Any):
    """A key can be any field; an Avro key's schema defines the types that it uses."""
    schema = to_avro_schema(KEYED)
    output = Output(key_format=key_format)
    spec = StreamSpec(name="s", topic="s", schema=schema, key=key, output=output)
    column = gerador.stream("s", schema=schema, seed=1, rate=1).rows(0, ROWS)[key]
    keys = key_encoder(spec, key, None).encode(column)
    registered = key_schema(schema, key, key_format)
    assert len(keys) == ROWS
    assert (registered is None) == (key_format == "json")
    if key_format != "avro" or registered is None:
        return
    type_json = json.loads(registered.text)
    values = decoded(dict.fromkeys(bytes(entry) for entry in keys.entries), type_json)
    if key == "again":
        assert type_json == {**KEYED["fields"][2]["type"], "namespace": "shop"}
    if key == "point":
        assert registered.name == "geo.Pt"
        assert all(value in values for value in column.to_pylist())
    assert schema_matcher(registered.text, "AVRO")(registered)
    other = RegistrySchema("AVRO", '"float"', "float")
    assert not schema_matcher(registered.text, "AVRO")(other)


def test_an_enum_is_a_key_in_text_form():
    """The key is the symbol."""
    spec = StreamSpec(name="s", topic="s", schema=to_avro_schema(KEYED), key="color")
    column = gerador.stream("s", schema=spec.schema, seed=1, rate=1).rows(0, ROWS)["color"]
    keys = key_encoder(spec, "color", None).encode(column)
    entries = [bytes(entry) for entry in keys.entries]
    assert keys.indices is not None
    assert [entries[i] for i in keys.indices] == [v.encode() for v in column.to_pylist()]
