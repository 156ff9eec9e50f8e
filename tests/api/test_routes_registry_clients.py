"""Confluent's own clients against the registry that the API serves, over a real socket."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import struct
from typing import TYPE_CHECKING, Any

import fastavro
import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

from gerador.api.app import create_app
from gerador.api.server import serve
from gerador.delivery.registry.client import RegistryClient
from gerador.delivery.registry.local_registry import schema_id
from gerador.errors import ConfigurationError, GeradorError
from tests.api.fake_service import GENERATION, REGISTRO, TOPIC

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.fake_service import FakeService

PERSON = {
    "nome": "Ana",
    "idade": 33,
    "salario": 1234.56,
    "cidade": "São Paulo",
    "cargo": "Engenheira",
    "timestamp": dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=dt.UTC),
    "geracao_id": GENERATION,
}
CONTEXT = SerializationContext(TOPIC, MessageField.VALUE)


@pytest.fixture
async def url(service: FakeService) -> AsyncIterator[str]:
    """Give the address of the served registry."""
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        yield address.url


def framed() -> bytes:
    """Return one datum with the schema's id in front, as it goes to the topic."""
    datum = io.BytesIO()
    fastavro.schemaless_writer(datum, json.loads(REGISTRO.json), PERSON)
    return struct.pack(">bI", 0, schema_id(REGISTRO)) + datum.getvalue()


async def test_confluents_deserializer_reads_our_datum(url: str):
    """AvroDeserializer finds the schema by the id in the datum and reads every field."""

    def read() -> Any:
        return AvroDeserializer(SchemaRegistryClient({"url": url}))(framed(), CONTEXT)

    value = await asyncio.to_thread(read)
    assert {**value, "geracao_id": str(value["geracao_id"])} == PERSON


async def test_confluents_serializer_registers_what_is_there(url: str):
    """A serializer that registers its schema by itself gets our id and writes the same bytes."""

    def write() -> Any:
        registry = SchemaRegistryClient({"url": url})
        return AvroSerializer(registry, REGISTRO.json)(PERSON, CONTEXT)

    assert await asyncio.to_thread(write) == framed()


async def test_confluents_client_reads_subjects(url: str):
    """The client's own lookups agree with each other."""

    def look() -> tuple[Any, ...]:
        registry = SchemaRegistryClient({"url": url})
        latest = registry.get_latest_version(f"{TOPIC}-value")
        found = registry.lookup_schema(f"{TOPIC}-value", Schema(REGISTRO.json, "AVRO"))
        with pytest.raises(SchemaRegistryError) as missing:
            registry.get_schema(5)
        return registry.get_subjects(), latest.schema_id, found.schema_id, missing.value.error_code

    subjects, latest_id, found_id, code = await asyncio.to_thread(look)
    assert subjects == [f"{TOPIC}-value"]
    assert latest_id == found_id == schema_id(REGISTRO)
    assert code == 40403


async def test_another_generator_finds_our_schema(url: str):
    """Our own client, pointed at this API, gets the id; another schema is refused for good."""
    other = json.dumps({"type": "record", "name": "Other", "fields": []})
    async with RegistryClient(url) as client:
        assert await client.get_or_register(f"{TOPIC}-value", REGISTRO.json) == schema_id(REGISTRO)
        with pytest.raises(ConfigurationError, match="read-only") as refused:
            await client.get_or_register(f"{TOPIC}-value", other)
    assert isinstance(refused.value, GeradorError)
    assert not refused.value.retriable
