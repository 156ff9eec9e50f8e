"""Schemas that are registered already are read by subject and version."""

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


async def test_the_latest_version_is_read_or_one_by_number(registry: FakeRegistry):
    """The text as it was registered, and which version it is."""
    registry.add(SUBJECT, FIRST)
    registry.add(SUBJECT, SECOND)
    async with RegistryClient(registry.url) as client:
        latest, first = await client.read(SUBJECT), await client.read(SUBJECT, 1)
    assert (json.loads(latest.text), latest.version) == (json.loads(SECOND), 2)
    assert (json.loads(first.text), first.version) == (json.loads(FIRST), 1)


@pytest.mark.parametrize(
    ("subject", "version", "told"),
    [
        ("pedido-value", None, "no schema under subject 'pedido-value'; look at /subjects there"),
        (SUBJECT, 7, f"no schema under subject {SUBJECT!r} version 7; look at /subjects there"),
        ("json", None, "subject 'json' has a schema of type JSON; name one that is Avro"),
    ],
)
async def test_what_is_not_there_or_no_avro_is_told(
    registry: FakeRegistry, subject: str, version: int | None, told: str
):
    """In one line that names the registry, the subject and the way out."""
    registry.add(SUBJECT, FIRST)
    registry.add("json", '{"type": "object"}', "JSON")
    async with RegistryClient(registry.url) as client:
        with pytest.raises(SettingError) as refused:
            await client.read(subject, version)
    assert str(refused.value) == f"{registry.url}: {told}"


async def test_a_registry_that_is_away_or_closed_is_told(registry: FakeRegistry):
    """Credentials that are wrong end the start; a registry that is ill may come back."""
    registry.user_info = "a:b"
    async with RegistryClient(registry.url, "a:c") as client:
        with pytest.raises(ConfigurationError, match="refuses access to subject"):
            await client.read(SUBJECT)
    async with RegistryClient("http://127.0.0.1:1") as client:
        with pytest.raises(RegistryUnavailableError, match="is away"):
            await client.read(SUBJECT)
