from __future__ import annotations

import asyncio
import csv
import io
import json
from typing import TYPE_CHECKING, Any

import httpx
import pyarrow as pa
import pytest

from gerador.api.app import create_app
from gerador.api.routes_rows import WAITING_REQUESTS_MAX
from gerador.errors import KafkaUnavailableError, RowGenerationError
from tests.api.fake_service import REGISTRO, people, stream_status

if TYPE_CHECKING:
    from tests.api.fake_service import FakeService


async def test_records_are_listed_as_json(client: httpx.AsyncClient):
    """Without wishes, all rows in memory come as a JSON list, oldest first."""
    answer = await client.get("/dados")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert [r["nome"] for r in answer.json()] == [f"Ana {n}" for n in range(10)]


@pytest.mark.parametrize("limit", [1, 3, 10])
async def test_limite_gives_the_newest(client: httpx.AsyncClient, limit: int):
    """`limite` cuts the list to the newest rows."""
    rows = (await client.get("/dados", params={"limite": limit})).json()
    assert [r["nome"] for r in rows] == [f"Ana {n}" for n in range(10 - limit, 10)]


@pytest.mark.parametrize(
    "value", ["0", "11", "-1", "abc", "", "1.5", "+1", " 1", "1_0", "\u0661", "9" * 5000, "a\nb"]
)
async def test_a_limit_out_of_range_is_named(client: httpx.AsyncClient, value: str):
    """A `limite` that is no number from 1 to the buffer size gets one line with value and range."""
    answer = await client.get("/dados", params={"limite": value})
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert detail.endswith("is not a whole number from 1 to 10")
    assert repr(value[:40]) in detail
    assert "\n" not in detail


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=3", "unknown query parameter 'limit' (did you mean 'limite'?)"),
        ("zzz=3", "unknown query parameter 'zzz'; known: limite, stream"),
        ("limite=1&limite=2", "query parameter 'limite' is given 2 times; give it once"),
        ("stream=registro", "stream='registro' is not known (did you mean 'registros'?)"),
    ],
)
async def test_an_unknown_query_is_refused(client: httpx.AsyncClient, query: str, detail: str):
    """A parameter or stream that does not exist is refused with the likely one."""
    answer = await client.get(f"/dados?{query}")
    assert (answer.status_code, answer.json()) == (422, {"detail": detail})


async def test_a_named_stream_is_asked_for(client: httpx.AsyncClient, service: FakeService):
    """`stream` chooses the stream whose rows are shown."""
    await client.get("/dados?stream=registros&limite=2")
    assert service.asked == [(2, "registros")]


def _json(answer: httpx.Response) -> list[dict[str, Any]]:
    return answer.json()


