"""GET /streams/{name}/events on a real server: a tail has no end that a client of the app sees."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx
import pyarrow as pa
import pytest

from gerador.api import routes_tail, subscriptions
from gerador.api.app import create_app
from gerador.api.server import SHUTDOWN_GRACE_S, serve
from gerador.api.subscriptions import Subscription
from gerador.errors import RowGenerationError
from gerador.service.status import State
from tests.api.fake_service import FakeService, people, stream_status
from tests.e2e.service import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SOON_S = 20
URL = "/streams/registros/events"


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look a hundred times a second, and rest after no look."""
    monkeypatch.setattr(subscriptions, "TICK_S", 0.01)
    monkeypatch.setattr(subscriptions, "SHARE_MAX", 1.0)


@pytest.fixture
def service() -> FakeService:
    """Give a run that has made a hundred rows."""
    return FakeService(people(10), made=100)


@dataclass
class Event:
    """One event as a browser understands it."""

    event: str
    data: Any
    id: int | None


class Following:
    """A client that reads event after event."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, *wanted: str) -> Event:
        """Return the next event that is one of `wanted` (none: any)."""
        async with asyncio.timeout(SOON_S):
            while True:
                found = await self._next()
                if not wanted or found.event in wanted:
                    return found

    async def rows(self, to: int) -> list[int]:
        """Return the rows that come up to the row `to`."""
        found = [(await self.next("row")).id]
        while found[-1] != to:
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
    """Serve `service` and give a client."""
    async with (
        serve(create_app(service), "127.0.0.1", 0) as address,
        httpx.AsyncClient(base_url=address.url, timeout=SOON_S) as client,
    ):
        yield client


@asynccontextmanager
async def following(
    client: httpx.AsyncClient, query: str = "", **headers: str
) -> AsyncIterator[Following]:
    """Follow the stream."""
    async with client.stream("GET", URL + query, headers=headers) as answer:
        assert answer.status_code == 200
        yield Following(answer)


def end(service: FakeService, state: State = State.STOPPING) -> None:
    """Let the stream say that it makes no more rows."""
    now = service.statuses["registros"]
    service.statuses["registros"] = replace(now, status=state)


async def test_the_newest_rows_come_with_their_index(service: FakeService):
    """A row's event has its index as id, and as data its index and its fields as /dados has."""
    async with serving(service) as client, following(client, "?per_second=2") as tail:
        assert tail.answer.headers["content-type"].startswith("text/event-stream")
        assert tail.answer.headers["cache-control"] == "no-store"
        events = [await tail.next("row"), await tail.next("row")]
        assert [(e.id, e.data["row"]) for e in events] == [(98, 98), (99, 99)]
        assert [e.data["record"]["nome"] for e in events] == ["Ana 98", "Ana 99"]
        assert set(events[0].data["record"]) == set((await client.get("/dados")).json()[0])


async def test_rows_only_go_forward(service: FakeService):
    """No row comes twice, and of many new rows the newest come."""
    async with serving(service) as client, following(client, "?per_second=50") as tail:
        seen = await tail.rows(99)
        for made in (103, 1000, 1001):
            service.made = made
            seen += await tail.rows(made - 1)
        assert seen == sorted(set(seen))
        assert len([row for row in seen if 103 <= row < 1000]) <= 50


