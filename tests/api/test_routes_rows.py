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
    """By default all rows in the buffer are a JSON list, oldest first."""
    answer = await client.get("/dados")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert [r["nome"] for r in answer.json()] == [f"Ana {n}" for n in range(10)]


@pytest.mark.parametrize("limit", [1, 3, 10])
async def test_limite_returns_the_newest(client: httpx.AsyncClient, limit: int):
    """`limite` limits the list to the newest rows."""
    rows = (await client.get("/dados", params={"limite": limit})).json()
    assert [r["nome"] for r in rows] == [f"Ana {n}" for n in range(10 - limit, 10)]


@pytest.mark.parametrize(
    "value", ["0", "11", "-1", "abc", "", "1.5", "+1", " 1", "1_0", "\u0661", "9" * 5000, "a\nb"]
)
async def test_a_limit_out_of_range_is_rejected(client: httpx.AsyncClient, value: str):
    """A `limite` that is not from 1 to the buffer size gets one line with value and range."""
    answer = await client.get("/dados", params={"limite": value})
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert detail.endswith("is not a whole number from 1 to 10")
    assert repr(value[:40]) in detail
    assert "\n" not in detail


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=3", "unknown query parameter 'limit'; did you mean 'limite'?"),
        ("zzz=3", "unknown query parameter 'zzz'; valid: limite, stream"),
        ("limite=1&limite=2", "query parameter 'limite' is repeated; pass it once"),
        ("stream=registro", "unknown stream 'registro'; did you mean 'registros'?"),
    ],
)
async def test_an_unknown_parameter_is_rejected(client: httpx.AsyncClient, query: str, detail: str):
    """An unknown parameter or stream is rejected with the closest name."""
    answer = await client.get(f"/dados?{query}")
    assert (answer.status_code, answer.json()) == (422, {"detail": detail})


async def test_stream_selects_the_stream(client: httpx.AsyncClient, service: FakeService):
    """`stream` selects the stream whose rows are returned."""
    await client.get("/dados?stream=registros&limite=2")
    assert service.requested == [(2, "registros")]


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
async def test_all_formats_have_the_same_rows(client: httpx.AsyncClient, accept: str, read: Any):
    """JSON, NDJSON, CSV and Arrow, selected by Accept, have the same rows."""
    answer = await client.get("/dados", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(accept)
    assert answer.headers["vary"] == "Accept"
    assert read(answer) == (await client.get("/dados")).json()


async def test_an_unknown_format_is_rejected(client: httpx.AsyncClient):
    """An Accept header without a known format gets a 406 with the formats."""
    answer = await client.get("/dados", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "application/vnd.apache.arrow.stream" in answer.json()["detail"]


async def test_accept_headers_are_combined(client: httpx.AsyncClient):
    """Several Accept headers are one list."""
    headers = [("Accept", "image/png"), ("Accept", "text/csv")]
    answer = await client.get("/dados", headers=headers)
    assert answer.headers["content-type"].startswith("text/csv")


async def test_before_the_first_generation_rows_are_unavailable(
    client: httpx.AsyncClient, service: FakeService
):
    """Without a generation the response is a 503 with the reason and Retry-After."""
    service.rows, service.reason = None, "waiting for Kafka at 127.0.0.1:9092"
    answer = await client.get("/dados")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["detail"].endswith(": waiting for Kafka at 127.0.0.1:9092")


async def test_an_empty_generation_is_an_empty_list(
    client: httpx.AsyncClient, service: FakeService
):
    """A generation without rows is an empty list, not a 503."""
    service.rows = people(0)
    assert (await client.get("/dados")).json() == []


async def test_a_generation_error_is_a_500(client: httpx.AsyncClient, service: FakeService):
    """An error of row generation is a 500 with its message."""
    service.error = RowGenerationError("rows 3 to 9 cannot be regenerated: no cities")
    answer = await client.get("/dados")
    assert answer.status_code == 500
    assert answer.json() == {"detail": str(service.error)}


async def test_a_retriable_error_is_a_503(client: httpx.AsyncClient, service: FakeService):
    """A retriable error is a 503 with Retry-After."""
    service.error = KafkaUnavailableError("no broker answers")
    answer = await client.get("/dados")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_an_error_in_the_first_chunk_is_a_500(
    client: httpx.AsyncClient, service: FakeService
):
    """Columns that do not match the schema are an error status, not an incomplete body."""
    service.rows = people(3).drop_columns(["nome"])
    answer = await client.get("/dados")
    assert answer.status_code == 500
    assert set(answer.json()) == {"detail"}


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson", "text/csv"])
async def test_records_of_a_stream_are_those_of_dados(client: httpx.AsyncClient, accept: str):
    """GET /streams/{name}/records returns what GET /dados does, with `limit` for `limite`."""
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
            "unknown stream 'registro'; did you mean 'registros'?",
        ),
        ("/streams/registros/records?limit=0", 422, "limit='0' is not a whole number from 1 to 10"),
        (
            "/streams/registros/records?limite=3",
            422,
            "unknown query parameter 'limite'; did you mean 'limit'?",
        ),
    ],
)
async def test_an_invalid_request_for_records_is_rejected(
    client: httpx.AsyncClient, address: str, status: int, detail: str
):
    """An unknown name or an invalid number gets a detail of one line."""
    answer = await client.get(address)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


async def test_records_before_the_first_row_are_unavailable(
    client: httpx.AsyncClient, service: FakeService
):
    """Before the first row the response is a 503, as for /dados."""
    service.rows = None
    answer = await client.get("/streams/registros/records")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_head_has_no_body(client: httpx.AsyncClient):
    """HEAD returns the headers of GET."""
    answer = await client.head("/dados", headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content == b""


async def test_each_stream_has_its_own_limit(client: httpx.AsyncClient, service: FakeService):
    """The maximum limit is the buffer size of the stream."""
    service.streams = {**service.streams, "largo": service.streams["registros"]}
    service.buffer_rows_by_stream = {"largo": 50}
    for address in ("/streams/largo/records?limit=50", "/dados?stream=largo&limite=50"):
        assert (await client.get(address)).status_code == 200
    for address in ("/streams/largo/records?limit=51", "/dados?limite=11"):
        assert (await client.get(address)).status_code == 422


async def test_a_slow_stream_does_not_delay_others(service: FakeService):
    """One request at a time reads its rows, some wait, and further ones get a 503."""
    service.streams = {"registros": REGISTRO, "lento": REGISTRO}
    service.statuses["lento"] = stream_status()
    released, latest_rows, concurrent = asyncio.Event(), service.latest_rows, [0]

    async def slow(limit: int | None, stream: str | None) -> pa.RecordBatch | None:
        if stream == "lento":
            concurrent[0] += 1
            assert concurrent[0] == 1
            await released.wait()
            concurrent[0] -= 1
        return await latest_rows(limit, stream)

    service.latest_rows = slow  # type: ignore[method-assign]
    transport = httpx.ASGITransport(create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://gerador") as client:
        path = "/streams/lento/records"
        waiting = [asyncio.create_task(client.get(path)) for _ in range(WAITING_REQUESTS_MAX + 1)]
        await asyncio.sleep(0.1)
        rejected = await client.get("/dados?stream=lento")
        assert (rejected.status_code, rejected.headers["retry-after"]) == (503, "1")
        detail = f"{WAITING_REQUESTS_MAX} requests already wait for rows of 'lento'; try again"
        assert rejected.json() == {"detail": detail}
        assert (await client.get("/dados")).status_code == 200
        released.set()
        answers = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in answers} == {200}
