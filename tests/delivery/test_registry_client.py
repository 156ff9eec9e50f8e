from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gerador.delivery.registry import client as registry_module
from gerador.delivery.registry.client import RegistryClient
from gerador.errors import (
    ConfigurationError,
    GeradorError,
    IncompatibleSchemaError,
    RegistryUnavailableError,
    SchemaError,
    SettingError,
)

if TYPE_CHECKING:
    from gerador.encoding.registry_schemas import SchemaType
    from tests.registry_fixture import FakeRegistry

pytest_plugins = ["tests.registry_fixture"]

SUBJECT = "registros-value"
SCHEMA = (Path(__file__).parents[2] / "schemas" / "registro.avsc").read_text("utf-8")


def with_field(**field: Any) -> str:
    """Return the schema with an additional field."""
    schema = json.loads(SCHEMA)
    schema["fields"].append(field)
    return json.dumps(schema)


async def test_a_new_schema_is_registered(registry: FakeRegistry):
    """An unknown subject is created, and the schema's id is returned."""
    async with RegistryClient(registry.url) as client:
        number = await client.get_or_register(SUBJECT, SCHEMA)
    assert registry.subjects == {SUBJECT: [number]}


async def test_a_registered_schema_is_only_looked_up(registry: FakeRegistry):
    """An equal schema in another spelling is found; nothing is registered."""
    number = registry.add(SUBJECT, SCHEMA)
    rewritten = json.dumps(json.loads(SCHEMA), indent=4, sort_keys=True)
    async with RegistryClient(registry.url) as client:
        assert await client.get_or_register(SUBJECT, rewritten) == number
    assert registry.requests == [f"/subjects/{SUBJECT}"]


async def test_a_compatible_schema_becomes_a_new_version(registry: FakeRegistry):
    """A schema with a new field that has a default is registered as the next version."""
    registry.add(SUBJECT, SCHEMA)
    async with RegistryClient(registry.url) as client:
        number = await client.get_or_register(
            SUBJECT, with_field(name="bonus", type="double", default=0)
        )
    assert registry.subjects[SUBJECT] == [1, number]


async def test_special_characters_of_a_subject_are_escaped(registry: FakeRegistry):
    """Characters with a meaning in URLs reach the registry unchanged."""
    async with RegistryClient(registry.url) as client:
        await client.get_or_register("a/b c?d-value", SCHEMA)
    assert list(registry.subjects) == ["a/b c?d-value"]


async def test_an_incompatible_schema_names_subject_and_field(registry: FakeRegistry):
    """The error names subject, field and reason, without the old schema."""
    registry.add(SUBJECT, SCHEMA)
    async with RegistryClient(registry.url) as client:
        with pytest.raises(IncompatibleSchemaError) as raised:
            await client.get_or_register(SUBJECT, with_field(name="bonus", type="double"))
    message = str(raised.value)
    assert f"incompatible with subject {SUBJECT!r}: The field 'bonus' at path" in message
    assert "has no default value" in message
    assert "oldSchema" not in message
    assert "\n" not in message
    assert registry.subjects == {SUBJECT: [1]}


async def test_a_changed_type_is_reported_with_its_field(registry: FakeRegistry):
    """The message adds the field's name to the registry's JSON pointer."""
    registry.add(SUBJECT, SCHEMA)
    wrong = SCHEMA.replace('"idade", "type": "int"', '"idade", "type": "string"')
    async with RegistryClient(registry.url) as client:
        with pytest.raises(IncompatibleSchemaError, match=r"\(field 'idade'\)"):
            await client.get_or_register(SUBJECT, wrong)


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_server_errors_are_retriable(registry: FakeRegistry, status: int):
    """An HTTP 5xx or 429 is a retriable error with URL and status."""
    registry.answer_all_with(status)
    async with RegistryClient(registry.url) as client:
        with pytest.raises(
            RegistryUnavailableError, match=f"{registry.url}: HTTP {status}"
        ) as raised:
            await client.get_or_register(SUBJECT, SCHEMA)
    assert raised.value.retriable
    registry.fixed_response = None
    async with RegistryClient(registry.url) as client:
        assert await client.get_or_register(SUBJECT, SCHEMA) == 1


@pytest.mark.parametrize("status", [200, 404, 405])
async def test_a_url_of_another_server_is_a_setting_error(registry: FakeRegistry, status: int):
    """Responses of a server that is not a registry are a SettingError, not retriable."""
    registry.answer_all_with(status)
    async with RegistryClient(registry.url) as client:
        with pytest.raises(SettingError, match=r"SCHEMA_REGISTRY_URL .* not a schema registry's"):
            await client.get_or_register(SUBJECT, SCHEMA)


async def test_a_refused_connection_is_retriable():
    """A refused connection is a retriable error with its cause."""
    async with RegistryClient("http://127.0.0.1:1") as client:
        with pytest.raises(
            RegistryUnavailableError, match=r"http://127\.0\.0\.1:1: .* is unavailable: .+"
        ):
            await client.get_or_register(SUBJECT, SCHEMA)


async def test_a_request_without_a_response_times_out(registry: FakeRegistry):
    """A registry that accepts the request and sends no response is a retriable error."""
    registry.never_responds = True
    async with RegistryClient(registry.url, timeout_s=0.05) as client:
        with pytest.raises(RegistryUnavailableError, match="did not respond in time"):
            await client.get_or_register(SUBJECT, SCHEMA)


