"""JSON Schema and Protobuf in the registry of the API, and clients that read with them."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2

from gerador.api.app import create_app
from gerador.api.row_writers import write_ndjson
from gerador.api.server import serve
from gerador.delivery.registry.client import RegistryClient
from gerador.delivery.registry.local_registry import LocalRegistry, schema_id
from gerador.encoding.formats import schema_id_prefix, value_encoder
from gerador.encoding.registry_schemas import RegistrySchema, key_schema, value_schema
from tests.api.fake_service import REGISTRO, TOPIC, FakeService, people

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from fastapi import FastAPI

    from gerador.scenario.output import ValueFormat

ROWS = 20
KEY_SUBJECT, JSON_SUBJECT, PROTO_SUBJECT = f"{TOPIC}-key", "json-value", "proto-value"


def derived(form: ValueFormat) -> RegistrySchema:
    """Return the default schema in another format."""
    found = value_schema(REGISTRO, form)
    assert found is not None
    return found


AS_JSON, AS_PROTO = derived("json-schema"), derived("protobuf")
KEY = key_schema(REGISTRO, "cidade", "avro")


@pytest.fixture(scope="module")
def service() -> FakeService:
    """Return a service with a schema of every type."""
    assert KEY is not None
    schemas = [(JSON_SUBJECT, AS_JSON), (PROTO_SUBJECT, AS_PROTO), (KEY_SUBJECT, KEY)]
    return FakeService(registry=LocalRegistry(schemas))


@pytest.fixture(scope="module")
def app(service: FakeService) -> FastAPI:
    """Return its application, created once."""
    return create_app(service)


@pytest.fixture
async def url(service: FakeService) -> AsyncIterator[str]:
    """Return the URL of the registry."""
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        yield address.url


@pytest.mark.parametrize(
    ("subject", "schema", "named"),
    [
        (JSON_SUBJECT, AS_JSON, {"schemaType": "JSON"}),
        (PROTO_SUBJECT, AS_PROTO, {"schemaType": "PROTOBUF"}),
        (KEY_SUBJECT, KEY, {}),
    ],
)
async def test_the_schema_type_is_returned_except_for_avro(
    client: httpx.AsyncClient, subject: str, schema: RegistrySchema, named: dict[str, str]
) -> None:
    """By id, by version and in the list, `schemaType` is returned, but not for Avro."""
    number = schema_id(schema)
    by_id = (await client.get(f"/schemas/ids/{number}")).json()
    assert by_id == {"schema": schema.text, **named}
    version = {"subject": subject, "version": 1, "id": number, **by_id}
    assert (await client.get(f"/subjects/{subject}/versions/latest")).json() == version
    assert version in (await client.get("/schemas")).json()
    sent = {"schema": schema.text, **named}
    assert (await client.post(f"/subjects/{subject}", json=sent)).json() == version
    assert (await client.post(f"/subjects/{subject}/versions", json=sent)).json() == version
    assert (await client.get(f"/schemas/ids/{number}/schema")).text == schema.text


async def test_a_protobuf_schema_is_serialized_on_request(client: httpx.AsyncClient) -> None:
    """Confluent's Python clients request the descriptor; other types are unchanged."""
    path = f"/schemas/ids/{schema_id(AS_PROTO)}?format=serialized"
    text = (await client.get(path)).json()["schema"]
    file = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(text))
    assert [f.name for f in file.message_type[0].field] == [f.name for f in REGISTRO.root.fields]
    latest = f"/subjects/{PROTO_SUBJECT}/versions/latest?format=serialized"
    assert (await client.get(latest)).json()["schema"] == text
    plain = await client.get(f"/schemas/ids/{schema_id(AS_JSON)}?format=serialized")
    assert plain.json()["schema"] == AS_JSON.text


def values(form: ValueFormat, schema: RegistrySchema) -> list[bytes]:
    """Return the rows as values in the topic."""
    prefix = schema_id_prefix(form, schema_id(schema))
    return list(value_encoder(REGISTRO.root, form, prefix).encode(people(ROWS)))


def as_in_dados() -> list[Any]:
    """Return the rows as /dados returns them."""
    lines = b"".join(write_ndjson(people(ROWS), REGISTRO.root)).splitlines()
    return [json.loads(line) for line in lines]


async def test_confluents_json_deserializer_reads_and_validates(url: str) -> None:
    """JSONDeserializer finds the schema by its id and validates every row with it."""

    def read() -> list[Any]:
        registry = SchemaRegistryClient({"url": url})
        decode = JSONDeserializer(None, schema_registry_client=registry)
        context = SerializationContext("json", MessageField.VALUE)
        return [decode(value, context) for value in values("json-schema", AS_JSON)]

    assert await asyncio.to_thread(read) == as_in_dados()


async def test_our_client_finds_every_type(url: str) -> None:
    """Another generator that uses this registry gets the same ids."""
    assert KEY is not None
    async with RegistryClient(url) as client:
        for subject, schema in (
            (JSON_SUBJECT, AS_JSON),
            (PROTO_SUBJECT, AS_PROTO),
            (KEY_SUBJECT, KEY),
        ):
            found = await client.get_or_register(subject, schema.text, schema.schema_type)
            assert found == schema_id(schema)


async def test_confluents_client_looks_up_by_type(url: str) -> None:
    """The lookup of an equivalent JSON Schema returns its id."""

    def look_up() -> Any:
        text = json.dumps(json.loads(AS_JSON.text), indent=2)
        return SchemaRegistryClient({"url": url}).lookup_schema(JSON_SUBJECT, Schema(text, "JSON"))

    assert (await asyncio.to_thread(look_up)).schema_id == schema_id(AS_JSON)
