"""/streams: what they say, what steers them, and who may."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gerador.api.app import create_app
from gerador.api.authorization import is_cross_site
from gerador.errors import ControlError, ScenarioError, SettingError
from gerador.scenario.external import ExternalTypes
from gerador.scenario.load import parse_scenario
from gerador.service.status import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.fake_service import FakeService

TOKEN = "acucar-42"
URL = "http://gerador:8000"
VERBS = [
    ("PATCH", "/streams/registros", {"json": {"rate": 500}}),
    ("POST", "/streams/registros/pause", {}),
    ("POST", "/streams/registros/resume", {}),
    ("POST", "/streams/registros/burst?rows=50000", {}),
]


@pytest.fixture
async def guarded(service: FakeService) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of an application whose verbs ask for TOKEN."""
    transport = httpx.ASGITransport(create_app(service, TOKEN))
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client


def bearer(token: str) -> dict[str, bytes]:
    """Return the header that carries `token`."""
    return {"Authorization": f"Bearer {token}".encode()}


async def test_streams_say_the_same_as_status(client: httpx.AsyncClient):
    """GET /streams and GET /streams/{name} tell what GET /status tells of each stream."""
    said = (await client.get("/status")).json()["streams"]
    assert (await client.get("/streams")).json() == said
    one = (await client.get("/streams/registros")).json()
    assert one["status"] == said["registros"]
    assert one["avro_schema"]["name"] == "Registro"
    assert one["plan"]["kinds"] == {"nome": "faker"}
    assert one["command"] == "gerador run --seed 42"
    assert one["schedule"][0]["target_rate"] == "1000/s"


async def test_verbs_steer_and_tell_the_row(client: httpx.AsyncClient, service: FakeService):
    """PATCH changes the rate, POST pauses and resumes; each names the row it holds from."""
    for rate, asked in ((500, 500), ("10k", 10_000), ("1.5M/s", 1_500_000), ("max", None)):
        answer = await client.patch("/streams/registros", json={"rate": rate})
        assert answer.status_code == 200
        assert answer.json()["rate_asked"] == asked
    paused = (await client.post("/streams/registros/pause")).json()
    assert paused == {"stream": "registros", "status": "pausado", "row": 30, "rate_asked": 0}
    assert service.statuses["registros"].status is State.PAUSED
    assert (await client.post("/streams/registros/resume")).json()["status"] == "ativo"


async def test_a_burst_names_its_first_row(client: httpx.AsyncClient, service: FakeService):
    """POST …/burst?rows= makes so many rows due, 1 to ten million."""
    for rows in (1, 50_000, 10_000_000):
        answer = await client.post(f"/streams/registros/burst?rows={rows}")
        assert answer.status_code == 200
        assert answer.json()["row"] == 30
    assert service.bursts == [1, 50_000, 10_000_000]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "'rows' is missing; give it behind the address, like ?rows=50000"),
        ("?rows=", "rows='' is not a whole number from 1 to 10000000"),
        ("?rows=0", "rows='0' is not a whole number"),
        ("?rows=10000001", "from 1 to 10000000"),
        ("?rows=1.5", "rows='1.5'"),
        ("?rows=-1", "rows='-1'"),
        ("?rows=1&rows=2", "is given 2 times"),
        ("?row=5", "unknown query parameter 'row'; did you mean 'rows'?"),
    ],
)
async def test_a_burst_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, service: FakeService, query: str, says: str
):
    """What is no count of rows gets a 422 that names it."""
    answer = await client.post(f"/streams/registros/burst{query}")
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    assert not service.bursts


