"""Schemas of a stream: subjects, registration and ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gerador.cli.register_schemas import apply_framing, stream_schemas
from gerador.delivery.registry.client import RegistryClient
from gerador.delivery.registry.local_registry import LocalRegistry
from gerador.encoding.registry_schemas import SchemaIds
from gerador.errors import SchemaError
from gerador.scenario.output import Output
from gerador.scenario.stream_spec import spec_for

if TYPE_CHECKING:
    from tests.registry_fixture import FakeRegistry

pytest_plugins = ["tests.registry_fixture"]

NAME = spec_for().schema.name


def schemas(**output: Any) -> Any:
    """Return the schemas of the default stream, keyed by city."""
    chosen = Output(**output)
    return stream_schemas(spec_for(topic="t", key="cidade", output=chosen), chosen)


@pytest.mark.parametrize(
    ("output", "subjects"),
    [
        ({}, ["t-value"]),
        ({"format": "avro-raw"}, ["t-value"]),
        ({"format": "json"}, []),
        ({"format": "json", "key_format": "avro"}, ["t-key"]),
        ({"format": "protobuf", "key_format": "json-schema"}, ["t-value", "t-key"]),
        ({"subject_name_strategy": "record", "key_format": "avro"}, [NAME, "string"]),
        (
            {"subject_name_strategy": "record", "format": "protobuf", "key_format": "protobuf"},
            [NAME, "CidadeKey"],
        ),
        (
            {"subject_name_strategy": "topic-record", "key_format": "json-schema"},
            [f"t-{NAME}", "t-cidade"],
        ),
    ],
)
def test_schemas_are_registered_under_the_subjects_of_the_strategy(
    output: dict[str, Any], subjects: list[str]
) -> None:
    """Only formats with schemas are registered."""
    assert [subject for subject, _ in schemas(**output).by_subject] == subjects


def test_local_ids_are_those_of_the_local_registry() -> None:
    """Records have the ids of the registry of the API; unframed values have none."""
    output = Output(format="protobuf", key_format="avro")
    known = stream_schemas(spec_for(topic="t", key="cidade", output=output), output)
    registry = LocalRegistry(known.by_subject)
    (value,), (key,) = registry.versions("t-value"), registry.versions("t-key")
    assert known.local_ids(output) == (value.id, key.id)
    raw = Output(format="avro-raw")
    assert schemas(format="avro-raw").local_ids(raw) == SchemaIds()


async def test_an_external_registry_gets_both(registry: FakeRegistry) -> None:
    """Value and key are registered with their types; their ids are returned."""
    async with RegistryClient(registry.url) as client:
        ids = await schemas(format="json-schema", key_format="protobuf").registered(client)
        assert ids == SchemaIds(1, 2)
        assert await schemas(format="json").registered(client) == SchemaIds()
    assert registry.subjects == {"t-value": [1], "t-key": [2]}
    assert registry.schema_types == ["JSON", "PROTOBUF"]


def test_raw_framing_is_avro_raw() -> None:
    """GERADOR_FRAMING=raw applies to Avro only."""
    assert apply_framing(Output(), "confluent").format == "avro"
    assert apply_framing(Output(), "raw").format == "avro-raw"
    assert apply_framing(Output(format="json"), "raw").format == "json"


def test_names_that_are_equal_in_protobuf_are_rejected() -> None:
    """The error is raised before any connection to a broker."""
    fields = [{"name": "fooBar", "type": "int"}, {"name": "foo_bar", "type": "int"}]
    spec = spec_for(schema={"type": "record", "name": "R", "fields": fields})
    with pytest.raises(SchemaError, match="choose another format"):
        stream_schemas(spec, Output(format="protobuf"))
