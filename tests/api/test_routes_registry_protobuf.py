"""Confluent's Protobuf deserializer against the registry of the API."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from gerador.api.app import create_app
from gerador.api.row_writers import write_ndjson
from gerador.api.server import serve
from gerador.delivery.registry.local_registry import LocalRegistry, schema_id
from gerador.encoding.formats import schema_id_prefix, value_encoder
from gerador.encoding.registry_schemas import value_schema
from tests.api.fake_service import REGISTRO, FakeService, people
from tests.encoding.protoc import compiled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROWS = 20
SCHEMA = value_schema(REGISTRO, "protobuf")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Return the URL of a registry with the schema."""
    assert SCHEMA is not None
    service = FakeService(registry=LocalRegistry([("proto-value", SCHEMA)]))
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        yield address.url


def values() -> list[bytes]:
    """Return the rows as values in the topic."""
    assert SCHEMA is not None
    prefix = schema_id_prefix("protobuf", schema_id(SCHEMA))
    return list(value_encoder(REGISTRO.root, "protobuf", prefix).encode(people(ROWS)))


@pytest.mark.parametrize("with_registry", [False, True])
async def test_confluents_protobuf_deserializer_reads(url: str, *, with_registry: bool) -> None:
    """ProtobufDeserializer reads every row, with and without the registry."""
    assert SCHEMA is not None
    message = compiled(SCHEMA.text).message

    def read() -> list[Any]:
        registry = SchemaRegistryClient({"url": url}) if with_registry else None
        decode = ProtobufDeserializer(message, {}, registry)
        context = SerializationContext("proto", MessageField.VALUE)
        return [decode(value, context) for value in values()]

    found = await asyncio.to_thread(read)
    lines = b"".join(write_ndjson(people(ROWS), REGISTRO.root)).splitlines()
    expected = [json.loads(line) for line in lines]
    for name in ("nome", "idade", "salario", "cidade", "cargo", "geracao_id"):
        assert [getattr(row, name) for row in found] == [row[name] for row in expected]
    timestamps = [row.timestamp.ToJsonString() for row in found]
    assert timestamps == [row["timestamp"] for row in expected]
