from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gerador.avro.load import parse_avro
from gerador.delivery.registry import local_registry
from gerador.delivery.registry.local_registry import (
    LocalRegistry,
    schema_id,
    subject_name,
    value_subject,
)
from gerador.encoding.registry_schemas import (
    SCHEMA_ID_MAX,
    RegistrySchema,
    key_schema,
    value_schema,
)
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from gerador.avro.schema import AvroSchema


def record(name: str = "R", field: object = "long", **more: object) -> AvroSchema:
    """Return a record of one field."""
    fields = [{"name": "a", "type": field}]
    return parse_avro(json.dumps({"type": "record", "name": name, "fields": fields, **more}))


BY_HAND = 530395552
"""The first four bytes of sha256sum over {"fields":[{"name":"a","type":"long"}],"name":"R",
"type":"record"} without a line break, and 0x7fffffff."""
INSTANT = {"type": "long", "logicalType": "timestamp-millis"}


def test_an_id_does_not_depend_on_the_process():
    """Another process, with another hash seed, computes the same id."""
    code = (
        "from tests.delivery.test_local_registry import record, schema_id;"
        "print(schema_id(record()))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert int(other) == schema_id(record()) == BY_HAND


def test_an_id_does_not_depend_on_spacing_and_order():
    """The same JSON object has the same id in any spelling."""
    schema = record()
    rewritten = parse_avro(json.dumps(json.loads(schema.json), indent=2, sort_keys=True))
    assert schema_id(rewritten) == schema_id(schema)


@pytest.mark.parametrize("other", [record("S"), record(field="int"), record(field=INSTANT)])
def test_different_schemas_have_different_ids(other: AvroSchema):
    """Another name, type or logical type gives another id."""
    assert schema_id(other) != schema_id(record())


def test_ids_fit_javas_int():
    """Ids are in [1, SCHEMA_ID_MAX]."""
    ids = {schema_id(record(f"R{n}")) for n in range(500)}
    assert len(ids) == 500
    assert all(1 <= i <= SCHEMA_ID_MAX for i in ids)


def test_subjects_have_versions_in_order():
    """Another schema of a subject becomes its next version; an equal one is ignored."""
    one, two = record("A"), record("B")
    subject = value_subject("t")
    registry = LocalRegistry([(subject, one), ("s", one), (subject, two), (subject, one)])
    assert subject == "t-value"
    assert registry.subjects == ("s", "t-value")
    assert [(v.version, v.id) for v in registry.versions(subject)] == [
        (1, schema_id(one)),
        (2, schema_id(two)),
    ]
    assert [v.subject for v in registry.versions_by_id(schema_id(one))] == ["s", "t-value"]
    assert registry.by_id(schema_id(two)) == RegistrySchema("AVRO", two.json, "B")
    assert registry.by_id(1) is None
    assert registry.versions("nope") == ()


def test_a_lookup_compares_parsed_schemas():
    """Documentation and order of attributes do not matter; types and logical types do."""
    registry = LocalRegistry([("s", record(field=INSTANT, doc="ours"))])
    assert registry.lookup("s", record(field=INSTANT, doc="theirs").json) is not None
    assert registry.lookup("s", record(field="long").json) is None
    assert registry.lookup("t", record(field=INSTANT).json) is None


def test_a_lookup_of_an_invalid_schema_fails():
    """An invalid schema is an error, not a missing schema."""
    registry = LocalRegistry([("s", record())])
    with pytest.raises(SchemaError, match="the submitted schema"):
        registry.lookup("s", "{")


def test_a_hash_collision_is_rejected(monkeypatch: pytest.MonkeyPatch):
    """Two schemas with the same id are a SchemaError, not a wrong lookup."""
    monkeypatch.setattr(local_registry, "schema_id", lambda _schema: 7)
    with pytest.raises(SchemaError, match="'A' and 'B' have the same id 7"):
        LocalRegistry([("s", record("A")), ("t", record("B"))])


PROTO = 'syntax = "proto3";\nmessage R {\n  int64 a = 1;  // a note\n}\n'


def test_each_schema_type_has_its_own_ids():
    """One text as two types has two ids; a lookup finds its own type, in any spelling."""
    avro, as_json = record(), RegistrySchema("JSON", record().json, "R")
    proto = RegistrySchema("PROTOBUF", PROTO, "R", "c2VyaWFsaXplZA==")
    assert len({schema_id(avro), schema_id(as_json), schema_id(proto)}) == 3
    registry = LocalRegistry([("s", avro), ("s", as_json), ("s", proto)])
    spaced = json.dumps(json.loads(record().json), indent=2, sort_keys=True)
    found = [registry.lookup("s", spaced, "AVRO"), registry.lookup("s", spaced, "JSON")]
    assert [v.version for v in found if v] == [1, 2]
    for text in (PROTO, 'syntax="proto3"; /* R */ message R{int64 a=1;}', "c2VyaWFsaXplZA=="):
        same = registry.lookup("s", text, "PROTOBUF")
        assert same is not None
        assert same.version == 3
    assert registry.lookup("s", PROTO.replace("int64", "int32"), "PROTOBUF") is None
    assert registry.lookup("s", "{}", "JSON") is None
    with pytest.raises(SchemaError, match="not valid JSON"):
        registry.lookup("s", "{", "JSON")


@pytest.mark.parametrize("sent", ['"long"', '{"type": "long"}'])
def test_a_keys_schema_is_found_in_either_spelling(sent: str):
    """A primitive type may be written as a name or as an object."""
    schema = key_schema(record(), "a", "avro")
    assert schema == RegistrySchema("AVRO", '"long"', "long")
    registry = LocalRegistry([("t-key", schema), ("t-value", record())])
    found = registry.lookup("t-key", sent)
    assert found is not None
    assert found.id == schema_id(schema)
    assert registry.lookup("t-value", sent) is None
    assert registry.lookup("t-key", record().json) is None


@pytest.mark.parametrize(
    ("strategy", "of_values", "of_keys"),
    [
        ("topic", "t-value", "t-key"),
        ("record", "a.b.R", "long"),
        ("topic-record", "t-a.b.R", "t-long"),
    ],
)
def test_subjects_are_those_of_confluents_strategies(strategy: str, of_values: str, of_keys: str):
    """Values and keys have the subjects that Confluent's serializers would look under."""
    schema = record("a.b.R")
    value = value_schema(schema, "avro")
    key = key_schema(schema, "a", "avro")
    assert value is not None
    assert key is not None
    assert subject_name(strategy, "t", value.name, is_key=False) == of_values  # type: ignore[arg-type]
    assert subject_name(strategy, "t", key.name, is_key=True) == of_keys  # type: ignore[arg-type]


def test_names_of_records_by_format():
    """A JSON Schema is called by its title, a Protobuf schema by its first message's full name."""
    schema = record("a.b.R")
    names = [getattr(value_schema(schema, f), "name", None) for f in ("json-schema", "protobuf")]
    assert names == ["a.b.R", "a.b.R"]
    names = [getattr(key_schema(schema, "a", f), "name", None) for f in ("json-schema", "protobuf")]
    assert names == ["a", "AKey"]
    assert value_schema(schema, "json") is None
    assert key_schema(schema, "a", "string") is None
    assert key_schema(schema, None, "string") is None
