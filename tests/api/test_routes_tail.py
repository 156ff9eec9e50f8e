"""GET /streams/{name}/events, with a real server: a tail does not end by itself."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx
import pyarrow as pa
import pytest

from gerador.api import routes_tail, tail_sampler
from gerador.api.app import create_app
from gerador.api.server import SHUTDOWN_GRACE_S, serve
from gerador.api.tail_sampler import Subscription
from gerador.errors import RowGenerationError
from gerador.service.status import State
from tests.api.fake_service import FakeService, people, stream_status
from tests.e2e.service import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TIMEOUT_S = 20
URL = "/streams/registros/events"


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a hundred samples per second, without a CPU limit."""
    monkeypatch.setattr(tail_sampler, "SAMPLE_INTERVAL_S", 0.01)
    monkeypatch.setattr(tail_sampler, "CPU_SHARE_MAX", 1.0)


@pytest.fixture
def service() -> FakeService:
    """Return a fake service that has generated a hundred rows."""
    return FakeService(people(10), made=100)


@dataclass
class Event:
    """A server-sent event."""

    event: str
    data: Any
    id: int | None


class EventReader:
    """A client that reads events."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, *wanted: str) -> Event:
        """Return the next event that is one of `wanted` (none: any)."""
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                found = await self._next()
                if not wanted or found.event in wanted:
                    return found

    async def rows(self, last: int) -> list[int]:
        """Return the indices of row events up to the row `last`."""
        found = [(await self.next("row")).id]
        while found[-1] != last:
            found.append((await self.next("row")).id)
        return [row for row in found if row is not None]

    async def _next(self) -> Event:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line and "event" in fields:
                row = int(fields["id"]) if "id" in fields else None
                return Event(fields["event"], json.loads(fields["data"]), row)
            name, _, value = line.partition(": ")
            fields |= {name: value} if name else {}
        raise EOFError


@asynccontextmanager
async def serving(service: FakeService) -> AsyncIterator[httpx.AsyncClient]:
    """Serve `service` during the block; return a client."""
    async with (
        serve(create_app(service), "127.0.0.1", 0) as address,
        httpx.AsyncClient(base_url=address.url, timeout=TIMEOUT_S) as client,
    ):
        yield client


@asynccontextmanager
async def following(
    client: httpx.AsyncClient, query: str = "", **headers: str
) -> AsyncIterator[EventReader]:
    """Open a tail of the stream during the block."""
    async with client.stream("GET", URL + query, headers=headers) as answer:
        assert answer.status_code == 200
        yield EventReader(answer)


def end(service: FakeService, state: State = State.STOPPING) -> None:
    """Set a state in which the stream generates no more rows."""
    now = service.statuses["registros"]
    service.statuses["registros"] = replace(now, status=state)


async def test_row_events_have_the_row_index(service: FakeService):
    """A row event has the index as id, and index and record, as in /dados, as data."""
    async with serving(service) as client, following(client, "?rows_per_second=2") as tail:
        assert tail.answer.headers["content-type"].startswith("text/event-stream")
        assert tail.answer.headers["cache-control"] == "no-store"
        events = [await tail.next("row"), await tail.next("row")]
        assert [(e.id, e.data["row"]) for e in events] == [(98, 98), (99, 99)]
        assert [e.data["record"]["nome"] for e in events] == ["Ana 98", "Ana 99"]
        assert set(events[0].data["record"]) == set((await client.get("/dados")).json()[0])


async def test_rows_are_sent_once_in_order(service: FakeService):
    """No row is sent twice, and of many new rows the newest are sent."""
    async with serving(service) as client, following(client, "?rows_per_second=50") as tail:
        seen = await tail.rows(99)
        for generated in (103, 1000, 1001):
            service.made = generated
            seen += await tail.rows(generated - 1)
        assert seen == sorted(set(seen))
        assert len([row for row in seen if 103 <= row < 1000]) <= 50


async def test_the_status_is_sent_periodically(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """The status of GET /streams is sent with the first sample, and then every second."""
    monkeypatch.setattr(routes_tail, "STATUS_INTERVAL_S", 0.03)
    service.made = 0
    async with serving(service) as client, following(client) as followed:
        assert (await followed.next()).event == "status"
        service.statuses["registros"] = stream_status(acked=21)
        async with asyncio.timeout(TIMEOUT_S):
            while (status := await followed.next("status")).data["acked"] != 21:
                assert status.id is None
        assert status.data == (await client.get("/streams")).json()["registros"]


async def test_the_end_of_a_stream_ends_its_tails(service: FakeService):
    """The last rows are sent, then `end` with the last status, then the response ends."""
    service.made = 10
    async with serving(service) as client, following(client, "?rows_per_second=50") as tail:
        await tail.rows(9)
        service.made = 30
        end(service)
        rows, last = await tail.rows(29), await tail.next()
        assert rows == list(range(10, 30))
        assert (last.event, last.data["status"]) == ("end", "encerrando")
        with pytest.raises(EOFError):
            await tail.next()


@pytest.mark.parametrize("state", [State.STOPPING, State.FINISHED])
async def test_a_tail_of_an_ended_stream_is_a_204(service: FakeService, state: State):
    """A stream that has ended returns a 204, after which a browser does not reconnect."""
    end(service, state)
    async with serving(service) as client:
        assert (await client.get(URL)).status_code == 204


async def test_a_tail_resumes_after_the_last_event_id(service: FakeService):
    """Rows up to Last-Event-ID are not sent again."""
    async with serving(service) as client:
        async with following(client, "?rows_per_second=50", **{"Last-Event-ID": "96"}) as tail:
            assert await tail.rows(99) == [97, 98, 99]
        async with following(client, "?rows_per_second=50", **{"Last-Event-ID": "99"}) as tail:
            assert (await tail.next()).event == "status"
            service.made = 101
            assert await tail.rows(100) == [100]


async def test_a_last_event_id_of_an_earlier_run_is_ignored(service: FakeService):
    """After a restart, a Last-Event-ID that is not generated yet is ignored."""
    earlier = {"Last-Event-ID": "100"}
    async with (
        serving(service) as client,
        following(client, "?rows_per_second=3", **earlier) as tail,
    ):
        assert await tail.rows(99) == [97, 98, 99]


async def test_all_tails_share_one_sample(service: FakeService):
    """New rows are regenerated once, for any number of tails."""
    service.made = 10
    async with serving(service) as client, AsyncExitStack() as stack:
        tails = [
            await stack.enter_async_context(following(client, "?rows_per_second=50"))
            for _ in range(5)
        ]
        for one in tails:
            await one.rows(9)
        service.made = 20
        for one in tails:
            assert await one.rows(19) == list(range(10, 20))
        assert service.regenerated[-1] == ("registros", 10, 20)
        assert len([span for span in service.regenerated if span[2] == 20]) == 1


async def test_rows_are_not_sampled_without_tails(service: FakeService):
    """Rows are regenerated only while a tail is open."""
    async with serving(service) as client:
        await client.get("/status")
        assert service.regenerated == []
        async with following(client) as tail:
            await tail.rows(99)
        samples = len(service.regenerated)
        calls = service.status_calls
        async with asyncio.timeout(TIMEOUT_S):
            while service.status_calls != calls:
                calls = service.status_calls
                await asyncio.sleep(0.1)
        service.made = 200
        await asyncio.sleep(0.05)
        assert len(service.regenerated) == samples


async def test_the_cpu_share_of_samples_is_limited(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """Rows are not regenerated while the last sample exceeds its share; the status is sent."""
    monkeypatch.setattr(tail_sampler, "CPU_SHARE_MAX", 1e-9)
    monkeypatch.setattr(routes_tail, "STATUS_INTERVAL_S", 0.0)
    async with serving(service) as client, following(client) as tail_:
        await tail_.rows(99)
        service.made = 200
        for _ in range(5):
            assert (await tail_.next()).event == "status"
        assert len(service.regenerated) == 1


async def test_the_number_of_tails_is_limited(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """At the limit a further tail is a 503 with Retry-After, until one is closed."""
    monkeypatch.setattr(routes_tail, "TAILS_MAX", 1)
    async with serving(service) as client:
        async with following(client):
            rejected = await client.get(URL)
            assert rejected.status_code == 503
            assert rejected.headers["retry-after"] == "1"
            assert rejected.json() == {"detail": "1 tails are already open; close one or retry"}
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                async with client.stream("GET", URL) as answer:
                    if answer.status_code == 200:
                        break


async def test_the_connection_of_a_stalled_client_is_aborted(monkeypatch: pytest.MonkeyPatch):
    """A client that does not read is disconnected when the socket buffers are full."""
    monkeypatch.setattr(routes_tail, "TAILS_MAX", 1)
    monkeypatch.setattr(tail_sampler, "STALL_TIMEOUT_S", 0.2)
    service = _LongRows(made=50)
    async with serving(service) as client:
        host, port = client.base_url.host, client.base_url.port
        reader, writer = await asyncio.open_connection(host, port, limit=1024)
        writer.write(f"GET {URL}?rows_per_second=50 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                service.made += 50
                async with client.stream("GET", URL) as answer:
                    if answer.status_code == 200:
                        break
                await asyncio.sleep(0.02)
        with suppress(ConnectionResetError):
            received = await reader.read()
            assert not received.endswith(b"0\r\n\r\n")
        writer.close()


class _LongRows(FakeService):
    """A service with rows of a hundred thousand characters."""

    async def regenerate(self, stream: str, a: int, b: int) -> pa.RecordBatch:
        rows = await super().regenerate(stream, a, b)
        at = rows.schema.get_field_index("cidade")
        return rows.set_column(at, "cidade", pa.array(["x" * 100_000] * (b - a)))


async def test_a_generation_error_is_one_fault_event(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """An error is one event with its message; status events continue, and later rows too."""
    monkeypatch.setattr(routes_tail, "STATUS_INTERVAL_S", 0.0)
    service.error = RowGenerationError("no rows today")
    async with serving(service) as client, following(client) as tail_:
        fault = await tail_.next("fault")
        assert fault.data == {"detail": "no rows today"}
        for _ in range(3):
            assert (await tail_.next()).event == "status"
        service.error = None
        assert (await tail_.next("row", "fault")).event == "row"


async def test_an_unexpected_error_does_not_end_the_tail(service: FakeService, logs: list[Any]):
    """An unexpected error of a sample is logged, and the next sample is taken."""
    service.error = ZeroDivisionError("just once")
    async with serving(service) as client, following(client) as tail:
        async with asyncio.timeout(TIMEOUT_S):
            while not any(entry["event"] == "sampling a stream failed" for entry in logs):
                await asyncio.sleep(0.01)
        service.error = None
        assert await tail.rows(99)


async def test_an_open_tail_does_not_delay_the_shutdown(
    service: FakeService, caplog: pytest.LogCaptureFixture
):
    """Shutdown ends tails within the grace period, and logs nothing for them."""
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(f"GET {URL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await reader.readline()
        leaving = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - leaving < 2 * SHUTDOWN_GRACE_S
    assert caplog.records == []
    writer.close()


async def test_sampling_ends_with_the_last_tail(service: FakeService):
    """After the last client has disconnected, no sampling task is left."""
    async with serving(service) as client:
        async with following(client) as tail:
            await tail.next()
            assert [t for t in asyncio.all_tasks() if t.get_name() == "tails of registros"]
        async with asyncio.timeout(TIMEOUT_S):
            while any(t.get_name() == "tails of registros" for t in asyncio.all_tasks()):
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("address", "status", "detail"),
    [
        ("/streams/registro/events", 404, "unknown stream 'registro'; did you mean 'registros'?"),
        (f"{URL}?rows_per_second=0", 422, "rows_per_second='0' is not a whole number from 1 to 50"),
        (
            f"{URL}?rows_per_second=51",
            422,
            "rows_per_second='51' is not a whole number from 1 to 50",
        ),
        (f"{URL}?rate=1", 422, "unknown query parameter 'rate'; valid: rows_per_second"),
    ],
)
async def test_an_invalid_request_for_a_tail_is_rejected(
    client: httpx.AsyncClient, address: str, status: int, detail: str
):
    """An unknown name or an invalid number gets a detail of one line."""
    answer = await client.get(address)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


async def test_an_invalid_last_event_id_is_rejected(client: httpx.AsyncClient):
    """Last-Event-ID must be a row index."""
    answer = await client.get(URL, headers={"Last-Event-ID": "x1"})
    assert answer.status_code == 422
    assert answer.json() == {"detail": "Last-Event-ID: 'x1' is not a row index"}


async def test_a_tail_needs_an_accept_header_for_events(client: httpx.AsyncClient):
    """An Accept header without text/event-stream gets a 406."""
    answer = await client.get(URL, headers={"Accept": "application/json"})
    assert answer.status_code == 406
    assert "text/event-stream" in answer.json()["detail"]


async def test_head_does_not_open_a_tail(client: httpx.AsyncClient):
    """HEAD returns the headers without opening a tail."""
    answer = await client.head(URL)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize("rows_per_s", [1, 4, 50])
async def test_the_rate_of_a_tail_is_limited(rows_per_s: int, monkeypatch: pytest.MonkeyPatch):
    """Over ten seconds of a faster stream, rows are taken at the rate limit."""
    now_s = [0.0]
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now_s[0])
    subscription = Subscription(rows_per_s, -1, None)
    taken = 0
    for sample in range(40):
        now_s[0] = sample * 0.25
        newest = [(sample * 1000 + row, b".") for row in range(50)]
        taken += len(subscription.take(newest))
    monkeypatch.undo()
    assert 10 * rows_per_s <= taken <= 11 * rows_per_s


async def test_the_rows_of_a_second_accumulate(monkeypatch: pytest.MonkeyPatch):
    """Of a generation per second, as many rows are sent as the limit allows per second."""
    now_s = [0.0]
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now_s[0])
    subscription = Subscription(4, -1, None)
    taken = []
    for second in range(5):
        now_s[0] = float(second)
        taken.append(len(subscription.take([(second * 1000 + row, b".") for row in range(1000)])))
    monkeypatch.undo()
    assert taken == [4] * 5


async def test_a_tail_has_the_rows_of_the_run():
    """Each row is the row of /dados with its index, and the tail of a bounded run ends with it."""
    async with (
        served("unused:1", no_kafka=True, seed="42", rate="2000", rows="1000") as run,
        httpx.AsyncClient(base_url=run.url, timeout=TIMEOUT_S) as client,
        following(client, "?rows_per_second=50") as tail_,
    ):
        events = [await tail_.next()]
        while events[-1].event != "end":
            events.append(await tail_.next())
        rows = [e for e in events if e.event == "row"]
        every = (await client.get("/dados")).json()
    assert len(every) == 1000
    assert rows[-1].id == 999
    assert all(e.id is not None and e.data["record"] == every[e.id] for e in rows)
    assert events[-1].data["made"] == 1000