def _ndjson(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


def _csv(answer: httpx.Response) -> list[dict[str, Any]]:
    rows = csv.DictReader(io.StringIO(answer.text))
    return [r | {"idade": int(r["idade"]), "salario": float(r["salario"])} for r in rows]


def _arrow(answer: httpx.Response) -> list[dict[str, Any]]:
    rows = pa.ipc.open_stream(answer.content).read_all().to_pylist()
    return [
        r | {"timestamp": r["timestamp"].isoformat(timespec="milliseconds")[:23] + "Z"}
        for r in rows
    ]


@pytest.mark.parametrize(
    ("accept", "read"),
    [
        ("application/json", _json),
        ("application/x-ndjson", _ndjson),
        ("text/csv", _csv),
        ("application/vnd.apache.arrow.stream", _arrow),
    ],
)
async def test_each_format_holds_the_same_rows(client: httpx.AsyncClient, accept: str, read: Any):
    """JSON, NDJSON, CSV and Arrow, asked for by Accept, hold the same rows."""
    answer = await client.get("/dados", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(accept)
    assert answer.headers["vary"] == "Accept"
    assert read(answer) == (await client.get("/dados")).json()


async def test_nothing_acceptable_lists_what_there_is(client: httpx.AsyncClient):
    """An Accept header that names no format gets 406 and the formats."""
    answer = await client.get("/dados", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "application/vnd.apache.arrow.stream" in answer.json()["detail"]


async def test_two_accept_headers_count_together(client: httpx.AsyncClient):
    """Accept may come in several headers, which make one list."""
    headers = [("Accept", "image/png"), ("Accept", "text/csv")]
    answer = await client.get("/dados", headers=headers)
    assert answer.headers["content-type"].startswith("text/csv")


async def test_before_the_first_generation_one_is_asked_to_wait(
    client: httpx.AsyncClient, service: FakeService
):
    """Without a generation the answer is 503, a reason, and when to come back."""
    service.rows, service.reason = None, "waiting for Kafka at 127.0.0.1:9092"
    answer = await client.get("/dados")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["detail"].endswith(": waiting for Kafka at 127.0.0.1:9092")


async def test_an_empty_generation_is_an_empty_list(
    client: httpx.AsyncClient, service: FakeService
):
    """No rows are an empty list, which is not the same as no generation."""
    service.rows = people(0)
    assert (await client.get("/dados")).json() == []


async def test_rows_that_cannot_be_made_are_told(client: httpx.AsyncClient, service: FakeService):
    """A fault of ours is a 500 with its one line."""
    service.error = RowGenerationError("rows 3 to 9 of 'registros' could not be made: no cities")
    answer = await client.get("/dados")
    assert answer.status_code == 500
    assert answer.json() == {"detail": str(service.error)}


async def test_a_fault_that_passes_asks_to_come_back(
    client: httpx.AsyncClient, service: FakeService
):
    """A retriable fault is a 503 with Retry-After."""
    service.error = KafkaUnavailableError("no broker answers")
    answer = await client.get("/dados")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_rows_that_cannot_be_written_are_no_half_answer(
    client: httpx.AsyncClient, service: FakeService
):
    """Columns that do not fit the schema are told by a status, not by a body that breaks off."""
    service.rows = people(3).drop_columns(["nome"])
    answer = await client.get("/dados")
    assert answer.status_code == 500
    assert set(answer.json()) == {"detail"}


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson", "text/csv"])
async def test_a_streams_records_are_the_same(client: httpx.AsyncClient, accept: str):
    """GET /streams/{name}/records answers as GET /dados does, with `limit` for `limite`."""
    headers = {"Accept": accept}
    records = await client.get("/streams/registros/records?limit=3", headers=headers)
    dados = await client.get("/dados?stream=registros&limite=3", headers=headers)
    assert records.status_code == 200
    assert records.content == dados.content
    assert records.headers == dados.headers


@pytest.mark.parametrize(
    ("address", "status", "detail"),
    [
        (
            "/streams/registro/records",
            404,
            "no stream 'registro' (did you mean 'registros'?)",
        ),
        ("/streams/registros/records?limit=0", 422, "limit='0' is not a whole number from 1 to 10"),
        (
            "/streams/registros/records?limite=3",
            422,
            "unknown query parameter 'limite' (did you mean 'limit'?)",
        ),
    ],
)
async def test_records_that_cannot_be_had_are_told(
    client: httpx.AsyncClient, address: str, status: int, detail: str
):
    """A name or a number that makes no sense gets one line."""
    answer = await client.get(address)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


async def test_records_of_a_stream_that_has_none_yet(
    client: httpx.AsyncClient, service: FakeService
):
    """Before the first row it is a 503, as for /dados."""
    service.rows = None
    answer = await client.get("/streams/registros/records")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_head_has_the_headers_alone(client: httpx.AsyncClient):
    """HEAD answers as GET does, without the body."""
    answer = await client.head("/dados", headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content == b""


async def test_each_stream_has_a_limit_of_its_own(client: httpx.AsyncClient, service: FakeService):
    """How many rows may be asked for is a matter of the stream that is asked."""
    service.streams = {**service.streams, "largo": service.streams["registros"]}
    service.kept = {"largo": 50}
    for address in ("/streams/largo/records?limit=50", "/dados?stream=largo&limite=50"):
        assert (await client.get(address)).status_code == 200
    for address in ("/streams/largo/records?limit=51", "/dados?limite=11"):
        assert (await client.get(address)).status_code == 422


async def test_a_slow_stream_holds_up_nobody_but_who_asks_for_it(service: FakeService):
    """One request after the other is let at its rows, some wait, and the rest are told at once."""
    service.streams = {"registros": REGISTRO, "lento": REGISTRO}
    service.statuses["lento"] = stream_status()
    freed, latest, at_once = asyncio.Event(), service.latest, [0]

    async def slow(limit: int | None, stream: str | None) -> pa.RecordBatch | None:
        if stream == "lento":
            at_once[0] += 1
            assert at_once[0] == 1
            await freed.wait()
            at_once[0] -= 1
        return await latest(limit, stream)

    service.latest = slow  # type: ignore[method-assign]
    transport = httpx.ASGITransport(create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://gerador") as client:
        path = "/streams/lento/records"
        waiting = [asyncio.create_task(client.get(path)) for _ in range(WAITING_REQUESTS_MAX + 1)]
        await asyncio.sleep(0.1)
        told = await client.get("/dados?stream=lento")
        assert (told.status_code, told.headers["retry-after"]) == (503, "1")
        detail = f"{WAITING_REQUESTS_MAX} requests wait for the rows of 'lento'; try again"
        assert told.json() == {"detail": detail}
        assert (await client.get("/dados")).status_code == 200
        freed.set()
        answers = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in answers} == {200}
