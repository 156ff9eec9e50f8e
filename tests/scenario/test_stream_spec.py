"""The built-in stream, and streams by schema alone."""

from __future__ import annotations

import json

import pytest

from gerador.avro.load import parse_avro
from gerador.avro.paths import field_paths
from gerador.errors import SettingError
from gerador.scenario.field_validation import kinds_for
from gerador.scenario.gallery import packaged_schema_path
from gerador.scenario.stream_spec import REGISTRO_FIELDS, spec_for
from gerador.values.date_time import EventTimeGenerator
from gerador.values.defaults import default_generator
from gerador.values.distributions.uniform import UniformDistribution


def test_every_field_of_the_default_stream_is_declared():
    """The seven fields of the contract, in order, each with its declaration."""
    names = ["nome", "idade", "salario", "cidade", "cargo", "timestamp", "geracao_id"]
    spec = spec_for()
    assert [f.name for f in spec.schema.root.fields] == names
    assert set(spec.fields) == set(names)
    assert (spec.name, spec.topic, spec.generation_rows, spec.key) == (
        "registros", "registros", 1_000, None,
    )  # fmt: skip


def test_single_declarations_can_be_replaced():
    """What is given replaces one field's declaration and leaves the others."""
    young = UniformDistribution(min=18, max=30)
    assert spec_for(fields={"idade": young}).fields == {**REGISTRO_FIELDS, "idade": young}


def test_the_schema_is_found():
    """The schema file is where the package says it is."""
    assert (
        json.loads(packaged_schema_path("registro.avsc").read_text("utf-8"))["name"] == "Registro"
    )


def test_a_stream_is_named_after_its_record():
    """Name and topic come from the record's own name unless they are given."""
    fields = [{"name": "n", "type": "int"}]
    schema = parse_avro(json.dumps({"type": "record", "name": "shop.Order", "fields": fields}))
    assert (spec_for(schema=schema).name, spec_for(schema=schema).topic) == ("Order", "Order")
    assert spec_for(schema=schema, name="a", topic="b").topic == "b"


def test_a_name_or_a_schema_says_which_stream():
    """By name the built-in one, by schema its own; what is asked for reaches either."""
    asked = {"topic": "t", "generation_rows": 5}
    assert spec_for() == spec_for("registros") == spec_for()
    assert spec_for(key="nome", **asked) == spec_for(key="nome", **asked)
    declared = {"type": "record", "name": "R", "fields": [{"name": "n", "type": "int"}]}
    schema = parse_avro(json.dumps(declared))
    assert spec_for("s", declared, key="n", **asked) == spec_for(schema=
        schema, name="s", key="n", **asked
    )
    with pytest.raises(SettingError, match=r"no stream 'registro'; did you mean 'registros'\?"):
        spec_for("registro")


def test_defaults_suit_their_types():
    """What a type gets by default is among the kinds that may be declared for it."""
    text = packaged_schema_path("registro.avsc").read_text("utf-8")
    for path, avro_type in field_paths(parse_avro(text).root):
        assert default_generator(avro_type, path).kind in kinds_for(avro_type)


def test_only_top_level_timestamps_are_event_time():
    """A timestamp inside a record or list is a value like any other."""
    stamp = {"type": "long", "logicalType": "timestamp-millis"}
    inner = {"type": "record", "name": "I", "fields": [{"name": "at", "type": stamp}]}
    fields = [{"name": "at", "type": stamp}, {"name": "i", "type": inner},
              {"name": "l", "type": {"type": "array", "items": stamp}}]  # fmt: skip
    schema = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))
    kinds = {p: default_generator(t, p).kind for p, t in field_paths(schema.root)}
    assert kinds == {"at": EventTimeGenerator().kind, "i": "whole", "i.at": "calendar",
                     "l": "length", "l[]": "calendar"}  # fmt: skip
