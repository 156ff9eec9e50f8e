from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.api.fake_service import FakeService

TEXT = """\
seed: 42
start: 2026-01-02T03:04:05.678Z
streams:
  a: {rate: max, on: no, of: [1, .inf]}
"""


@pytest.mark.parametrize("accept", ["", "*/*", "application/yaml", "text/html,*/*;q=0.8"])
async def test_the_recipe_is_yaml(client: httpx.AsyncClient, service: FakeService, accept: str):
    """GET /recipe returns the text of the service unchanged."""
    service.recipe = TEXT
    answer = await client.get("/recipe", headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == "application/yaml"
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content == TEXT.encode()


async def test_the_recipe_is_available_as_json(client: httpx.AsyncClient, service: FakeService):
    """With Accept: application/json the file is parsed as a scenario file."""
    service.recipe = TEXT
    answer = await client.get("/recipe", headers={"Accept": "application/json"})
    assert answer.json() == {
        "seed": 42,
        "start": "2026-01-02T03:04:05.678Z",
        "streams": {"a": {"rate": "max", "on": "no", "of": [1, "Infinity"]}},
    }


async def test_the_recipe_needs_started_streams(client: httpx.AsyncClient, service: FakeService):
    """Without a recipe the response is a 503 with the reason and Retry-After."""
    service.recipe, service.reason = None, "no broker answers"
    answer = await client.get("/recipe")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    detail = "the recipe is available once the streams have started: no broker answers"
    assert answer.json() == {"detail": detail}


@pytest.mark.parametrize(
    ("query", "accept", "status", "detail"),
    [
        ("", "text/csv", 406, "no media type of the Accept header is available; valid: applica"),
        ("?format=json", "*/*", 422, "unknown query parameter 'format'; this endpoint has none"),
    ],
)
async def test_unknown_formats_and_parameters_are_rejected(
    client: httpx.AsyncClient, query: str, accept: str, status: int, detail: str
):
    """An unknown format or query parameter gets a detail of one line."""
    answer = await client.get(f"/recipe{query}", headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(detail)