async def test_a_rate_may_be_ramped_to(client: httpx.AsyncClient):
    """PATCH with `over` takes times as people write them, or seconds."""
    for over in ("2m", "500ms", 30, 0.5, None):
        answer = await client.patch("/streams/registros", json={"rate": "10k", "over": over})
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            {"rate": "fast"},
            "rate 'fast' is not a number of rows per second; expected for example 500, 10k/s",
        ),
        ({"rate": 0}, "rate 0/s: no row would ever be due; the minimum is 0.001/s"),
        (
            {"rate": -1},
            "rate -1 is not a number of rows per second; expected for example 500, 10k/s",
        ),
        (
            {"rate": 1e300},
            "rate 1e+300 is not a number of rows per second; expected for example 500, 10k/s",
        ),
        (
            {"rate": 11_000_000},
            "rate 11000000 is outside [0.001, 10000000] rows per second; use max for",
        ),
        ({"rate": 1.2345}, "rate 1.2345 has too many decimals; use at most three below"),
        (
            b'{"rate": 1e400}',
            "rate inf is not a number of rows per second; expected for example 500, 10k/s",
        ),
        (
            b'{"rate": Infinity}',
            "rate inf is not a number of rows per second; expected for example 500, 10k/s",
        ),
        (
            b'{"rate": -Infinity}',
            "rate -inf is not a number of rows per second; expected for example 500, 10k/s",
        ),
        (
            b'{"rate": NaN}',
            "rate nan is not a number of rows per second; expected for example 500, 10k/s",
        ),
        ({"rate": None}, "'rate' is missing; give it"),
        (
            {"rate": True},
            "rate True is not a number of rows per second; expected for example 500, 10k/s",
        ),
        ({"rate": {"sine": {}}}, "rate is one value here, like 500/s or max; shapes are for"),
        ({"rate": "1" * 41}, f"rate '{'1' * 40}'…: over 40 characters; round it"),
        (b'{"rate": ' + b"1" * 5_000 + b"}", "the body is no JSON that can be read"),
        ({}, "'rate' is missing; give it"),
        ({"rate": 5, "speed": 2}, "unknown word 'speed'; there is rate, over"),
        ({"rate": 5, "ovr": 2}, "unknown key 'ovr'; did you mean 'over'? Valid keys: rate, over"),
        (b'{"rate": 5, "rate": 500}', "'rate' stands twice; keep one"),
        (b'{"rate": 5, "over": 2, "over": 2}', "'over' stands twice; keep one"),
        (b'{"rate": 5', "the body is no JSON that can be read; send one whole object"),
        (b"\xff", "the body is no JSON that can be read; send one whole object"),
        (b"[" * 100_000, "the body is no JSON that can be read; send one whole object"),
        (b"", "the body is no JSON that can be read; send one whole object"),
        (
            {"rate": 5, "over": "soon"},
            "over: 'soon' is not a duration; expected for example 30s, 5m",
        ),
        ({"rate": 5, "over": 0}, "over: 0s is outside [1ms, 7d]"),
        ({"rate": 5, "over": [2]}, "over is one value here, like 2m or 30"),
        (b'{"rate": 5, "over": NaN}', "over: nan is not a duration; expected for example 30s, 5m"),
        ({"rate": 5, "over": "8d"}, "over: 8d is outside [1ms, 7d]"),
        ({"rate": 5, "over": True}, "over: True is not a duration"),
        ({"rate": "max", "over": "2m"}, "over requires a constant rate, not max"),
        ([], "'[]' is no object; send one, like"),
        ("500", "is no object; send one, like"),
    ],
)
async def test_a_rate_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, body: Any, says: str
):
    """A body that is no rate gets a 422 that names it."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    answer = await client.patch("/streams/registros", content=text, headers=headers)
    assert answer.status_code == 422, answer.text
    assert says in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize("rate", ["fast", 0, -1, 1.2345, "5/m", 11_000_000, "max/s", True])
async def test_a_rate_is_refused_in_the_words_of_the_file(client: httpx.AsyncClient, rate: Any):
    """The sentence is the one that `gerador check` has for that rate in a scenario."""
    file = json.dumps({"rate": rate, "streams": {"s": {"fields": {"id": "uuid"}}}})
    with pytest.raises(ScenarioError) as refusal:
        parse_scenario(file, "f.yaml", {}, ExternalTypes(Path()))
    answer = await client.patch("/streams/registros", json={"rate": rate})
    assert str(refusal.value).partition(": rate: ")[2] == answer.json()["detail"]


@pytest.mark.parametrize(("method", "path", "more"), VERBS)
async def test_who_lacks_the_token_steers_nothing(
    guarded: httpx.AsyncClient, service: FakeService, method: str, path: str, more: dict[str, Any]
):
    """With a token set, a verb without it or with another is a 401, and nothing happens."""
    before = dict(service.statuses)
    wrong = (TOKEN[:-1], "", "açúcar-42")
    for headers in ({}, *map(bearer, wrong), {"Authorization": f"Basic {TOKEN}"}):
        answer = await guarded.request(method, path, headers=headers, **more)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert TOKEN not in answer.text
    assert service.statuses == before
    assert (await guarded.get("/streams")).status_code == 200


async def test_who_knows_the_token_steers(guarded: httpx.AsyncClient):
    """The token opens the verbs, also to this API's own page at any name."""
    for origin in ({}, {"Origin": URL}):
        headers = {**bearer(TOKEN), **origin}
        answer = await guarded.post("/streams/registros/pause", headers=headers)
        assert answer.status_code == 200


