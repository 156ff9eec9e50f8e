"""The official runtime reads messages back to the original rows."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from google.protobuf import descriptor_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gerador.avro.load import parse_avro
from gerador.avro.schema import AvroSchema, Primitive
from gerador.encoding.protobuf.descriptor import file_descriptor
from gerador.encoding.protobuf.encoder import message_encoder
from gerador.encoding.protobuf.from_avro import derive_key_proto_file, derive_proto_file
from gerador.encoding.protobuf.proto_file import proto_text
from gerador.encoding.row_encoder import RowEncoder
from gerador.errors import DataError, SchemaError
from gerador.scenario.stream_spec import spec_for
from tests.api.any_rows import SCHEMA, any_rows
from tests.encoding.avro_cases import Case, cases, record_batch
from tests.encoding.protoc import compiled, plain
from tests.encoding.slicing_properties import assert_any_cut, assert_any_positions
from tests.encoding.test_avro_encoder import schema_of

SLOW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def encoder(case: Case) -> RowEncoder:
    """Return the encoder of a case's rows."""
    return RowEncoder(message_encoder(case.schema.root))


@SLOW
@given(cases())
def test_the_runtime_reads_back_any_schema(case: Case) -> None:
    """For any schema, protoc compiles the derived file, and its class reads every row."""
    known = compiled(proto_text(derive_proto_file(case.schema.root)))
    found = [known.message.FromString(row) for row in encoder(case).encode(record_batch(case))]
    assert [plain(row, case.schema.root) for row in found] == case.rows


def checked_descriptor(schema: AvroSchema) -> None:
    """Check that our descriptor is equal to protoc's."""
    file = derive_proto_file(schema.root)
    ours = descriptor_pb2.FileDescriptorProto.FromString(file_descriptor(file))
    theirs = compiled(proto_text(file)).descriptor
    theirs.name = ours.name
    assert ours == theirs


@SLOW
@given(cases(max_rows=0))
def test_the_descriptor_is_what_protoc_writes(case: Case) -> None:
    """For any schema, the serialized descriptor equals the compiler's, message for message."""
    checked_descriptor(case.schema)


@SLOW
@given(cases(), st.data())
def test_a_slice_gives_the_same_messages(case: Case, data: st.DataObject) -> None:
    """Rows of an Arrow slice have the same bytes as in the whole batch."""
    assert_any_cut(encoder(case), record_batch(case), data)


@SLOW
@given(cases(), st.randoms(use_true_random=False))
def test_rows_can_be_written_at_any_positions(case: Case, shuffle: Any) -> None:
    """Rows at shuffled positions, without gaps, do not overwrite each other."""
    assert_any_positions(encoder(case), record_batch(case), shuffle)


def test_text_that_comes_as_a_dictionary() -> None:
    """Dictionaries, also with nulls, have the same messages as their values."""
    schema = schema_of(("f", ["null", "string"]), ("g", "string"))
    f, g = pa.array(["a", None, "é"]), pa.array(["x", "y", "x"])
    batch = pa.RecordBatch.from_arrays([f, g], names=["f", "g"])
    pooled = pa.RecordBatch.from_arrays(
        [f.dictionary_encode(), g.dictionary_encode()], names=["f", "g"]
    )
    encode = RowEncoder(message_encoder(schema.root)).encode
    assert list(encode(pooled)) == list(encode(batch))


def test_every_type_at_once() -> None:
    """A record with every type compiles and is read, with nulls and nested types."""
    known = compiled(proto_text(derive_proto_file(SCHEMA.root)))
    rows = [
        known.message.FromString(r)
        for r in RowEncoder(message_encoder(SCHEMA.root)).encode(any_rows())
    ]
    assert [r.wide for r in rows[:2]] == ["123456789012345678901234567890.12", "-0.01"]
    assert rows[0].span == "P1M2DT0.003S"
    checked_descriptor(SCHEMA)


DEFAULT = """\
syntax = "proto3";

import "google/protobuf/timestamp.proto";

message Registro {
  string nome = 1;
  int32 idade = 2;
  double salario = 3;
  string cidade = 4;
  string cargo = 5;
  google.protobuf.Timestamp timestamp = 6;
  string geracao_id = 7;  // uuid
}
"""


