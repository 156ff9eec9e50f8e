from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gerador.service.status import State

if TYPE_CHECKING:
    import httpx

    from tests.api.fake_service import FakeService


async def test_the_status_says_what_the_service_says(
    client: httpx.AsyncClient, service: FakeService
):
    """GET /status shows the state word, the counters, and the same under the stream's name."""
    service.state, service.reason = State.DEGRADED, "no broker answers"
    answer = await client.get("/status")
    shown = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (shown["status"], shown["reason"]) == ("degradado", "no broker answers")
    assert shown["ultima_geracao"] == "2026-01-02T03:04:05.678000Z"
    assert shown["streams"]["registros"]["acked"] == shown["acked"] == 20


async def test_the_status_takes_no_query(client: httpx.AsyncClient):
    """A query parameter to GET /status is a mistake and is told."""
    answer = await client.get("/status?limite=1")
    assert answer.status_code == 422
    assert answer.json() == {"detail": "unknown query parameter 'limite'; none here"}


async def test_one_status_is_one_reading(client: httpx.AsyncClient, service: FakeService):
    """One request reads the service's status once, so its numbers belong together."""
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
async def test_metrics_come_as_the_scraper_reads_them(
    client: httpx.AsyncClient, accept: str, content_type: str
):
    """Prometheus text is the default; OpenMetrics comes when asked for, with its end."""
    answer = await client.get("/metrics", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(content_type)
    assert answer.text.endswith("# EOF\n") == ("openmetrics" in content_type)
    assert 'gerador_state{state="ativo"} 1.0' in answer.text


@pytest.mark.parametrize(("path", "unwell"), [("/livez", 500), ("/readyz", 503)])
async def test_probes_tell_why_not(
    client: httpx.AsyncClient, service: FakeService, path: str, unwell: int
):
    """A probe is 200 when well, else an error status with the reason."""
    assert (await client.get(path)).status_code == 200
    service.live = service.ready = False
    service.reason = "no broker answers"
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (unwell, {"detail": "no broker answers"})


async def test_a_probe_without_a_reason_names_the_state(
    client: httpx.AsyncClient, service: FakeService
):
    """A run that is only starting is not ready, and the state word says so."""
    service.ready, service.state = False, State.STARTING
    assert (await client.get("/readyz")).json() == {"detail": "not ready: iniciando"}


async def test_the_index_lists_addresses_that_answer(client: httpx.AsyncClient):
    """Every address that GET / lists is there."""
    for path in (await client.get("/")).json():
        assert (await client.get(path)).status_code == 200, path


async def test_the_index_leaves_out_what_is_elsewhere(
    client: httpx.AsyncClient, service: FakeService
):
    """Without schemas to serve, the index does not lead to them."""
    assert "/subjects" in (await client.get("/")).json()
    service.registry = None
    assert "/subjects" not in (await client.get("/")).json()