async def test_the_whole_operation_times_out(
    registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
):
    """The operation has a timeout of its own, in addition to that of each request."""
    registry.never_responds = True
    monkeypatch.setattr(registry_module, "OPERATION_TIMEOUT_S", 0.05)
    async with RegistryClient(registry.url, timeout_s=60) as client:
        with pytest.raises(RegistryUnavailableError, match="did not respond in time"):
            await client.get_or_register(SUBJECT, SCHEMA)


async def test_cancellation_is_not_converted(registry: FakeRegistry):
    """A cancelled operation raises CancelledError."""
    registry.never_responds = True
    async with RegistryClient(registry.url) as client:
        task = asyncio.create_task(client.get_or_register(SUBJECT, SCHEMA))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_credentials_are_sent(registry: FakeRegistry):
    """User and password are accepted from the setting or from the URL."""
    registry.user_info = "ana:s3:cret"
    async with RegistryClient(registry.url, "ana:s3:cret") as client:
        assert await client.get_or_register(SUBJECT, SCHEMA) == 1
    with_user = registry.url.replace("//", "//ana:s3%3Acret@")
    async with RegistryClient(with_user) as client:
        assert await client.get_or_register(SUBJECT, SCHEMA) == 1


@pytest.mark.parametrize("inside", [False, True])
async def test_wrong_credentials_are_not_repeated(registry: FakeRegistry, *, inside: bool):
    """The error names the setting, not the password."""
    registry.user_info = "ana:right"
    url = registry.url.replace("//", "//ana:wr0ng@") if inside else registry.url
    async with RegistryClient(url, None if inside else "ana:wr0ng") as client:
        with pytest.raises(ConfigurationError) as raised:
            await client.get_or_register(SUBJECT, SCHEMA)
    assert "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO" in str(raised.value)
    assert "wr0ng" not in str(raised.value)


async def test_an_invalid_schema_is_a_schema_error(registry: FakeRegistry):
    """A text that the registry rejects as invalid is a SchemaError."""
    async with RegistryClient(registry.url) as client:
        with pytest.raises(SchemaError, match=SUBJECT):
            await client.get_or_register(SUBJECT, '{"type": "recor"}')


@pytest.mark.parametrize(
    ("url", "user_info"),
    [
        ("", None),
        ("127.0.0.1:8081", None),
        ("ftp://host", None),
        ("http://", None),
        ("http://[::1", None),
        ("http://host:99999", None),
        ("http://host,invalid", None),
        ("http://host", "no-colon-s3cret"),
        ("http://user:s3cret@host", "user:s3cret"),
        ("htp://user:s3cret@host", None),
        ("http://user:s3cret/2@host", None),
        ("http://user:1/s3cret@host", None),
        ("http://user:1?s3cret@host", None),
        ("http://user:1,s3cret@host", None),
        ("http://user:s3cret,2@host", None),
    ],
)
def test_invalid_settings_are_rejected(url: str, user_info: str | None):
    """An invalid URL or invalid credentials are a SettingError without the secrets."""
    with pytest.raises(SettingError, match="SCHEMA_REGISTRY") as raised:
        RegistryClient(url, user_info)
    assert "s3cret" not in str(raised.value)
    assert isinstance(raised.value, GeradorError)


JSON_SCHEMA = '{"title":"R","type":"object","properties":{"a":{"type":"integer"}}}'
PROTO = 'syntax = "proto3";\nmessage R {\n  int64 a = 1;\n}\n'


@pytest.mark.parametrize(("text", "schema_type"), [(JSON_SCHEMA, "JSON"), (PROTO, "PROTOBUF")])
async def test_json_and_protobuf_schemas_are_registered_with_their_type(
    registry: FakeRegistry, text: str, schema_type: SchemaType
):
    """The type is sent with the schema; the second time the schema is only looked up."""
    async with RegistryClient(registry.url) as client:
        number = await client.get_or_register("t-value", text, schema_type)
        assert (
            await client.get_or_register("t-value", text.replace("\n", "\n\n"), schema_type)
            == number
        )
    assert registry.schema_types == [schema_type]
    assert registry.subjects == {"t-value": [number]}
    assert registry.requests.count("/subjects/t-value/versions") == 1


async def test_a_primitive_avro_schema_is_registered(registry: FakeRegistry):
    """The schema of a key is a primitive type, not a record."""
    async with RegistryClient(registry.url) as client:
        assert await client.get_or_register("t-key", '"string"') == 1
        assert await client.get_or_register("t-key", '"string"') == 1


async def test_an_incompatible_json_schema_names_subject_and_property(registry: FakeRegistry):
    """The registry's message names the property; no pointer is resolved."""
    registry.add("t-value", JSON_SCHEMA, "JSON")
    async with RegistryClient(registry.url) as client:
        with pytest.raises(IncompatibleSchemaError) as raised:
            await client.get_or_register("t-value", JSON_SCHEMA.replace('"a"', '"b"'), "JSON")
    message = str(raised.value)
    assert "incompatible with subject 't-value': The new schema has a closed" in message
    assert "'#/properties/a' in the old schema;" in message
    assert "errorType" not in message
