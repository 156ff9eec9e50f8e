"""The endpoints of /streams: status, live changes and their authorization."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gerador.api.app import create_app
from gerador.api.authorization import is_cross_site
from gerador.errors import ControlError, ScenarioError, SettingError
from gerador.scenario.external_sources import ExternalTypes
from gerador.scenario.load import parse_scenario
from gerador.service.status import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.fake_service import FakeService

TOKEN = "acucar-42"
URL = "http://gerador:8000"
OPERATIONS = [
    ("PATCH", "/streams/registros", {"json": {"rate": 500}}),
    ("POST", "/streams/registros/pause", {}),
    ("POST", "/streams/registros/resume", {}),
    ("POST", "/streams/registros/burst?rows=50000", {}),
]


@pytest.fixture
async def guarded(service: FakeService) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of an application that requires TOKEN."""
    transport = httpx.ASGITransport(create_app(service, TOKEN))
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client


def bearer(token: str) -> dict[str, bytes]:
    """Return the Authorization header with `token`."""
    return {"Authorization": f"Bearer {token}".encode()}


async def test_streams_have_the_status_of_get_status(client: httpx.AsyncClient):
    """GET /streams and GET /streams/{name} return the status of each stream as GET /status does."""
    statuses = (await client.get("/status")).json()["streams"]
    assert (await client.get("/streams")).json() == statuses
    one = (await client.get("/streams/registros")).json()
    assert one["status"] == statuses["registros"]
    assert one["avro_schema"]["name"] == "Registro"
    assert one["declaration"]["generators"] == {"nome": "faker"}
    assert one["command"] == "gerador run --seed 42"
    assert one["schedule"][0]["target_rate"] == "1000/s"


async def test_live_changes_return_their_first_row(client: httpx.AsyncClient, service: FakeService):
    """PATCH changes the rate, POST pauses and resumes; the result has the first row affected."""
    for rate, rows_per_s in ((500, 500), ("10k", 10_000), ("1.5M/s", 1_500_000), ("max", None)):
        answer = await client.patch("/streams/registros", json={"rate": rate})
        assert answer.status_code == 200
        assert answer.json()["target_rows_per_s"] == rows_per_s
    paused = (await client.post("/streams/registros/pause")).json()
    expected = {"stream": "registros", "status": "pausado", "row": 30, "target_rows_per_s": 0}
    assert paused == expected
    assert service.statuses["registros"].status is State.PAUSED
    assert (await client.post("/streams/registros/resume")).json()["status"] == "ativo"


async def test_a_burst_returns_its_first_row(client: httpx.AsyncClient, service: FakeService):
    """POST …/burst?rows= makes 1 to ten million rows due."""
    for rows in (1, 50_000, 10_000_000):
        answer = await client.post(f"/streams/registros/burst?rows={rows}")
        assert answer.status_code == 200
        assert answer.json()["row"] == 30
    assert service.bursts == [1, 50_000, 10_000_000]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "'rows' is missing; expected, for example, ?rows=50000"),
        ("?rows=", "rows='' is not a whole number from 1 to 10000000"),
        ("?rows=0", "rows='0' is not a whole number"),
        ("?rows=10000001", "from 1 to 10000000"),
        ("?rows=1.5", "rows='1.5'"),
        ("?rows=-1", "rows='-1'"),
        ("?rows=1&rows=2", "query parameter 'rows' is repeated"),
        ("?row=5", "unknown query parameter 'row'; did you mean 'rows'?"),
    ],
)
async def test_an_invalid_burst_is_rejected(
    client: httpx.AsyncClient, service: FakeService, query: str, detail: str
):
    """An invalid number of rows gets a 422 with the value."""
    answer = await client.post(f"/streams/registros/burst{query}")
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]
    assert not service.bursts