@pytest.mark.parametrize(("method", "path", "more"), VERBS)
async def test_a_page_of_another_site_steers_nothing(
    client: httpx.AsyncClient, method: str, path: str, more: dict[str, Any]
):
    """What a browser sends for another site's page is a 403; for this API's own it is let in."""
    ours = {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}
    theirs = {**ours, "Origin": "http://evil.test"}
    answer = await client.request(method, path, headers=theirs, **more)
    assert answer.status_code == 403
    assert "behind a proxy, pass Host on" in answer.json()["detail"]
    assert (await client.request(method, path, headers=ours, **more)).status_code == 200


@pytest.mark.parametrize(("method", "path", "more"), VERBS)
async def test_a_name_that_anybody_may_point_here_steers_nothing(
    client: httpx.AsyncClient, method: str, path: str, more: dict[str, Any]
):
    """Without a token a page whose own name may be another site's is refused, with a way out."""
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
def test_who_is_of_another_site(
    origin: str | None, host: str | None, *, with_token: bool, without: bool
):
    """Origin is Host; without a token it is also a name that nobody else can have point here."""
    assert is_cross_site(origin, host, token_set=True) is with_token
    assert is_cross_site(origin, host, token_set=False) is without


@pytest.mark.parametrize(("method", "path", "more"), VERBS)
async def test_a_stream_that_cannot_be_steered_now_is_a_conflict(
    client: httpx.AsyncClient, service: FakeService, method: str, path: str, more: dict[str, Any]
):
    """A stream that has not begun, or is ending, answers 409 with the reason."""
    service.error = ControlError("the stream is ending; start a new run")
    answer = await client.request(method, path, **more)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "the stream is ending; start a new run"


async def test_too_many_changes_are_a_setting_that_makes_no_sense(
    client: httpx.AsyncClient, service: FakeService
):
    """A schedule that takes no more changes refuses with its reason, whatever the verb."""
    service.error = SettingError("more than 65536 rate changes; start a new run")
    for method, path, more in VERBS:
        answer = await client.request(method, path, **more)
        assert answer.status_code == 422
        assert "65536" in answer.json()["detail"]


async def test_a_stream_that_is_not_there_is_named(client: httpx.AsyncClient):
    """An unknown stream is a 404 that suggests the nearest."""
    for method, path, more in VERBS:
        answer = await client.request(method, path.replace("registros", "registro"), **more)
        assert answer.status_code == 404
        assert "did you mean 'registros'" in answer.json()["detail"]


async def test_a_body_that_is_not_sent_as_json_is_told_how(client: httpx.AsyncClient):
    """Without its content type a body gets a 422 that names the header."""
    answer = await client.patch("/streams/registros", content=b'{"rate": 5}')
    assert answer.status_code == 422
    assert "Content-Type: application/json" in answer.json()["detail"]
