"""Subscriptions of live tails: one sample of a stream per interval for all subscribers, with a rate limit for each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from fastapi.sse import format_sse_event
from pydantic import TypeAdapter
from pydantic_core import to_json

from gerador.api.row_formats import json_objects
from gerador.errors import GeradorError
from gerador.service.status import ENDED, StreamStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa

    from gerador.avro.schema import Record
    from gerador.service.interface import Service


ROWS_PER_S_MAX: Final = 50
"""Rows a second that a tail may ask for, and rows of one look."""


class Subscription:
    """One tail as its tap sees it: which rows it wants, and whether its client takes them."""

    def __init__(self, rows_per_s: int, after: int, hang_up: Callable[[], None] | None) -> None:
        """Want at most `rows_per_s` rows a second, those beyond row `after`."""
        self.after = after
        self.offered_to = -1
        """The row up to which rows were made when it was last offered some."""
        self.hang_up = hang_up
        self.sending_since_s: float | None = None
        """When the client was sent something that it has not taken yet; None: it waits."""
        self._rows_per_s = rows_per_s
        self._saved = float(rows_per_s)
        self._at_s = asyncio.get_running_loop().time()

    def wanted(self) -> int:
        """Return how many rows may be sent now; what a second allows is saved up, and no more."""
        now_s = asyncio.get_running_loop().time()
        saved = self._saved + (now_s - self._at_s) * self._rows_per_s
        self._saved, self._at_s = min(saved, float(self._rows_per_s)), now_s
        return int(self._saved)

    def first_wanted(self, reached: int) -> int:
        """Return the first row to be offered now that all before `reached` were made.

        `reached` itself when none is: rows are offered once, also to a client that misses them.
        """
        wanted = self.wanted()
        if not wanted or reached == self.offered_to:
            return reached
        return max(self.after + 1, reached - wanted)

    def take(self, rows: Iterable[tuple[int, bytes]]) -> bytes:
        """Return the newest of `rows` that are wanted, as the client is to have them."""
        wanted = self.wanted()
        newer = [(row, told) for row, told in rows if row > self.after]
        taken = newer[len(newer) - wanted :] if wanted < len(newer) else newer
        if taken:
            self.after = taken[-1][0]
            self._saved -= len(taken)
        return b"".join(told for _, told in taken)


SAMPLE_INTERVAL_S: Final = 0.25
"""Seconds between two looks."""
CPU_SHARE_MAX: Final = 0.05
"""Of a processor's time that making rows again for tails may take: after a look that took long, the
next one waits. As fast as possible a look makes a whole block again, tens of milliseconds."""
STALL_TIMEOUT_S: Final = 10.0
"""Seconds after which a client that has not taken what was sent to it is hung up on."""

_STATUS: Final = TypeAdapter(StreamStatus)
_log = structlog.stdlib.get_logger(__name__)


class Sample(NamedTuple):
    """What there was to see at one tick, as bytes of server-sent events."""

    number: int = 0
    rows: tuple[tuple[int, bytes], ...] = ()
    """The newest rows by their index, oldest first; none when none is new."""
    status: bytes = b""
    fault: bytes = b""
    """Why rows cannot be shown; empty when they can."""
    ended: bool = False
    """Whether this is the last: the stream makes no more rows."""


class StreamSampler:
    """Looks at one stream of `service` while somebody is watching."""

    def __init__(self, service: Service, stream: str) -> None:
        self._service = service
        self._stream = stream
        self._record: Record = service.streams[stream].root
        self._watching: set[Subscription] = set()
        self._task: asyncio.Task[None] | None = None
        self._latest = Sample()
        self._newer = asyncio.Event()
        self._rest_until_s = 0.0

    def join(self, watching: Subscription) -> None:
        """Look for `watching` too, from now on."""
        if watching.after >= self._service.reached(self._stream):
            watching.after = -1  # a row of an earlier run: this one has not come that far
        self._watching.add(watching)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"tails of {self._stream}")

    def leave(self, watching: Subscription) -> None:
        """Look no more for `watching`; the last one ends the looking."""
        self._watching.discard(watching)
        if not self._watching and self._task is not None:
            self._task.cancel()
            self._task = None

    async def newer(self, number: int) -> Sample:
        """Wait for a look after that `number`; return the latest."""
        while self._latest.number <= number:
            await self._newer.wait()
        return self._latest

    @property
    def number(self) -> int:
        """The number of the latest look."""
        return self._latest.number

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            next_s = loop.time() + SAMPLE_INTERVAL_S
            try:
                self._show(await self._look())
                self._hang_up_on_stalled()
            except Exception:  # noqa: BLE001 - a look that fails must not end the others
                _log.exception("a look at a stream failed", stream=self._stream)
            await asyncio.sleep(max(0.0, next_s - loop.time()))

    async def _look(self) -> Sample:
        # The status first: when it says that the stream has ended, these rows are the last.
        status = self._service.status().streams[self._stream]
        ended = status.status in ENDED
        rows: tuple[tuple[int, bytes], ...] = ()
        fault = b""
        try:
            rows = await self._rows(hurry=ended)
        except GeradorError as e:
            fault = sse_event("fault", to_json({"detail": str(e)}))
        told = sse_event("end" if ended else "status", _STATUS.dump_json(status))
        return Sample(self.number + 1, rows, told, fault, ended)

    async def _rows(self, *, hurry: bool) -> tuple[tuple[int, bytes], ...]:
        """Return the newest rows that somebody is due, made again in other threads."""
        loop = asyncio.get_running_loop()
        began_s, reached = loop.time(), self._service.reached(self._stream)
        if began_s < self._rest_until_s and not hurry:
            return ()
        firsts = {one: one.first_wanted(reached) for one in self._watching}
        a = min(firsts.values(), default=reached)
        if a == reached:
            return ()
        try:
            rows = await self._made_again(a, reached)
        finally:
            self._rest_until_s = began_s + (loop.time() - began_s) / CPU_SHARE_MAX
        for one, first in firsts.items():
            one.offered_to = one.offered_to if first == reached else reached
        return rows

    async def _made_again(self, a: int, b: int) -> tuple[tuple[int, bytes], ...]:
        batch = await self._service.remake(self._stream, a, b)
        return await asyncio.to_thread(row_events, a, batch, self._record)

    def _show(self, look: Sample) -> None:
        self._latest = look
        newer, self._newer = self._newer, asyncio.Event()
        newer.set()

    def _hang_up_on_stalled(self) -> None:
        late_s = asyncio.get_running_loop().time() - STALL_TIMEOUT_S
        for one in self._watching:
            stalled = one.sending_since_s is not None and one.sending_since_s < late_s
            if stalled and one.hang_up is not None:
                one.hang_up()


def row_events(a: int, batch: pa.RecordBatch, record: Record) -> tuple[tuple[int, bytes], ...]:
    """Return the rows from row `a` on, each with its index, as events. Python a row."""
    return tuple(
        (row, sse_event("row", b'{"row":%d,"record":%s}' % (row, told), row))
        for row, told in enumerate(json_objects(batch, record), a)
    )


def sse_event(name: str, data: bytes, row: int | None = None) -> bytes:
    """Return an event whose data is JSON on one line; its id is a row's index."""
    identity = None if row is None else str(row)
    return format_sse_event(event=name, data_str=data.decode(), id=identity)