async def test_a_rate_change_can_be_a_ramp(client: httpx.AsyncClient):
    """PATCH accepts `over` as a duration with a unit, or as seconds."""
    for over in ("2m", "500ms", 30, 0.5, None):
        answer = await client.patch("/streams/registros", json={"rate": "10k", "over": over})
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            {"rate": "fast"},
            "rate 'fast' is not a number of rows per second; expected, for example, 500, 10k/s",
        ),
        ({"rate": 0}, "rate 0/s: no row would ever be due; the minimum is 1/h"),
        (
            {"rate": -1},
            "rate -1 is not a number of rows per second; expected, for example, 500, 10k/s",
        ),
        (
            {"rate": 1e300},
            "rate 1e+300 is not a number of rows per second; expected, for example, 500, 10k/s",
        ),
        (
            {"rate": 11_000_000},
            "rate 11000000 is outside [1/h, 10000000/s]; use max for",
        ),
        ({"rate": 1.2345}, "rate 1.2345 has too many decimals; use at most three"),
        (
            b'{"rate": 1e400}',
            "rate inf is not a number of rows per second; expected, for example, 500, 10k/s",
        ),
        (
            b'{"rate": Infinity}',
            "rate inf is not a number of rows per second; expected, for example, 500, 10k/s",
        ),
        (
            b'{"rate": -Infinity}',
            "rate -inf is not a number of rows per second; expected, for example, 500, 10k/s",
        ),
        (
            b'{"rate": NaN}',
            "rate nan is not a number of rows per second; expected, for example, 500, 10k/s",
        ),
        ({"rate": None}, "'rate' is missing; expected, for example"),
        (
            {"rate": True},
            "rate True is not a number of rows per second; expected, for example, 500, 10k/s",
        ),
        ({"rate": {"sine": {}}}, "rate must be a single value, for example 500/s or max"),
        ({"rate": "1" * 41}, f"rate '{'1' * 40}'… is longer than 40 characters; round it"),
        (b'{"rate": ' + b"1" * 5_000 + b"}", "the body is not valid JSON"),
        ({}, "'rate' is missing; expected, for example"),
        ({"rate": 5, "speed": 2}, "unknown key 'speed'; valid keys: rate, over"),
        ({"rate": 5, "ovr": 2}, "unknown key 'ovr'; did you mean 'over'? Valid keys: rate, over"),
        (b'{"rate": 5, "rate": 500}', "key 'rate' is repeated; remove one"),
        (b'{"rate": 5, "over": 2, "over": 2}', "key 'over' is repeated; remove one"),
        (b'{"rate": 5', "the body is not valid JSON; send one JSON object"),
        (b"\xff", "the body is not valid JSON; send one JSON object"),
        (b"[" * 100_000, "the body is not valid JSON; send one JSON object"),
        (b"", "the body is not valid JSON; send one JSON object"),
        (
            {"rate": 5, "over": "soon"},
            "over: 'soon' is not a duration; expected, for example, 30s, 5m",
        ),
        ({"rate": 5, "over": 0}, "over: 0s is outside [1ms, 7d]"),
        ({"rate": 5, "over": [2]}, "over must be a single value, for example 2m or 30"),
        (
            b'{"rate": 5, "over": NaN}',
            "over: nan is not a duration; expected, for example, 30s, 5m",
        ),
        ({"rate": 5, "over": "8d"}, "over: 8d is outside [1ms, 7d]"),
        ({"rate": 5, "over": True}, "over: True is not a duration"),
        ({"rate": "max", "over": "2m"}, "over requires a constant rate, not max"),
        ([], "'[]' is not an object; expected, for example,"),
        ("500", "is not an object; expected, for example,"),
    ],
)
async def test_an_invalid_rate_is_rejected(client: httpx.AsyncClient, body: Any, detail: str):
    """An invalid body gets a 422 with the value."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    answer = await client.patch("/streams/registros", content=text, headers=headers)
    assert answer.status_code == 422, answer.text
    assert detail in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize("rate", ["fast", 0, -1, 1.2345, "5/m", 11_000_000, "max/s", True])
async def test_errors_of_a_rate_are_those_of_scenario_files(client: httpx.AsyncClient, rate: Any):
    """The message is the one of `gerador check` for the same rate in a scenario."""
    file = json.dumps({"rate": rate, "streams": {"s": {"fields": {"id": "uuid"}}}})
    with pytest.raises(ScenarioError) as error:
        parse_scenario(file, "f.yaml", {}, ExternalTypes(Path()))
    answer = await client.patch("/streams/registros", json={"rate": rate})
    assert str(error.value).partition(": rate: ")[2] == answer.json()["detail"]


@pytest.mark.parametrize(("method", "path", "more"), OPERATIONS)
async def test_live_changes_require_the_token(
    guarded: httpx.AsyncClient, service: FakeService, method: str, path: str, more: dict[str, Any]
):
    """Without the token, or with another one, an operation is a 401 and changes nothing."""
    before = dict(service.statuses)
    wrong = (TOKEN[:-1], "", "açúcar-42")
    for headers in ({}, *map(bearer, wrong), {"Authorization": f"Basic {TOKEN}"}):
        answer = await guarded.request(method, path, headers=headers, **more)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert TOKEN not in answer.text
    assert service.statuses == before
    assert (await guarded.get("/streams")).status_code == 200


async def test_the_token_authorizes_live_changes(guarded: httpx.AsyncClient):
    """With the token operations are allowed, also from this API's page under any host name."""
    for origin in ({}, {"Origin": URL}):
        headers = {**bearer(TOKEN), **origin}
        answer = await guarded.post("/streams/registros/pause", headers=headers)
        assert answer.status_code == 200


