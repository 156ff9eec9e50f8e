"""Registered schemas are read by subject and version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gerador.delivery.registry.client import RegistryClient
from gerador.errors import ConfigurationError, RegistryUnavailableError, SettingError

if TYPE_CHECKING:
    from tests.registry_fixture import FakeRegistry

pytest_plugins = ["tests.registry_fixture"]

SUBJECT = "pedidos-value"
FIRST = '{"type":"record","name":"Pedido","fields":[{"name":"id","type":"long"}]}'
SECOND = json.dumps(json.loads(FIRST) | {"doc": "An order."})


async def test_the_latest_or_a_given_version_is_read(registry: FakeRegistry):
    """The schema is returned as it was registered, with its version."""
    registry.add(SUBJECT, FIRST)
    registry.add(SUBJECT, SECOND)
    async with RegistryClient(registry.url) as client:
        latest, first = await client.read(SUBJECT), await client.read(SUBJECT, 1)
    assert (json.loads(latest.text), latest.version) == (json.loads(SECOND), 2)
    assert (json.loads(first.text), first.version) == (json.loads(FIRST), 1)


@pytest.mark.parametrize(
    ("subject", "version", "message"),
    [
        (
            "pedido-value",
            None,
            "no schema under subject 'pedido-value'; GET /subjects lists the registered subjects",
        ),
        (
            SUBJECT,
            7,
            (
                f"no schema under subject {SUBJECT!r} version 7; "
                "GET /subjects lists the registered subjects"
            ),
        ),
        (
            "json",
            None,
            "subject 'json' has a schema of type JSON; use a subject with an Avro schema",
        ),
    ],
)
async def test_missing_and_other_schemas_are_rejected(
    registry: FakeRegistry, subject: str, version: int | None, message: str
):
    """The error is one line with the registry, the subject and how to fix it."""
    registry.add(SUBJECT, FIRST)
    registry.add("json", '{"type": "object"}', "JSON")
    async with RegistryClient(registry.url) as client:
        with pytest.raises(SettingError) as raised:
            await client.read(subject, version)
    assert str(raised.value) == f"{registry.url}: {message}"


async def test_denied_access_and_an_unavailable_registry(registry: FakeRegistry):
    """Wrong credentials are a configuration error; an unavailable registry is retriable."""
    registry.user_info = "a:b"
    async with RegistryClient(registry.url, "a:c") as client:
        with pytest.raises(ConfigurationError, match="denied access to subject"):
            await client.read(SUBJECT)
    async with RegistryClient("http://127.0.0.1:1") as client:
        with pytest.raises(RegistryUnavailableError, match="is unavailable"):
            await client.read(SUBJECT)
