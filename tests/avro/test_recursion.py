"""Records that contain themselves: expanded to a bounded depth, and ended where they can end."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import fastavro
import jsonschema
import pytest

import gerador
from gerador.avro.load import to_avro_schema
from gerador.avro.portability import portability_warnings
from gerador.avro.recursion import RECURSION_DEPTH
from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.encoding.json_text.encoder import object_encoder
from gerador.encoding.json_text.json_schema import derive_json_schema
from gerador.encoding.protobuf.encoder import message_encoder
from gerador.encoding.protobuf.from_avro import derive_proto_file
from gerador.encoding.protobuf.proto_file import proto_text
from gerador.encoding.row_encoder import RowEncoder
from gerador.errors import SchemaError, SettingError
from gerador.scenario.stream_spec import spec_for
from gerador.values.array_map import LengthGenerator
from tests.encoding.protoc import compiled, plain_field


def record(name: str, **types: Any) -> dict[str, Any]:
    """Return the JSON of a record."""
    fields = [{"name": field, "type": avro_type} for field, avro_type in types.items()]
    return {"type": "record", "name": name, "fields": fields}


def array(items: Any) -> dict[str, Any]:
    """Return the JSON of an array."""
    return {"type": "array", "items": items}


def mapping(values: Any) -> dict[str, Any]:
    """Return the JSON of a map."""
    return {"type": "map", "values": values}


LIST = record("ns.Node", v="int", next=["null", "ns.Node"])
JSON = record("Json", value=["null", "boolean", "double", "string", array("Json"), mapping("Json")])
EXPRESSION = record("E", op=["long", record("Add", l="E", r=["null", "string", "E"])])
RECURSIVE = {
    "list": LIST,
    "last first": record("Node", next=["Node", "null"], v="int"),
    "tree": record("Tree", v="int", kids=array("Tree")),
    "map": record("Dir", v="int", entries=mapping("Dir")),
    "json": JSON,
    "expression": EXPRESSION,
    "mutual": record("A", b=["null", record("B", n="int", a=array("A"))], c=["null", "B"]),
    "inside": record("R", id="int", first=LIST, all=array("ns.Node")),
    "deep before shallow": record(
        "P", q=array(record("Q", w=["null", record("W", p=["null", "P"])])), w=["null", "W"]
    ),
    "far from its end": record(
        "X", x=record("Y", y=record("Z", z=["null", "X"])), u=["Y", "int"], v=array("Z")
    ),
    "needs two levels": record("T", t=["T", record("U", t=["null", "T"])]),
}
CASES = pytest.mark.parametrize("schema", RECURSIVE.values(), ids=RECURSIVE.keys())
ROWS = 300


def levels(value: Any, name: str) -> int:
    """Return how deep fields called `name` are nested."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = isinstance(value, dict) and name in value
    return int(own) + max((levels(v, name) for v in inner), default=0)


def decoded(schema: Any) -> list[Any]:
    """Return rows as fastavro decodes them by the registered schema, which is the given one."""
    parsed = to_avro_schema(schema)
    assert json.loads(parsed.json) == schema
    read = fastavro.parse_schema(json.loads(parsed.json))
    rows = []
    for datum in gerador.stream("s", schema=parsed, seed=1).encode(0, ROWS):
        data = io.BytesIO(bytes(datum))
        rows.append(fastavro.schemaless_reader(data, read, None))
        assert data.read() == b""
    return rows


@CASES
def test_avro(schema: Any):
    """Rows are nested, and fastavro decodes them by the schema as it was given."""
    rows = decoded(schema)
    names = re.findall(r'"name": "([a-z]+)"', json.dumps(schema))
    assert max(levels(row, name) for row in rows for name in names) > 1


def test_the_depth():
    """A list has up to RECURSION_DEPTH nodes inside the first one, the last without another."""
    depths = {levels(row, "v") for row in decoded(LIST)}
    assert depths == set(range(1, RECURSION_DEPTH + 2))
    assert levels(decoded(EXPRESSION), "op") == RECURSION_DEPTH + 1


@CASES
def test_json(schema: Any):
    """The JSON of every row conforms to the JSON Schema, which is recursive."""
    root = to_avro_schema(schema).root
    checker = jsonschema.Draft7Validator(json.loads(derive_json_schema(root)))
    rows = gerador.stream("s", schema=to_avro_schema(schema), seed=1).rows(0, ROWS)
    for row in RowEncoder(object_encoder(root)).encode(rows):
        checker.validate(json.loads(row))


@CASES
def test_protobuf(schema: Any):
    """The official compiler reads the file, and its messages are those of the rows."""
    root = to_avro_schema(schema).root
    known = compiled(proto_text(derive_proto_file(root))).message
    rows = gerador.stream("s", schema=to_avro_schema(schema), seed=1).rows(0, ROWS)
    messages = [known.FromString(row) for row in RowEncoder(message_encoder(root)).encode(rows)]
    for message in messages:
        for field in root.fields:
            plain_field(message, field.name, field.type)
    assert {str(message) for message in messages} != {""}


def test_any_cut_of_rows():
    """Rows are the same in any split."""
    rows = gerador.stream("s", schema=to_avro_schema(JSON), seed=1)
    encoder = AvroRowEncoder(to_avro_schema(JSON).root)
    whole = [bytes(d) for d in encoder.encode(rows.rows(10, 60))]
    parts = [bytes(d) for a, b in ((10, 33), (33, 60)) for d in encoder.encode(rows.rows(a, b))]
    assert parts == whole


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        (record("X", x="X"), "X"),
        (record("X", x=["X", record("Y", x="X")]), "X"),
        (record("R", a=["null", "int"], b=record("X", y=record("Y", x="X"))), "X"),
    ],
)
def test_values_without_end(schema: Any, name: str):
    """Only a record of which every value contains another one is rejected."""
    with pytest.raises(SchemaError) as error:
        to_avro_schema(schema)
    reason = f"every value of record {name!r} contains another one, without end"
    assert str(error.value).startswith(f"schema: {reason}; make one of the fields nullable")


def test_many_references_reduce_the_depth():
    """A record with many fields of itself is nested less deep, so that rows stay small."""
    schema = record("W", v="int", **{f"f{i}": array("W") for i in range(12)})
    rows = decoded(schema)
    assert 2 <= max(levels(row, "v") for row in rows) < RECURSION_DEPTH + 1


def test_generators_inside_recursion():
    """Each level has an address of its own; at the last one an array is always empty."""
    schema = to_avro_schema(RECURSIVE["tree"])
    two = LengthGenerator(kind="array", length=2)
    rows = gerador.stream("s", schema=schema, seed=1, fields={"kids": two, "kids[].kids": two})
    kids = rows.rows(0, 20).column("kids").to_pylist()
    assert {len(each) for each in kids} == {len(k["kids"]) for each in kids for k in each} == {2}
    path = "kids" + "[].kids" * RECURSION_DEPTH
    with pytest.raises(SettingError, match="always empty, at the depth where 'Tree' ends; remove"):
        spec_for(schema=schema, fields={path: two})


def test_portability():
    """Neither Flink nor Spark reads a recursive schema."""
    (warning,) = portability_warnings(to_avro_schema(LIST).root)
    assert warning.type == "record ns.Node inside itself"
