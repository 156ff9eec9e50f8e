"""Schemas of a scenario from a registry: `schema: registry:SUBJECT[:VERSION]`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gerador.cli.registry_reader import registry_schema_reader
from gerador.errors import ScenarioError
from gerador.scenario.dump import write_scenario
from gerador.scenario.load import load_plan
from gerador.settings.load import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from gerador.scenario.plan import ScenarioPlan
    from tests.registry_fixture import FakeRegistry

pytest_plugins = ["tests.registry_fixture"]

FIRST = '{"type":"record","name":"Pedido","fields":[{"name":"id","type":"long"}]}'
SECOND = '{"type":"record","name":"Pedido","fields":[{"name":"nome","type":"string"}]}'


def plan(file: Path, url: str, source: str) -> ScenarioPlan:
    """Load a scenario whose stream has a schema from the registry."""
    file.write_text(f"streams: {{s: {{schema: '{source}'}}}}")
    return load_plan(
        str(file), {}, registry_schema_reader(load_settings({"SCHEMA_REGISTRY_URL": url}))
    )


async def test_the_schema_of_a_subject_is_used(registry: FakeRegistry, tmp_path: Path):
    """The latest version or the given one is read, also inside an event loop."""
    registry.add("pedidos-value", FIRST)
    registry.add("pedidos-value", SECOND)
    for source, field in [
        ("registry:pedidos-value", "nome"),
        ("registry:pedidos-value:1", "id"),
        ("registry:pedidos-value:2", "nome"),
    ]:
        found = await asyncio.to_thread(plan, tmp_path / "s.yaml", registry.url, source)
        assert [f.name for f in found.streams[0].spec.schema.root.fields] == [field]


async def test_the_recipe_names_the_version_that_was_read(registry: FakeRegistry, tmp_path: Path):
    """A recipe contains the version, so that later versions do not change it."""
    registry.add("pedidos-value", FIRST)
    file = tmp_path / "s.yaml"
    taken = await asyncio.to_thread(plan, file, registry.url, "registry:pedidos-value")
    assert taken.scenario is not None
    recipe = write_scenario(taken.scenario)
    assert "schema: registry:pedidos-value:1\n" in recipe
    registry.add("pedidos-value", SECOND)
    source = "registry:pedidos-value:1"
    again = await asyncio.to_thread(plan, file, registry.url, source)
    assert again.streams[0].spec.schema == taken.streams[0].spec.schema
    assert again.scenario is not None
    assert write_scenario(again.scenario) == recipe


async def test_all_streams_use_one_version(registry: FakeRegistry, tmp_path: Path):
    """Streams with the same subject cause one request."""
    registry.add("pedidos-value", FIRST)
    file = tmp_path / "s.yaml"
    stream = "{schema: 'registry:pedidos-value'}"
    file.write_text(f"streams: {{a: {stream}, b: {stream}}}")
    reader = registry_schema_reader(load_settings({"SCHEMA_REGISTRY_URL": registry.url}))
    await asyncio.to_thread(load_plan, str(file), {}, reader)
    assert len(registry.requests) == 1


async def test_a_missing_subject_is_an_error_with_its_location(
    registry: FakeRegistry, tmp_path: Path
):
    """The error of the registry is reported with file, line and path."""
    file = tmp_path / "s.yaml"
    with pytest.raises(ScenarioError) as caught:
        await asyncio.to_thread(plan, file, registry.url, "registry:nada")
    message = f"{registry.url}: no schema under subject 'nada'"
    advice = "GET /subjects lists the registered subjects"
    assert str(caught.value) == f"{file}:1: streams.s.schema: {message}; {advice}"


@pytest.mark.parametrize("source", ["registry:x:latest", "registry:x:-1"])
def test_a_version_is_a_number(tmp_path: Path, source: str):
    """Other forms are rejected without a request."""
    with pytest.raises(ScenarioError, match="is not a number; omit it for the latest"):
        plan(tmp_path / "s.yaml", "http://127.0.0.1:1", source)


def test_without_a_registry_there_is_no_reader():
    """The reader is then None."""
    assert registry_schema_reader(load_settings({})) is None