async def test_the_status_comes_at_once_and_again(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """What GET /streams says of the stream comes with the first look, and every second."""
    monkeypatch.setattr(routes_tail, "STATUS_S", 0.03)
    service.made = 0
    async with serving(service) as client, following(client) as followed:
        assert (await followed.next()).event == "status"
        service.statuses["registros"] = stream_status(acked=21)
        async with asyncio.timeout(SOON_S):
            while (told := await followed.next("status")).data["acked"] != 21:
                assert told.id is None
        assert told.data == (await client.get("/streams")).json()["registros"]


async def test_a_stream_that_ends_ends_its_tails_once(service: FakeService):
    """The last rows, then `end` with the last status, then the end of the answer."""
    service.made = 10
    async with serving(service) as client, following(client, "?per_second=50") as tail:
        await tail.rows(9)
        service.made = 30
        end(service)
        rows, last = await tail.rows(29), await tail.next()
        assert rows == list(range(10, 30))
        assert (last.event, last.data["status"]) == ("end", "encerrando")
        with pytest.raises(EOFError):
            await tail.next()


@pytest.mark.parametrize("state", [State.STOPPING, State.FINISHED])
async def test_who_comes_back_after_the_end_is_told_to_stay_away(
    service: FakeService, state: State
):
    """A stream that has ended answers 204, after which a browser does not connect again."""
    end(service, state)
    async with serving(service) as client:
        assert (await client.get(URL)).status_code == 204


async def test_who_comes_back_goes_on_where_it_was(service: FakeService):
    """Rows up to Last-Event-ID do not come again."""
    async with serving(service) as client:
        async with following(client, "?per_second=50", **{"Last-Event-ID": "96"}) as tail:
            assert await tail.rows(99) == [97, 98, 99]
        async with following(client, "?per_second=50", **{"Last-Event-ID": "99"}) as tail:
            assert (await tail.next()).event == "status"
            service.made = 101
            assert await tail.rows(100) == [100]


async def test_a_row_of_an_earlier_run_holds_nothing_back(service: FakeService):
    """After a restart, rows begin anew: a Last-Event-ID beyond what was made means nothing."""
    earlier = {"Last-Event-ID": "100"}
    async with serving(service) as client, following(client, "?per_second=3", **earlier) as tail:
        assert await tail.rows(99) == [97, 98, 99]


async def test_all_tails_share_one_look(service: FakeService):
    """However many tails there are, new rows are made again once."""
    service.made = 10
    async with serving(service) as client, AsyncExitStack() as stack:
        tails = [
            await stack.enter_async_context(following(client, "?per_second=50")) for _ in range(5)
        ]
        for one in tails:
            await one.rows(9)
        service.made = 20
        for one in tails:
            assert await one.rows(19) == list(range(10, 20))
        assert service.remade[-1] == ("registros", 10, 20)
        assert len([span for span in service.remade if span[2] == 20]) == 1


async def test_nobody_follows_nothing_is_made(service: FakeService):
    """Rows are made again only while somebody follows."""
    async with serving(service) as client:
        await client.get("/status")
        assert service.remade == []
        async with following(client) as tail:
            await tail.rows(99)
        made = len(service.remade)
        asked = service.status_calls
        async with asyncio.timeout(SOON_S):
            while service.status_calls != asked:
                asked = service.status_calls
                await asyncio.sleep(0.1)
        service.made = 200
        await asyncio.sleep(0.05)
        assert len(service.remade) == made


async def test_a_dear_look_is_followed_by_a_rest(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """Rows are not made again while the last look's cost is over its share; the status goes on."""
    monkeypatch.setattr(subscriptions, "SHARE_MAX", 1e-9)
    monkeypatch.setattr(routes_tail, "STATUS_S", 0.0)
    async with serving(service) as client, following(client) as tail_:
        await tail_.rows(99)
        service.made = 200
        for _ in range(5):
            assert (await tail_.next()).event == "status"
        assert len(service.remade) == 1


async def test_one_tail_too_many_is_refused(service: FakeService, monkeypatch: pytest.MonkeyPatch):
    """At the limit another gets 503 with Retry-After, and a place once one has gone."""
    monkeypatch.setattr(routes_tail, "TAILS_MAX", 1)
    async with serving(service) as client:
        async with following(client):
            refused = await client.get(URL)
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "1"
            assert refused.json() == {"detail": "1 tails are open already; close one, or try again"}
        async with asyncio.timeout(SOON_S):
            while True:
                async with client.stream("GET", URL) as answer:
                    if answer.status_code == 200:
                        break


async def test_who_takes_nothing_is_hung_up_on(monkeypatch: pytest.MonkeyPatch):
    """A client that does not read gets no more than the sockets hold, then loses its place."""
    monkeypatch.setattr(routes_tail, "TAILS_MAX", 1)
    monkeypatch.setattr(subscriptions, "STALLED_S", 0.2)
    service = _Long(made=50)
    async with serving(service) as client:
        host, port = client.base_url.host, client.base_url.port
        reader, writer = await asyncio.open_connection(host, port, limit=1024)
        writer.write(f"GET {URL}?per_second=50 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        async with asyncio.timeout(SOON_S):
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


class _Long(FakeService):
    """Rows of a hundred thousand characters each."""

    async def remake(self, stream: str, a: int, b: int) -> pa.RecordBatch:
        rows = await super().remake(stream, a, b)
        at = rows.schema.get_field_index("cidade")
        return rows.set_column(at, "cidade", pa.array(["x" * 100_000] * (b - a)))


async def test_rows_that_cannot_be_made_are_told_once(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """A fault is an event with one line; the status goes on, and so do the rows after it."""
    monkeypatch.setattr(routes_tail, "STATUS_S", 0.0)
    service.error = RowGenerationError("no rows today")
    async with serving(service) as client, following(client) as tail_:
        told = await tail_.next("fault")
        assert told.data == {"detail": "no rows today"}
        for _ in range(3):
            assert (await tail_.next()).event == "status"
        service.error = None
        assert (await tail_.next("row", "fault")).event == "row"


async def test_a_look_that_fails_does_not_end_the_tail(service: FakeService, logs: list[Any]):
    """An error that nobody thought of is logged, and the next look is taken."""
    service.error = ZeroDivisionError("just once")
    async with serving(service) as client, following(client) as tail:
        async with asyncio.timeout(SOON_S):
            while not any(entry["event"] == "a look at a stream failed" for entry in logs):
                await asyncio.sleep(0.01)
        service.error = None
        assert await tail.rows(99)


async def test_an_open_tail_does_not_hold_the_end(
    service: FakeService, caplog: pytest.LogCaptureFixture
):
    """Leaving the server breaks tails off within its grace, and logs nothing for them."""
    async with serve(create_app(service), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(f"GET {URL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await reader.readline()
        leaving = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - leaving < 2 * SHUTDOWN_GRACE_S
    assert caplog.records == []
    writer.close()


async def test_a_tail_leaves_no_task_behind(service: FakeService):
    """Once the clients have gone, nobody looks."""
    async with serving(service) as client:
        async with following(client) as tail:
            await tail.next()
            assert [t for t in asyncio.all_tasks() if t.get_name() == "tails of registros"]
        async with asyncio.timeout(SOON_S):
            while any(t.get_name() == "tails of registros" for t in asyncio.all_tasks()):
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("address", "status", "detail"),
    [
        ("/streams/registro/events", 404, "no stream 'registro' (did you mean 'registros'?)"),
        (f"{URL}?per_second=0", 422, "per_second='0' is not a whole number from 1 to 50"),
        (f"{URL}?per_second=51", 422, "per_second='51' is not a whole number from 1 to 50"),
        (f"{URL}?rate=1", 422, "unknown query parameter 'rate'; known: per_second"),
    ],
)
async def test_what_cannot_be_followed_is_told(
    client: httpx.AsyncClient, address: str, status: int, detail: str
):
    """A name or a number that makes no sense gets one line, before anything is sent."""
    answer = await client.get(address)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


async def test_a_last_event_that_is_no_row_is_told(client: httpx.AsyncClient):
    """Last-Event-ID is a row's index."""
    answer = await client.get(URL, headers={"Last-Event-ID": "x1"})
    assert answer.status_code == 422
    assert answer.json() == {"detail": "Last-Event-ID: 'x1' is not the index of a row"}


async def test_who_cannot_read_events_gets_none(client: httpx.AsyncClient):
    """An Accept header without the type of events gets 406."""
    answer = await client.get(URL, headers={"Accept": "application/json"})
    assert answer.status_code == 406
    assert "text/event-stream" in answer.json()["detail"]


async def test_head_has_the_headers_alone(client: httpx.AsyncClient):
    """HEAD follows nothing and ends."""
    answer = await client.head(URL)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize("rows_per_s", [1, 4, 50])
async def test_a_tail_gets_no_more_than_it_asked_for(
    rows_per_s: int, monkeypatch: pytest.MonkeyPatch
):
    """Over ten seconds of a stream that is faster, rows come at the rate that was asked for."""
    now_s = [0.0]
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now_s[0])
    watching = Subscription(rows_per_s, -1, None)
    taken = 0
    for tick in range(40):
        now_s[0] = tick * 0.25
        newest = [(tick * 1000 + row, b".") for row in range(50)]
        taken += len(watching.take(newest))
    monkeypatch.undo()
    assert 10 * rows_per_s <= taken <= 11 * rows_per_s


async def test_what_a_second_allows_is_saved_up(monkeypatch: pytest.MonkeyPatch):
    """A stream that makes a generation a second shows as many rows of each as a second allows."""
    now_s = [0.0]
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now_s[0])
    watching = Subscription(4, -1, None)
    took = []
    for second in range(5):
        now_s[0] = float(second)
        took.append(len(watching.take([(second * 1000 + row, b".") for row in range(1000)])))
    monkeypatch.undo()
    assert took == [4] * 5


async def test_a_tail_shows_the_rows_of_the_run():
    """Each row is the one that /dados has at its index, and a bounded run ends with its rows."""
    async with (
        served("unused:1", no_kafka=True, seed="42", rate="2000", rows="1000") as run,
        httpx.AsyncClient(base_url=run.url, timeout=SOON_S) as client,
        following(client, "?per_second=50") as tail_,
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
