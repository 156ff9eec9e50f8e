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


def changed(**field: Any) -> str:
    """Return the schema with one field more."""
    schema = json.loads(SCHEMA)
    schema["fields"].append(field)
    return json.dumps(schema)


async def test_a_new_schema_is_registered(registry: FakeRegistry):
    """A subject that is not there is made, and its id comes back."""
    async with RegistryClient(registry.url) as client:
        number = await client.ensure(SUBJECT, SCHEMA)
    assert registry.subjects == {SUBJECT: [number]}


async def test_a_known_schema_is_only_looked_up(registry: FakeRegistry):
    """The same schema in other words is found; nothing is registered."""
    number = registry.add(SUBJECT, SCHEMA)
    rewritten = json.dumps(json.loads(SCHEMA), indent=4, sort_keys=True)
    async with RegistryClient(registry.url) as client:
        assert await client.ensure(SUBJECT, rewritten) == number
    assert registry.requests == [f"/subjects/{SUBJECT}"]


async def test_a_compatible_change_is_a_new_version(registry: FakeRegistry):
    """A field with a default is taken as the next version."""
    registry.add(SUBJECT, SCHEMA)
    async with RegistryClient(registry.url) as client:
        number = await client.ensure(SUBJECT, changed(name="bonus", type="double", default=0))
    assert registry.subjects[SUBJECT] == [1, number]


async def test_an_odd_subject_is_escaped(registry: FakeRegistry):
    """Characters that mean something in a URL reach the registry as they are."""
    async with RegistryClient(registry.url) as client:
        await client.ensure("a/b c?d-value", SCHEMA)
    assert list(registry.subjects) == ["a/b c?d-value"]


async def test_an_incompatible_schema_names_subject_and_field(registry: FakeRegistry):
    """The refusal says which subject, which field, and why; the old schema is left out."""
    registry.add(SUBJECT, SCHEMA)
    async with RegistryClient(registry.url) as client:
        with pytest.raises(IncompatibleSchemaError) as refused:
            await client.ensure(SUBJECT, changed(name="bonus", type="double"))
    message = str(refused.value)
    assert f"subject {SUBJECT!r} refuses the schema: The field 'bonus' at path" in message
    assert "has no default value" in message
    assert "oldSchema" not in message
    assert "\n" not in message
    assert registry.subjects == {SUBJECT: [1]}


async def test_a_changed_type_is_named_by_its_field(registry: FakeRegistry):
    """Where the registry points into the schema, the message adds the field's name."""
    registry.add(SUBJECT, SCHEMA)
    wrong = SCHEMA.replace('"idade", "type": "int"', '"idade", "type": "string"')
    async with RegistryClient(registry.url) as client:
        with pytest.raises(IncompatibleSchemaError, match=r"\(field 'idade'\)"):
            await client.ensure(SUBJECT, wrong)


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_an_ill_registry_is_asked_again_later(registry: FakeRegistry, status: int):
    """A server's error is a retriable fault that names URL and status."""
    registry.break_down(status)
    async with RegistryClient(registry.url) as client:
        with pytest.raises(
            RegistryUnavailableError, match=f"{registry.url}: HTTP {status}"
        ) as fault:
            await client.ensure(SUBJECT, SCHEMA)
    assert fault.value.retriable
    registry.broken = None
    async with RegistryClient(registry.url) as client:
        assert await client.ensure(SUBJECT, SCHEMA) == 1


@pytest.mark.parametrize("status", [200, 404, 405])
async def test_an_address_that_is_no_registry_is_a_mistake(registry: FakeRegistry, status: int):
    """A web server that knows no schemas is a wrong setting, named, and not retried."""
    registry.break_down(status)
    async with RegistryClient(registry.url) as client:
        with pytest.raises(SettingError, match=r"SCHEMA_REGISTRY_URL .* no schema registry"):
            await client.ensure(SUBJECT, SCHEMA)


async def test_nobody_there_is_a_fault():
    """A refused connection is a retriable fault with its cause."""
    async with RegistryClient("http://127.0.0.1:1") as client:
        with pytest.raises(
            RegistryUnavailableError, match=r"http://127\.0\.0\.1:1: .* is away: .+"
        ):
            await client.ensure(SUBJECT, SCHEMA)


async def test_silence_ends(registry: FakeRegistry):
    """A registry that takes the request and says nothing is given up."""
    registry.silent = True
    async with RegistryClient(registry.url, timeout_s=0.05) as client:
        with pytest.raises(RegistryUnavailableError, match="no answer in time"):
            await client.ensure(SUBJECT, SCHEMA)