def test_the_default_streams_file() -> None:
    """The file of the default stream has the fields of its schema."""
    file = derive_proto_file(spec_for().schema.root)
    expected = (
        DEFAULT
        if not file.package
        else DEFAULT.replace('"proto3";\n', f'"proto3";\n\npackage {file.package};\n')
    )
    assert proto_text(file) == expected


def declared(*fields: tuple[str, Any], name: str = "a.google.R") -> AvroSchema:
    """Return a record schema called `name`."""
    listed = [{"name": n, "type": t} for n, t in fields]
    return parse_avro(json.dumps({"type": "record", "name": name, "fields": listed}))


INNER = {"type": "record", "name": "message", "fields": [{"name": "R", "type": "int"}]}
OTHER = {"type": "record", "name": "b.message", "fields": []}
STATES = {"type": "enum", "name": "string_", "symbols": ["Symbol", "A", "value"]}
INSTANT = {"type": "long", "logicalType": "timestamp-nanos"}


@pytest.mark.parametrize(
    "schema",
    [
        declared(("message", INNER), ("string", OTHER), ("_x", ["null", "int"]), ("x", "int")),
        declared(("at", INSTANT), ("e", STATES), ("E", ["null", "string_"])),
        declared(("u", [{**INNER, "name": "value"}, {**OTHER, "name": "b.value"}, "null", "int"])),
        declared(("n", "null"), ("l", {"type": "array", "items": ["null", INSTANT]})),
        declared(("Registro", {"type": "map", "values": {"type": "array", "items": "null"}})),
        declared(("x", ["null", "int"]), ("_x", "int"), ("X_x", "int")),
    ],
)
def test_names_that_clash_with_the_language_or_each_other(schema: AvroSchema) -> None:
    """Keywords, equal short names and shadowed packages compile with the right types."""
    checked_descriptor(schema)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            [("foo_bar", "int"), ("fooBar", "int")],
            "fields 'foo_bar' and 'fooBar' have the same",
        ),
        ([("foo", {"type": "map", "values": "int"}), ("FooEntry", "int")], "have the same name"),
        ([("e", {"type": "enum", "name": "E", "symbols": ["a", "A"]})], "symbols 'a' and 'A'"),
        (
            [("e", {"type": "enum", "name": "E", "symbols": ["SYMBOL_A", "a"]})],
            "symbols 'SYMBOL_A' and 'a'",
        ),
        (
            [("e", {"type": "enum", "name": "E", "symbols": ["reserved"]})],
            "enum 'E': symbol 'reserved' is a keyword of Protocol Buffers; rename it",
        ),
        (
            [("e", {"type": "enum", "name": "E", "symbols": ["a", "option"]})],
            "'option' is a keyword",
        ),
    ],
)
def test_names_that_collide_in_protobuf(fields: Any, message: str) -> None:
    """The error names both fields or symbols, and how to resolve it."""
    with pytest.raises(SchemaError, match=message):
        derive_proto_file(schema_of(*fields).root)


def test_a_key_of_one_value_is_a_message_of_one_field() -> None:
    """The message of a key is named after the field."""
    file = derive_key_proto_file(Primitive("string"), "cidade_natal")
    known = compiled(proto_text(file))
    assert file.name == "CidadeNatalKey"
    assert known.message.FromString(b"\x0a\x01a").cidade_natal == "a"


@pytest.mark.parametrize(
    ("avro_type", "column", "message"),
    [
        ("int", pa.array([1.5]), "Arrow type double where the schema needs int32"),
        ("string", pa.array(["a", None]), "row 1: null is not allowed"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, pa.array(["B"]), "'B' is not a symbol"),
    ],
)
def test_values_that_do_not_fit(avro_type: Any, column: pa.Array, message: str) -> None:
    """Errors for a wrong type, a null and an unknown symbol are the same as in Avro."""
    rows = pa.RecordBatch.from_arrays([column], names=["f"])
    with pytest.raises(DataError, match=message):
        RowEncoder(message_encoder(schema_of(("f", avro_type)).root)).encode(rows)
