"""The names of the wire contract, spelled out again: a renamed field must fail here."""

from __future__ import annotations

import re

import httpx
import pytest

from gerador.api.app import create_app
from gerador.service.status import State
from tests.api.fake_service import FakeService, people

RECORD_KEYS = ["nome", "idade", "salario", "cidade", "cargo", "timestamp", "geracao_id"]
STATUS_KEYS = {
    "status",
    "ultima_geracao",
    "total_geracoes",
    "registros_atuais",
    "due",
    "made",
    "acked",
    "failed",
    "unknown",
    "in_flight",
    "behind",
    "behind_s",
    "rate_asked",
    "rate_delivered",
    "elapsed_s",
    "seed",
    "start",
    "topic",
    "partitions",
    "reason",
    "errors",
    "last_error",
    "failed_by_reason",
    "bytes_acked",
    "schema_id",
    "framing",
    "rows_asked",
    "notices",
    "changes",
}
ISO_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture
def service() -> FakeService:
    """Give a run with three rows."""
    return FakeService(people(3))


async def got(service: FakeService, path: str) -> httpx.Response:
    """GET `path` of the application."""
    transport = httpx.ASGITransport(create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://gerador") as client:
        return await client.get(path)


async def test_a_record_has_exactly_the_seven_keys(service: FakeService):
    """Each record has the fields of registro.avsc in order, the timestamp in ISO 8601."""
    rows = (await got(service, "/dados")).json()
    assert [list(row) for row in rows] == [RECORD_KEYS] * 3
    assert all(re.fullmatch(r"2026-01-02T03:04:05\.678Z", row["timestamp"]) for row in rows)
    assert isinstance(rows[0]["idade"], int)
    assert isinstance(rows[0]["salario"], float)


async def test_the_status_has_exactly_its_keys(service: FakeService):
    """The status of the run has the keys of a stream, and version and streams."""
    shown = (await got(service, "/status")).json()
    assert set(shown) == STATUS_KEYS | {"version", "streams"}
    assert set(shown["streams"]["registros"]) == STATUS_KEYS
    assert ISO_UTC.fullmatch(shown["ultima_geracao"])
    assert ISO_UTC.fullmatch(shown["start"])


async def test_the_counters_are_in_balance(service: FakeService):
    """Due rows are acked, failed, unknown, in flight or behind."""
    shown = (await got(service, "/status")).json()
    parts = ("acked", "failed", "unknown", "in_flight", "behind")
    assert shown["due"] == sum(shown[part] for part in parts)


async def test_unknown_values_are_null(service: FakeService):
    """Before the start the times are null, and so are the rows of an unbounded run."""
    state = service.statuses["registros"].__class__(status=State.STARTING, seed=1)
    service.statuses = {"registros": state}
    shown = (await got(service, "/status")).json()
    for key in ("ultima_geracao", "start", "reason", "last_error", "rate_asked", "rows_asked"):
        assert shown[key] is None, key


def test_the_states_are_the_contracts():
    """The six states of a run, in Portuguese, and one for a stream that ended before others."""
    words = {"iniciando", "ativo", "pausado", "degradado", "erro", "encerrando"}
    assert {s.value for s in State} - {State.FINISHED} == words