async def test_drops_that_keep_coming_end_too(
    registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
):
    """The whole of `ensure` is bounded, even when no single wait is."""
    registry.silent = True
    monkeypatch.setattr(registry_module, "ENSURE_TIMEOUT_S", 0.05)
    async with RegistryClient(registry.url, timeout_s=60) as client:
        with pytest.raises(RegistryUnavailableError, match="no answer in time"):
            await client.ensure(SUBJECT, SCHEMA)


async def test_cancelling_is_no_fault(registry: FakeRegistry):
    """A cancelled `ensure` is cancelled, not turned into an error."""
    registry.silent = True
    async with RegistryClient(registry.url) as client:
        task = asyncio.create_task(client.ensure(SUBJECT, SCHEMA))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_credentials_are_sent(registry: FakeRegistry):
    """The right user and password are let in, from the setting or from the URL."""
    registry.user_info = "ana:s3:cret"
    async with RegistryClient(registry.url, "ana:s3:cret") as client:
        assert await client.ensure(SUBJECT, SCHEMA) == 1
    with_user = registry.url.replace("//", "//ana:s3%3Acret@")
    async with RegistryClient(with_user) as client:
        assert await client.ensure(SUBJECT, SCHEMA) == 1


@pytest.mark.parametrize("inside", [False, True])
async def test_wrong_credentials_are_told_without_them(registry: FakeRegistry, *, inside: bool):
    """A refusal names the setting, and never the password."""
    registry.user_info = "ana:right"
    url = registry.url.replace("//", "//ana:wr0ng@") if inside else registry.url
    async with RegistryClient(url, None if inside else "ana:wr0ng") as client:
        with pytest.raises(ConfigurationError) as refused:
            await client.ensure(SUBJECT, SCHEMA)
    assert "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO" in str(refused.value)
    assert "wr0ng" not in str(refused.value)


async def test_what_is_no_schema_is_the_schemas_fault(registry: FakeRegistry):
    """A text that the registry does not take for a schema is a SchemaError."""
    async with RegistryClient(registry.url) as client:
        with pytest.raises(SchemaError, match=SUBJECT):
            await client.ensure(SUBJECT, '{"type": "recor"}')


@pytest.mark.parametrize(
    ("url", "user_info"),
    [
        ("", None),
        ("127.0.0.1:8081", None),
        ("ftp://host", None),
        ("http://", None),
        ("http://[::1", None),
        ("http://host:99999", None),
        ("http://host,nonsense", None),
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
def test_settings_that_make_no_sense_are_refused(url: str, user_info: str | None):
    """A URL or credentials that cannot be used end the start with one line, secrets left out."""
    with pytest.raises(SettingError, match="SCHEMA_REGISTRY") as refused:
        RegistryClient(url, user_info)
    assert "s3cret" not in str(refused.value)
    assert isinstance(refused.value, GeradorError)


SHAPE = '{"title":"R","type":"object","properties":{"a":{"type":"integer"}}}'
PROTO = 'syntax = "proto3";\nmessage R {\n  int64 a = 1;\n}\n'


@pytest.mark.parametrize(("text", "kind"), [(SHAPE, "JSON"), (PROTO, "PROTOBUF")])
async def test_other_kinds_are_registered_as_such_and_found_again(
    registry: FakeRegistry, text: str, kind: SchemaType
):
    """The kind is sent with the schema, and the second time it is only looked up."""
    async with RegistryClient(registry.url) as client:
        number = await client.ensure("t-value", text, kind)
        assert await client.ensure("t-value", text.replace("\n", "\n\n"), kind) == number
    assert registry.kinds == [kind]
    assert registry.subjects == {"t-value": [number]}
    assert registry.requests.count("/subjects/t-value/versions") == 1


async def test_a_primitive_avro_schema_is_registered(registry: FakeRegistry):
    """A key's schema is no record."""
    async with RegistryClient(registry.url) as client:
        assert await client.ensure("t-key", '"string"') == 1
        assert await client.ensure("t-key", '"string"') == 1


async def test_an_incompatible_json_schema_names_subject_and_property(registry: FakeRegistry):
    """The registry's own words say which property; nothing is looked for in the schema."""
    registry.add("t-value", SHAPE, "JSON")
    async with RegistryClient(registry.url) as client:
        with pytest.raises(IncompatibleSchemaError) as refused:
            await client.ensure("t-value", SHAPE.replace('"a"', '"b"'), "JSON")
    message = str(refused.value)
    assert "subject 't-value' refuses the schema: The new schema has a closed" in message
    assert "'#/properties/a' in the old schema;" in message
    assert "errorType" not in message