@pytest.mark.parametrize(("method", "path", "more"), OPERATIONS)
async def test_cross_site_requests_are_rejected(
    client: httpx.AsyncClient, method: str, path: str, more: dict[str, Any]
):
    """A request from another site's page is a 403; one from this API's page is allowed."""
    ours = {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}
    theirs = {**ours, "Origin": "http://evil.test"}
    answer = await client.request(method, path, headers=theirs, **more)
    assert answer.status_code == 403
    assert "a proxy must forward the Host header" in answer.json()["detail"]
    assert (await client.request(method, path, headers=ours, **more)).status_code == 200


@pytest.mark.parametrize(("method", "path", "more"), OPERATIONS)
async def test_dns_rebinding_is_rejected(
    client: httpx.AsyncClient, method: str, path: str, more: dict[str, Any]
):
    """Without a token, a page with a host name is a 403 that names GERADOR_API_TOKEN."""
    rebound = {"Host": "evil.test:8000", "Origin": "http://evil.test:8000"}
    answer = await client.request(method, path, headers=rebound, **more)
    assert answer.status_code == 403
    assert "set GERADOR_API_TOKEN" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("origin", "host", "with_token", "without"),
    [
        (None, "evil.test", False, False),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", False, False),
        ("http://localhost:8000", "localhost:8000", False, False),
        ("https://[::1]:8000", "[::1]:8000", False, False),
        ("http://192.168.0.7", "192.168.0.7", False, False),
        ("https://gerador.example", "gerador.example", False, True),
        ("http://localhost.evil.test", "localhost.evil.test", False, True),
        ("http://127.0.0.1.evil.test", "127.0.0.1.evil.test", False, True),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", True, True),
        ("http://localhost:8000", "127.0.0.1:8000", True, True),
        ("http://127.0.0.1", None, True, True),
        ("null", "127.0.0.1", True, True),
        ("null", "", True, True),
        ("http://[", "[", True, True),
    ],
)
def test_cross_site_detection(
    origin: str | None, host: str | None, *, with_token: bool, without: bool
):
    """Origin must equal Host; without a token it must be an IP address or localhost, too."""
    assert is_cross_site(origin, host, token_set=True) is with_token
    assert is_cross_site(origin, host, token_set=False) is without


@pytest.mark.parametrize(("method", "path", "more"), OPERATIONS)
async def test_a_live_change_of_a_stopping_stream_is_a_conflict(
    client: httpx.AsyncClient, service: FakeService, method: str, path: str, more: dict[str, Any]
):
    """A live change of a stream that has not started, or is stopping, is a 409 with the reason."""
    service.error = ControlError("the stream is stopping; start a new run")
    answer = await client.request(method, path, **more)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "the stream is stopping; start a new run"


async def test_too_many_changes_are_rejected(client: httpx.AsyncClient, service: FakeService):
    """At the limit of changes every operation is a 422 with the limit."""
    service.error = SettingError("more than 65536 rate changes; start a new run")
    for method, path, more in OPERATIONS:
        answer = await client.request(method, path, **more)
        assert answer.status_code == 422
        assert "65536" in answer.json()["detail"]


async def test_an_unknown_stream_is_rejected(client: httpx.AsyncClient):
    """An unknown stream is a 404 that suggests the closest name."""
    for method, path, more in OPERATIONS:
        answer = await client.request(method, path.replace("registros", "registro"), **more)
        assert answer.status_code == 404
        assert "did you mean 'registros'" in answer.json()["detail"]


async def test_a_body_needs_the_json_content_type(client: httpx.AsyncClient):
    """Without the content type a body gets a 422 that names the header."""
    answer = await client.patch("/streams/registros", content=b'{"rate": 5}')
    assert answer.status_code == 422
    assert "Content-Type: application/json" in answer.json()["detail"]
