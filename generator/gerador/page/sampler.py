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
"""Rows of a stream that a page shows, the newest made; each look makes a block or two again."""
_MS_PER_S: Final = 1000
_log = structlog.stdlib.get_logger(__name__)


class Point(NamedTuple):
    """One second of one stream, as the charts draw it."""

    at_ms: int
    """Milliseconds since 1970, UTC."""
    rate_asked: float | None
    rate_delivered: float
    behind: int
    behind_s: float
    p50_ms: float | None
    p99_ms: float | None


class PageListener(Protocol):
    """An open page. Both calls come from the event loop's thread and must not wait."""

    @property
    def stream(self) -> str:
        """Return the stream that the page shows."""
        ...

    def show(self, status: Status, point: Point, latency: Latency | None) -> None:
        """Show the numbers of this second."""
        ...

    def show_rows(self, rows: pa.RecordBatch | str | None) -> None:
        """Show the newest rows, oldest first; None before the first; text says why not."""
        ...


class Sampler:
    """Reads `service` for the pages that joined."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._watchers: dict[PageListener, None] = {}
        self._windows: dict[str, LatencyWindow] = {}
        self._history: dict[str, deque[Point]] = {}
        self._task: asyncio.Task[None] | None = None
        self._looks: dict[str, asyncio.Task[None]] = {}
        """Looks at rows that are under way; rows may take longer than a second to make."""

    def join(self, watcher: PageListener) -> None:
        """Tell `watcher` from now on, once a second; again is harmless."""
        self._watchers[watcher] = None
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="page sampler")

    def leave(self, watcher: PageListener) -> None:
        """Tell `watcher` nothing any more; the last one ends the sampling."""
        self._watchers.pop(watcher, None)
        if not self._watchers:
            self.close()

    def close(self) -> None:
        """End the sampling; cancels looks at rows that are under way."""
        self._watchers.clear()
        # Percentiles of a time when nobody looked would be told as those of the last seconds.
        self._windows.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for look in self._looks.values():
            look.cancel()
        self._looks.clear()

    def history(self, stream: str) -> Sequence[Point]:
        """Return the points of the last ten minutes that some page was open, oldest first."""
        return tuple(self._history.get(stream, ()))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            next_s = loop.time() + SAMPLE_INTERVAL_S
            try:
                self._tell_numbers()
                self._look_at_rows()
            except Exception:  # noqa: BLE001 - a look that fails must not end the telling
                _log.exception("the page was not brought up to date")
            await asyncio.sleep(max(0.0, next_s - loop.time()))

    def _tell_numbers(self) -> None:
        status, buckets = self._service.status(), read_buckets(self._service.metrics)
        now = {
            name: self._note(name, one, self._window(name).read(buckets.get(name, ())))
            for name, one in status.streams.items()
        }
        self._tell(lambda watcher: watcher.show(status, *now[watcher.stream]))

    def _tell(self, show: Callable[[PageListener], None]) -> None:
        for watcher in tuple(self._watchers):
            try:
                show(watcher)
            except Exception:  # noqa: BLE001 - one page's fault is not the others'
                _log.exception("one page was not brought up to date")

    def _window(self, stream: str) -> LatencyWindow:
        return self._windows.setdefault(stream, LatencyWindow())

    def _note(
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
        kept = self._history.setdefault(stream, deque(maxlen=POINTS_MAX))
        while kept and kept[0].at_ms < point.at_ms - HISTORY_S * _MS_PER_S:
            kept.popleft()
        kept.append(point)
        return point, latency

    def _look_at_rows(self) -> None:
        """Begin a look at each stream that a page shows; a slow one holds up no other."""
        for stream in {watcher.stream for watcher in self._watchers} - set(self._looks):
            look = asyncio.create_task(self._tell_rows(stream), name=f"page rows of {stream}")
            self._looks[stream] = look
            look.add_done_callback(partial(self._looked, stream))

    def _looked(self, stream: str, look: asyncio.Task[None]) -> None:
        if self._looks.get(stream) is look:
            del self._looks[stream]
        if not look.cancelled() and (fault := look.exception()) is not None:
            _log.error("the page's rows were not brought up to date", exc_info=fault)

    async def _tell_rows(self, stream: str) -> None:
        rows = await self._rows(stream)
        self._tell(partial(_show_rows, stream, rows))

    async def _rows(self, stream: str) -> pa.RecordBatch | str | None:
        reached = self._service.reached(stream)
        if not reached:
            return None
        try:
            return await self._service.remake(stream, max(0, reached - ROWS_SHOWN), reached)
        except GeradorError as e:
            return str(e)


def _show_rows(stream: str, rows: pa.RecordBatch | str | None, watcher: PageListener) -> None:
    """Show the rows of `stream` to a page that still shows it."""
    if watcher.stream == stream:
        watcher.show_rows(rows)
