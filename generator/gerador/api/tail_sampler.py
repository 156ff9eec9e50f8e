"""Subscriptions of live tails: one sample of a stream per interval for all subscribers.

A sample is a sequence of server-sent events, the same for every subscriber, which takes its share
at its own rate limit. Nothing is queued: a slow client misses samples, and the stream never waits.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from fastapi.sse import format_sse_event
from pydantic import TypeAdapter
from pydantic_core import to_json

from gerador.api.row_writers import json_objects
from gerador.errors import GeradorError
from gerador.service.status import ENDED, StreamStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa

    from gerador.avro.schema import Record
    from gerador.service.interface import Service


ROWS_PER_S_MAX: Final = 50
"""Maximum rows per second of a subscription, and maximum rows of a sample."""
SAMPLE_INTERVAL_S: Final = 0.25
"""Seconds between two samples."""
CPU_SHARE_MAX: Final = 0.05
"""Maximum share of a CPU for regenerating rows: a slow sample delays the next. A sample of an
unpaced stream regenerates a whole block, which takes tens of milliseconds."""
STALL_TIMEOUT_S: Final = 10.0
"""Seconds after which the connection of a client that does not receive is aborted."""

_STATUS: Final = TypeAdapter(StreamStatus)
log = structlog.stdlib.get_logger(__name__)


class Subscription:
    """One subscriber: a token bucket of rows, the last row sent, and the state of its client."""

    def __init__(self, rows_per_s: int, last_row: int, abort: Callable[[], None] | None) -> None:
        """Subscribe to the rows after `last_row`, at most `rows_per_s` per second.

        `abort` aborts the client's connection.
        """
        self.last_row = last_row
        self.offered_up_to = -1
        """Rows generated when rows were last offered."""
        self.abort = abort
        self.sending_since_s: float | None = None
        """When the send that the client has not received yet was started; None: no such send."""
        self._rows_per_s = rows_per_s
        self._tokens = float(rows_per_s)
        self._updated_s = asyncio.get_running_loop().time()

    def rows_allowed(self) -> int:
        """Return how many rows may be sent now; at most the rows of one second accumulate."""
        now_s = asyncio.get_running_loop().time()
        tokens = self._tokens + (now_s - self._updated_s) * self._rows_per_s
        self._tokens, self._updated_s = min(tokens, float(self._rows_per_s)), now_s
        return int(self._tokens)

    def first_row(self, rows_generated: int) -> int:
        """Return the first row to sample; `rows_generated` when no row is needed.

        Rows are offered once, also to a client that misses them.
        """
        allowed = self.rows_allowed()
        if not allowed or rows_generated == self.offered_up_to:
            return rows_generated
        return max(self.last_row + 1, rows_generated - allowed)

    def take(self, rows: Iterable[tuple[int, bytes]]) -> bytes:
        """Return the events of the newest of `rows` that may be sent, and count them as sent."""
        allowed = self.rows_allowed()
        new = [(row, event) for row, event in rows if row > self.last_row]
        taken = new[len(new) - allowed :] if allowed < len(new) else new
        if taken:
            self.last_row = taken[-1][0]
            self._tokens -= len(taken)
        return b"".join(event for _, event in taken)


class Sample(NamedTuple):
    """One sample of a stream, as server-sent events."""

    number: int = 0
    rows: tuple[tuple[int, bytes], ...] = ()
    """The newest rows with their index, oldest first; empty without new rows."""
    status: bytes = b""
    fault: bytes = b""
    """Why rows cannot be regenerated; empty without an error."""
    is_last: bool = False
    """Whether the stream generates no more rows."""


class StreamSampler:
    """Samples one stream of `service` while it has subscribers."""

    def __init__(self, service: Service, stream: str) -> None:
        self._service = service
        self._stream = stream
        self._record: Record = service.streams[stream].root
        self._subscriptions: set[Subscription] = set()
        self._task: asyncio.Task[None] | None = None
        self._latest = Sample()
        self._published = asyncio.Event()
        self._next_rows_s = 0.0

    def subscribe(self, subscription: Subscription) -> None:
        """Add a subscriber; the first one starts the sampling."""
        if subscription.last_row >= self._service.rows_generated(self._stream):
            subscription.last_row = -1  # a row of an earlier run
        self._subscriptions.add(subscription)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"tails of {self._stream}")

    def unsubscribe(self, subscription: Subscription) -> None:
        """Remove a subscriber; the last one stops the sampling."""
        self._subscriptions.discard(subscription)
        if not self._subscriptions and self._task is not None:
            self._task.cancel()
            self._task = None

    async def next_sample(self, number: int) -> Sample:
        """Wait for a sample after the one with `number`; return the latest."""
        while self._latest.number <= number:
            await self._published.wait()
        return self._latest

    @property
    def number(self) -> int:
        """Number of the latest sample."""
        return self._latest.number

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            next_s = loop.time() + SAMPLE_INTERVAL_S
            try:
                self._publish(await self._take_sample())
                self._abort_stalled()
            except Exception:
                # One failed sample must not end the sampling.
                log.exception("sampling a stream failed", stream=self._stream)
            await asyncio.sleep(max(0.0, next_s - loop.time()))

    async def _take_sample(self) -> Sample:
        # The status first: if the stream has ended in it, the rows read after it are the last.
        status = self._service.status().streams[self._stream]
        has_ended = status.status in ENDED
        rows: tuple[tuple[int, bytes], ...] = ()
        fault = b""
        try:
            rows = await self._rows(is_last=has_ended)
        except GeradorError as e:
            fault = sse_event("fault", to_json({"detail": str(e)}))
        status_event = sse_event("end" if has_ended else "status", _STATUS.dump_json(status))
        return Sample(self.number + 1, rows, status_event, fault, has_ended)

    async def _rows(self, *, is_last: bool) -> tuple[tuple[int, bytes], ...]:
        """Return the newest rows that subscribers may receive, regenerated in other threads."""
        loop = asyncio.get_running_loop()
        started_s, rows_generated = loop.time(), self._service.rows_generated(self._stream)
        if started_s < self._next_rows_s and not is_last:
            return ()
        first_rows = {each: each.first_row(rows_generated) for each in self._subscriptions}
        a = min(first_rows.values(), default=rows_generated)
        if a == rows_generated:
            return ()
        try:
            rows = await self._regenerate(a, rows_generated)
        finally:
            self._next_rows_s = started_s + (loop.time() - started_s) / CPU_SHARE_MAX
        for subscription, first_row in first_rows.items():
            if first_row != rows_generated:
                subscription.offered_up_to = rows_generated
        return rows

    async def _regenerate(self, a: int, b: int) -> tuple[tuple[int, bytes], ...]:
        batch = await self._service.regenerate(self._stream, a, b)
        return await asyncio.to_thread(row_events, a, batch, self._record)

    def _publish(self, sample: Sample) -> None:
        self._latest = sample
        published, self._published = self._published, asyncio.Event()
        published.set()

    def _abort_stalled(self) -> None:
        limit_s = asyncio.get_running_loop().time() - STALL_TIMEOUT_S
        for each in self._subscriptions:
            is_stalled = each.sending_since_s is not None and each.sending_since_s < limit_s
            if is_stalled and each.abort is not None:
                each.abort()


def row_events(a: int, batch: pa.RecordBatch, record: Record) -> tuple[tuple[int, bytes], ...]:
    """Return the rows of `batch`, which starts at row `a`, as events. Python per row."""
    return tuple(
        (row, sse_event("row", b'{"row":%d,"record":%s}' % (row, text), row))
        for row, text in enumerate(json_objects(batch, record), a)
    )


def sse_event(name: str, data: bytes, row: int | None = None) -> bytes:
    """Return a server-sent event with JSON on one line; its id is the row index."""
    event_id = None if row is None else str(row)
    return format_sse_event(event=name, data_str=data.decode(), id=event_id)
