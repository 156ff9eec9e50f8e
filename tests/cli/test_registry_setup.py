"""A scenario takes a schema that is registered already: `schema: registry:SUBJECT[:VERSION]`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gerador.cli.registry_setup import registry_schema_reader
from gerador.errors import ScenarioError
from gerador.scenario.dump import write_scenario
from gerador.scenario.external import load_plan
from gerador.settings.load import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from gerador.scenario.plan import ScenarioPlan
    from tests.registry_fixture import FakeRegistry

pytest_plugins = ["tests.registry_fixture"]

FIRST = '{"type":"record","name":"Pedido","fields":[{"name":"id","type":"long"}]}'
SECOND = '{"type":"record","name":"Pedido","fields":[{"name":"nome","type":"string"}]}'


def plan(file: Path, url: str, source: str) -> ScenarioPlan:
    """Load a scenario whose one stream has a schema of the registry."""
    file.write_text(f"streams: {{s: {{schema: '{source}'}}}}")
    return load_plan(
        str(file), {}, registry_schema_reader(load_settings({"SCHEMA_REGISTRY_URL": url}))
    )


async def test_the_schema_of_a_subject_is_taken(registry: FakeRegistry, tmp_path: Path):
    """The latest version, or the one that is named; also where an event loop runs."""
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
    """What is registered later changes nothing about a run that is repeated."""
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


async def test_all_of_a_file_sees_one_version(registry: FakeRegistry, tmp_path: Path):
    """Streams of the same subject ask the registry once."""
    registry.add("pedidos-value", FIRST)
    file = tmp_path / "s.yaml"
    stream = "{schema: 'registry:pedidos-value'}"
    file.write_text(f"streams: {{a: {stream}, b: {stream}}}")
    reader = registry_schema_reader(load_settings({"SCHEMA_REGISTRY_URL": registry.url}))
    await asyncio.to_thread(load_plan, str(file), {}, reader)
    assert len(registry.requests) == 1


async def test_a_subject_that_is_not_there_is_told_with_its_place(
    registry: FakeRegistry, tmp_path: Path
):
    """File, line and path stand before what the registry says."""
    file = tmp_path / "s.yaml"
    with pytest.raises(ScenarioError) as refused:
        await asyncio.to_thread(plan, file, registry.url, "registry:nada")
    told = f"{registry.url}: no schema under subject 'nada'; look at /subjects there"
    assert str(refused.value) == f"{file}:1: streams.s.schema: {told}"


@pytest.mark.parametrize("source", ["registry:x:latest", "registry:x:-1"])
def test_a_version_is_a_number(tmp_path: Path, source: str):
    """Anything else is told, before anybody is asked."""
    with pytest.raises(ScenarioError, match="the version is a number, or left out"):
        plan(tmp_path / "s.yaml", "http://127.0.0.1:1", source)


def test_without_a_registry_nobody_reads():
    """The loader then says what to set."""
    assert registry_schema_reader(load_settings({})) is None
