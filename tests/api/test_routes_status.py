from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gerador.service.status import State

if TYPE_CHECKING:
    import httpx

    from tests.api.fake_service import FakeService


async def test_the_status_is_that_of_the_service(client: httpx.AsyncClient, service: FakeService):
    """GET /status has the state word and counters of the run and of each stream."""
    service.state, service.reason = State.DEGRADED, "no broker answers"
    answer = await client.get("/status")
    shown = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (shown["status"], shown["reason"]) == ("degradado", "no broker answers")
    assert shown["ultima_geracao"] == "2026-01-02T03:04:05.678000Z"
    assert shown["streams"]["registros"]["acked"] == shown["acked"] == 20


async def test_the_status_has_no_query_parameters(client: httpx.AsyncClient):
    """A query parameter of GET /status is rejected."""
    answer = await client.get("/status?limite=1")
    assert answer.status_code == 422
    assert answer.json() == {"detail": "unknown query parameter 'limite'; this endpoint has none"}


async def test_a_request_reads_the_status_once(client: httpx.AsyncClient, service: FakeService):
    """One request reads the status of the service once, so that its counts are consistent."""
    before = service.status_calls
    await client.get("/status")
    await client.get("/metrics")
    assert service.status_calls == before + 2


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "text/plain; version=0.0.4"),
        ("*/*", "text/plain; version=0.0.4"),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text"),
    ],
)
async def test_the_format_of_metrics_is_negotiated(
    client: httpx.AsyncClient, accept: str, content_type: str
):
    """Prometheus text is the default; OpenMetrics is returned if Accept prefers it."""
    answer = await client.get("/metrics", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(content_type)
    assert answer.text.endswith("# EOF\n") == ("openmetrics" in content_type)
    assert 'gerador_state{state="ativo"} 1.0' in answer.text


@pytest.mark.parametrize(("path", "failed"), [("/livez", 500), ("/readyz", 503)])
async def test_a_failed_probe_has_a_reason(
    client: httpx.AsyncClient, service: FakeService, path: str, failed: int
):
    """A probe is a 200, or an error status with the reason."""
    assert (await client.get(path)).status_code == 200
    service.live = service.ready = False
    service.reason = "no broker answers"
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (failed, {"detail": "no broker answers"})


async def test_a_probe_without_a_reason_names_the_state(
    client: httpx.AsyncClient, service: FakeService
):
    """The detail of a service that is starting is its state word."""
    service.ready, service.state = False, State.STARTING
    assert (await client.get("/readyz")).json() == {"detail": "not ready: iniciando"}


async def test_the_index_lists_existing_endpoints(client: httpx.AsyncClient):
    """Every endpoint in GET / exists."""
    for path in (await client.get("/")).json():
        assert (await client.get(path)).status_code == 200, path


async def test_the_index_omits_the_registry_without_one(
    client: httpx.AsyncClient, service: FakeService
):
    """Without a local registry its endpoint is not listed."""
    assert "/subjects" in (await client.get("/")).json()
    service.registry = None
    assert "/subjects" not in (await client.get("/")).json()
