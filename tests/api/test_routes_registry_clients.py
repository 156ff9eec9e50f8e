"""Confluent's clients against the registry of the API, over a real socket."""

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
from gerador.errors import GeradorError, SettingError
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
    """Return the URL of the registry."""
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        yield address.url


def framed() -> bytes:
    """Return one datum with the schema id in front, as in the topic."""
    datum = io.BytesIO()
    fastavro.schemaless_writer(datum, json.loads(REGISTRO.json), PERSON)
    return struct.pack(">bI", 0, schema_id(REGISTRO)) + datum.getvalue()


async def test_confluents_deserializer_reads_our_datum(url: str):
    """AvroDeserializer finds the schema by its id and reads every field."""

    def read() -> Any:
        return AvroDeserializer(SchemaRegistryClient({"url": url}))(framed(), CONTEXT)

    value = await asyncio.to_thread(read)
    assert {**value, "geracao_id": str(value["geracao_id"])} == PERSON


async def test_confluents_serializer_registers_an_existing_schema(url: str):
    """A serializer that registers its schema gets our id and writes the same bytes."""

    def write() -> Any:
        registry = SchemaRegistryClient({"url": url})
        return AvroSerializer(registry, REGISTRO.json)(PERSON, CONTEXT)

    assert await asyncio.to_thread(write) == framed()


async def test_confluents_client_reads_subjects(url: str):
    """The lookups of the client are consistent."""

    def look_up() -> tuple[Any, ...]:
        registry = SchemaRegistryClient({"url": url})
        latest = registry.get_latest_version(f"{TOPIC}-value")
        found = registry.lookup_schema(f"{TOPIC}-value", Schema(REGISTRO.json, "AVRO"))
        with pytest.raises(SchemaRegistryError) as missing:
            registry.get_schema(5)
        return registry.get_subjects(), latest.schema_id, found.schema_id, missing.value.error_code

    subjects, latest_id, found_id, code = await asyncio.to_thread(look_up)
    assert subjects == [f"{TOPIC}-value"]
    assert latest_id == found_id == schema_id(REGISTRO)
    assert code == 40403


async def test_another_generator_finds_our_schema(url: str):
    """Our client gets the id from this API; another schema is a permanent error."""
    other = json.dumps({"type": "record", "name": "Other", "fields": []})
    async with RegistryClient(url) as client:
        assert await client.get_or_register(f"{TOPIC}-value", REGISTRO.json) == schema_id(REGISTRO)
        with pytest.raises(
            SettingError,
            match=rf"SCHEMA_REGISTRY_URL {url}: this schema registry is read-only, as that of a "
            r"gerador run, .* unset it: the API of this run then serves them",
        ) as refused:
            await client.get_or_register(f"{TOPIC}-value", other)
    assert isinstance(refused.value, GeradorError)
    assert not refused.value.retriable


async def test_our_client_names_a_run_without_a_registry(service: FakeService, url: str):
    """The API of a run without Kafka, or with another registry, is named instead of a 404."""
    service.registry = None
    async with RegistryClient(url) as client:
        for request in (client.get_or_register("s", REGISTRO.json), client.read("s")):
            with pytest.raises(SettingError, match="the API of a gerador run without a schema"):
                await request
