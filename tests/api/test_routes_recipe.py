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
    """GET /recipe is the service's own text, byte by byte."""
    service.recipe = TEXT
    answer = await client.get("/recipe", headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == "application/yaml"
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content == TEXT.encode()


async def test_the_recipe_is_json_for_who_asks(client: httpx.AsyncClient, service: FakeService):
    """With Accept: application/json it is the same, read as a scenario file is read."""
    service.recipe = TEXT
    answer = await client.get("/recipe", headers={"Accept": "application/json"})
    assert answer.json() == {
        "seed": 42,
        "start": "2026-01-02T03:04:05.678Z",
        "streams": {"a": {"rate": "max", "on": "no", "of": [1, "Infinity"]}},
    }


async def test_before_the_start_there_is_no_recipe(client: httpx.AsyncClient, service: FakeService):
    """Without a recipe the answer is 503, the reason, and when to come back."""
    service.recipe, service.reason = None, "no broker answers"
    answer = await client.get("/recipe")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    detail = "the recipe is known once the streams have begun: no broker answers"
    assert answer.json() == {"detail": detail}


@pytest.mark.parametrize(
    ("query", "accept", "status", "detail"),
    [
        ("", "text/csv", 406, "nothing that Accept names; there is application/yaml, "),
        ("?format=json", "*/*", 422, "unknown query parameter 'format'; none here"),
    ],
)
async def test_what_the_recipe_is_not(
    client: httpx.AsyncClient, query: str, accept: str, status: int, detail: str
):
    """A format or a parameter that there is not gets one line."""
    answer = await client.get(f"/recipe{query}", headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(detail)
