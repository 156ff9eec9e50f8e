"""The built-in stream, and streams from a schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gerador.avro.load import parse_avro
from gerador.avro.paths import field_paths
from gerador.errors import SettingError
from gerador.scenario.field_validation import kinds_for
from gerador.scenario.gallery import packaged_schema_path
from gerador.scenario.stream_spec import spec_for
from gerador.values.date_time import EventTimeGenerator
from gerador.values.defaults import default_generator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.faker_pool import FakerGenerator


def test_default_stream():
    """It has the seven fields of the contract, in order, all declared."""
    names = ["nome", "idade", "salario", "cidade", "cargo", "timestamp", "geracao_id"]
    spec = spec_for()
    assert [f.name for f in spec.schema.root.fields] == names
    assert set(spec.fields) == set(names)
    assert (spec.name, spec.topic, spec.generation_rows, spec.key) == (
        "registros", "registros", 1_000, None,
    )  # fmt: skip


def test_fields_override_declarations():
    """`fields` replaces the declaration of one field and keeps the others."""
    young = UniformDistribution(min=18, max=30)
    assert spec_for(fields={"idade": young}).fields == {**spec_for().fields, "idade": young}


def test_locale_of_the_built_in_stream():
    """Faker fields are Brazilian unless another locale is given; a field's own locale stays."""

    def locales(**settings: Any) -> list[str | None]:
        fields = spec_for(**settings).fields.values()
        return [field.locale for field in fields if isinstance(field, FakerGenerator)]

    assert locales() == ["pt_BR"] * 3
    assert locales(locale="en_US") == ["en_US"] * 3
    own = {"nome": FakerGenerator(provider="name", locale="ja_JP")}
    assert locales(locale="en_US", fields=own) == ["ja_JP", "en_US", "en_US"]


def test_packaged_schema():
    """The schema of the built-in stream is in the package."""
    assert (
        json.loads(packaged_schema_path("registro.avsc").read_text("utf-8"))["name"] == "Registro"
    )


def test_names_from_the_record():
    """Name and topic default to the record's name without its namespace."""
    fields = [{"name": "n", "type": "int"}]
    schema = parse_avro(json.dumps({"type": "record", "name": "shop.Order", "fields": fields}))
    assert (spec_for(schema=schema).name, spec_for(schema=schema).topic) == ("Order", "Order")
    assert spec_for(schema=schema, name="a", topic="b").topic == "b"


def test_stream_by_name_or_schema():
    """A name selects the built-in stream, a schema defines one; other names are rejected."""
    settings = {"topic": "t", "generation_rows": 5}
    assert spec_for() == spec_for("registros")
    assert spec_for(key="nome", **settings).topic == "t"
    declared = {"type": "record", "name": "R", "fields": [{"name": "n", "type": "int"}]}
    schema = parse_avro(json.dumps(declared))
    assert spec_for("s", declared, key="n", **settings) == spec_for(
        schema=schema, name="s", key="n", **settings
    )
    with pytest.raises(SettingError, match="'registro'; did you mean 'registros'"):
        spec_for("registro")


def test_default_generators_support_their_types():
    """The default generator of a type is one of those that can be declared for it."""
    text = packaged_schema_path("registro.avsc").read_text("utf-8")
    for path, avro_type in field_paths(parse_avro(text).root):
        assert default_generator(avro_type, path).kind in kinds_for(avro_type)


def test_only_top_level_timestamps_are_event_times():
    """Timestamps inside records and lists are random values."""
    stamp = {"type": "long", "logicalType": "timestamp-millis"}
    inner = {"type": "record", "name": "I", "fields": [{"name": "at", "type": stamp}]}
    fields = [{"name": "at", "type": stamp}, {"name": "i", "type": inner},
              {"name": "l", "type": {"type": "array", "items": stamp}}]  # fmt: skip
    schema = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))
    kinds = {p: default_generator(t, p).kind for p, t in field_paths(schema.root)}
    assert kinds == {"at": EventTimeGenerator().kind, "i": "record", "i.at": "random_time",
                     "l": "array", "l[]": "random_time"}  # fmt: skip
