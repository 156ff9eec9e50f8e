"""Reads the service once a second for all open pages, and keeps the history of the charts."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import structlog

from gerador.errors import GeradorError
from gerador.page.latency import LatencyWindow, read_buckets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from gerador.page.latency import Latency
    from gerador.service.interface import Service
    from gerador.service.status import Status, StreamStatus


SAMPLE_INTERVAL_S: Final = 1.0
HISTORY_S: Final = 600
POINTS_MAX: Final = int(HISTORY_S / SAMPLE_INTERVAL_S)
ROWS_SHOWN: Final = 12
"""Latest rows of a stream that a page shows; they are regenerated from one or two blocks."""
_MS_PER_S: Final = 1000
log = structlog.stdlib.get_logger(__name__)


class Point(NamedTuple):
    """The values of one stream at one second, for the charts."""

    at_ms: int
    """Milliseconds since 1970, UTC."""
    rate_asked: float | None
    rate_delivered: float
    behind: int
    behind_s: float
    p50_ms: float | None
    p99_ms: float | None


class PageListener(Protocol):
    """An open page. Both methods are called in the thread of the event loop and must not block."""

    @property
    def stream(self) -> str:
        """The stream that the page shows."""
        ...

    def show(self, status: Status, point: Point, latency: Latency | None) -> None:
        """Show the values of this second."""
        ...

    def show_rows(self, rows: pa.RecordBatch | str | None) -> None:
        """Show the latest rows, oldest first; None before the first row; a text is an error."""
        ...


class Sampler:
    """Reads `service` for the subscribed pages."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._pages: dict[PageListener, None] = {}
        self._windows: dict[str, LatencyWindow] = {}
        self._history: dict[str, deque[Point]] = {}
        self._task: asyncio.Task[None] | None = None
        self._row_tasks: dict[str, asyncio.Task[None]] = {}
        """Running updates of rows by stream; they may take longer than a second."""

    def subscribe(self, page: PageListener) -> None:
        """Update `page` once a second from now on; idempotent."""
        self._pages[page] = None
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="page-sampler")

    def unsubscribe(self, page: PageListener) -> None:
        """Stop updating `page`; without pages the sampling stops."""
        self._pages.pop(page, None)
        if not self._pages:
            self.close()

    def close(self) -> None:
        """Stop the sampling and cancel updates of rows."""
        self._pages.clear()
        # Old readings would extend the percentiles to the time without pages.
        self._windows.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for task in self._row_tasks.values():
            task.cancel()
        self._row_tasks.clear()

    def history(self, stream: str) -> Sequence[Point]:
        """Return the points of the last ten minutes while a page was open, oldest first."""
        return tuple(self._history.get(stream, ()))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            next_s = loop.time() + SAMPLE_INTERVAL_S
            try:
                self._update_values()
                self._start_row_updates()
            except Exception:
                log.exception("page update failed")
            await asyncio.sleep(max(0.0, next_s - loop.time()))

    def _update_values(self) -> None:
        status, buckets = self._service.status(), read_buckets(self._service.metrics)
        values = {
            name: self._add_point(name, one, self._window(name).add(buckets.get(name, ())))
            for name, one in status.streams.items()
        }
        self._for_each_page(lambda page: page.show(status, *values[page.stream]))

    def _for_each_page(self, update: Callable[[PageListener], None]) -> None:
        for page in tuple(self._pages):
            try:
                update(page)
            except Exception:
                log.exception("update of one page failed")

    def _window(self, stream: str) -> LatencyWindow:
        return self._windows.setdefault(stream, LatencyWindow())

    def _add_point(
        self, stream: str, one: StreamStatus, latency: Latency | None
    ) -> tuple[Point, Latency | None]:
        point = Point(
            at_ms=int(time.time() * _MS_PER_S),
            rate_asked=one.rate_asked,
            rate_delivered=one.rate_delivered,
            behind=one.behind,
            behind_s=one.behind_s,
            p50_ms=None if latency is None else round(latency.p50_s * _MS_PER_S, 2),
            p99_ms=None if latency is None else round(latency.p99_s * _MS_PER_S, 2),
        )
        history = self._history.setdefault(stream, deque(maxlen=POINTS_MAX))
        while history and history[0].at_ms < point.at_ms - HISTORY_S * _MS_PER_S:
            history.popleft()
        history.append(point)
        return point, latency

    def _start_row_updates(self) -> None:
        """Start updating the rows of each shown stream; a slow stream does not delay others."""
        for stream in {page.stream for page in self._pages} - set(self._row_tasks):
            task = asyncio.create_task(self._update_rows(stream), name=f"page-rows-{stream}")
            self._row_tasks[stream] = task
            task.add_done_callback(partial(self._row_update_done, stream))

    def _row_update_done(self, stream: str, task: asyncio.Task[None]) -> None:
        if self._row_tasks.get(stream) is task:
            del self._row_tasks[stream]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("update of the page's rows failed", exc_info=error)

    async def _update_rows(self, stream: str) -> None:
        rows = await self._latest_rows(stream)
        self._for_each_page(partial(_show_rows, stream, rows))

    async def _latest_rows(self, stream: str) -> pa.RecordBatch | str | None:
        rows_generated = self._service.rows_generated(stream)
        if not rows_generated:
            return None
        try:
            return await self._service.regenerate(
                stream, max(0, rows_generated - ROWS_SHOWN), rows_generated
            )
        except GeradorError as e:
            return str(e)


def _show_rows(stream: str, rows: pa.RecordBatch | str | None, page: PageListener) -> None:
    """Show the rows on a page unless it has switched to another stream."""
    if page.stream == stream:
        page.show_rows(rows)
