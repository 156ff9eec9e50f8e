"""A run with an outside schema registry: its id in every record, and nothing sent before it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import gerador
from gerador.errors import ConfigurationError, IncompatibleSchemaError, SettingError
from gerador.scenario.stream_spec import spec_for
from tests.delivery.kafka_harness import consumed
from tests.e2e.service import TIMEOUT_S, Served, served

if TYPE_CHECKING:
    from tests.kafka_fixture import Broker
    from tests.registry_fixture import AbsentRegistry, FakeRegistry

pytest_plugins = ["tests.registry_fixture"]

PARTITIONS = 4
ROWS = 200
RECIPE = {"seed": "3", "start": "2026-01-01T00:00:00Z", "rate": "max", "rows": str(ROWS)}
SCHEMA = spec_for().schema.json


def other_schema() -> str:
    """Return a schema that the default stream's is no successor of."""
    schema = json.loads(SCHEMA)
    schema["fields"][1]["type"] = "string"
    assert schema["fields"][1]["name"] == "idade"
    return json.dumps(schema)


async def records(kafka: Broker, topic: str) -> list[bytes]:
    """Return the values of the topic, in the order of the rows."""
    held = await consumed(kafka.bootstrap, topic, PARTITIONS)
    return [
        held[n % PARTITIONS][n // PARTITIONS] for n in range(sum(len(v) for v in held.values()))
    ]


async def until_degraded(s: Served) -> dict[str, Any]:
    """Wait until the state in /status is `degradado`; return the status."""
    async with httpx.AsyncClient(base_url=s.url) as http, asyncio.timeout(TIMEOUT_S):
        while (status := (await http.get("/status")).json())["status"] != "degradado":
            await asyncio.sleep(0.02)
        assert (await http.get("/livez")).status_code == 200
        assert (await http.get("/readyz")).status_code == 503
        return status


def datums() -> list[bytes]:
    """Make the rows again, as datums."""
    recipe = {"seed": 3, "start": RECIPE["start"], "rate": "max"}
    return [bytes(datum) for datum in gerador.stream("registros", **recipe).encode(0, ROWS)]


async def test_the_registered_id_stands_in_every_record(
    kafka: Broker, registry: FakeRegistry
) -> None:
    """The schema is registered under {topic}-value; each record begins with its id."""
    for n in range(300):  # so that the id needs more than one byte
        registry.add(f"other-{n}", json.dumps({"type": "record", "name": f"R{n}", "fields": []}))
    topic = "reg-new"
    async with served(
        kafka.bootstrap, topic=topic, schema_registry_url=registry.url, **RECIPE
    ) as s:
        await s.finished()
        assert s.run.status().schema_id == 301
        async with httpx.AsyncClient(base_url=s.url) as http:
            assert (await http.get("/subjects")).status_code == 404
    assert registry.subjects[f"{topic}-value"] == [301]
    assert json.loads(registry.schemas[300]) == json.loads(SCHEMA)
    prefix = b"\0" + (301).to_bytes(4, "big")
    assert await records(kafka, topic) == [prefix + datum for datum in datums()]


async def test_a_known_schema_is_found_and_not_registered_again(
    kafka: Broker, registry: FakeRegistry
) -> None:
    """A second run of the same schema only looks it up."""
    topic = "reg-known"
    registry.add("taken", json.dumps({"type": "record", "name": "R", "fields": []}))
    rewritten = json.dumps(json.loads(SCHEMA), indent=2, sort_keys=True)
    number = registry.add(f"{topic}-value", rewritten)
    async with served(
        kafka.bootstrap, topic=topic, schema_registry_url=registry.url, **RECIPE
    ) as s:
        await s.finished()
        assert s.run.status().schema_id == number == 2
    assert registry.requests == [f"/subjects/{topic}-value"]
    assert registry.subjects[f"{topic}-value"] == [number]
    assert all(value[1:5] == b"\0\0\0\2" for value in await records(kafka, topic))


async def test_an_incompatible_schema_ends_the_run_before_the_first_record(
    kafka: Broker, registry: FakeRegistry
) -> None:
    """The refusal names subject and field, and the topic stays empty."""
    topic = "reg-incompatible"
    registry.add(f"{topic}-value", other_schema())
    message = rf"incompatible with subject '{topic}-value': .*\(field 'idade'\)"
    with pytest.raises(IncompatibleSchemaError, match=message):
        async with served(
            kafka.bootstrap, topic=topic, schema_registry_url=registry.url, **RECIPE
        ) as s:
            await s.finished()
    assert await records(kafka, topic) == []


async def test_an_ill_registry_is_waited_out_and_no_record_goes_before_it(
    kafka: Broker, registry: FakeRegistry
) -> None:
    """While the registry answers 503 the service is degraded and sends nothing; then it sends."""
    topic = "reg-ill"
    registry.answer_all_with(503)
    async with served(
        kafka.bootstrap, topic=topic, schema_registry_url=registry.url, **RECIPE
    ) as s:
        status = await until_degraded(s)
        assert status["reason"].startswith(f"{registry.url}: HTTP 503")
        assert (status["due"], status["made"], status["schema_id"]) == (0, 0, None)
        assert await records(kafka, topic) == []
        registry.fixed_response = None
        await s.finished()
    assert len(await records(kafka, topic)) == ROWS


async def test_a_registry_that_is_away_is_waited_for(
    kafka: Broker, absent_registry: AbsentRegistry
) -> None:
    """Nothing listens: degraded with the registry's address; it comes, and rows flow."""
    topic, held = "reg-away", absent_registry.held
    async with served(kafka.bootstrap, topic=topic, schema_registry_url=held.url, **RECIPE) as s:
        status = await until_degraded(s)
        assert status["reason"].startswith(f"{held.url}: the schema registry is unavailable: ")
        async with absent_registry.come():
            await s.finished()
        assert s.run.status().reason is None
    assert list(held.subjects) == [f"{topic}-value"]
    assert len(await records(kafka, topic)) == ROWS


async def test_credentials_are_shown_to_the_registry(kafka: Broker, registry: FakeRegistry) -> None:
    """The user info of the settings authenticates to a registry that requires it."""
    registry.user_info = "ana:s3:cret"
    async with served(
        kafka.bootstrap,
        topic="reg-auth",
        schema_registry_url=registry.url,
        schema_registry_user_info="ana:s3:cret",
        **RECIPE,
    ) as s:
        await s.finished()
    assert list(registry.subjects) == ["reg-auth-value"]


async def test_wrong_credentials_end_the_run(kafka: Broker, registry: FakeRegistry) -> None:
    """A rejection by the registry is not retried, and the message does not contain the password."""
    registry.user_info = "ana:s3cret"
    with pytest.raises(ConfigurationError) as refused:
        async with served(
            kafka.bootstrap,
            topic="reg-refused",
            schema_registry_url=registry.url,
            schema_registry_user_info="ana:wr0ng",
            **RECIPE,
        ) as s:
            await s.finished()
    assert "HTTP 401" in str(refused.value)
    assert "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO" in str(refused.value)
    assert "wr0ng" not in str(refused.value)
    assert await records(kafka, "reg-refused") == []


async def test_credentials_that_make_no_sense_end_the_start_without_any_server() -> None:
    """What needs no answer is refused before one is waited for."""
    with pytest.raises(SettingError, match="USER_INFO is not in the form user:password"):
        async with served(
            "127.0.0.1:1", schema_registry_url="http://127.0.0.1:1", schema_registry_user_info="ana"
        ):
            pass


async def test_raw_framing_sends_bare_datums_of_a_registered_schema(
    kafka: Broker, registry: FakeRegistry
) -> None:
    """Bare datums carry no id, consumers find the schema under the subject."""
    async with served(
        kafka.bootstrap,
        topic="reg-raw",
        framing="raw",
        schema_registry_url=registry.url,
        **RECIPE,
    ) as s:
        await s.finished()
        assert s.run.status().schema_id == 1
    assert list(registry.subjects) == ["reg-raw-value"]
    assert await records(kafka, "reg-raw") == datums()
