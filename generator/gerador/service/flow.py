"""A stream that flows: wait until rows are due, let them be made, hand them over, in their order.

The loop runs on the event loop; rows are made in the stream's worker thread. When a stream begins
and how it is steered is `stream.py`; what becomes of a slice is `handing.py`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from gerador.service.handing import Making
from gerador.service.stopping import wait

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from gerador.service.convoy import Place
    from gerador.service.handing import Handing
    from gerador.service.maker import Maker
    from gerador.service.progress import Progress
    from gerador.service.stopping import Stopping
    from gerador.service.timeline import Timeline

SLICES_AHEAD: Final = 2
"""Slices in the worker thread's hands: one that is being made, one that waits its turn."""


class Flow:
    """The loop of one stream, from its first row to its last."""

    def __init__(
        self,
        timeline: Timeline,
        progress: Progress,
        stopping: Stopping,
        changed: asyncio.Event,
        handing: Handing,
        place: Place | None,
    ) -> None:
        """Let rows flow by `timeline` as soon as `run` is called; `changed` wakes who waits.

        `place` is the one beside other streams at full speed; None for a stream that goes alone.
        """
        self._timeline = timeline
        self._progress = progress
        self._stopping = stopping
        self._changed = changed
        self._handing = handing
        self._place = place

    async def run(self, maker: Maker, thread: ThreadPoolExecutor) -> None:
        """Make slices in `thread` while rows fall due, one ahead of the one that is handed over.

        The worker thread finds the next slice waiting when it has made one: it need not wait
        for the event loop, which may be busy with the brokers.
        """
        loop = asyncio.get_running_loop()
        making: deque[Making] = deque()
        while making or not self._over():
            while len(making) < SLICES_AHEAD and (span := self._take(maker.rows_at_once)):
                making.append(Making(*span, loop.run_in_executor(thread, maker.make, *span)))
            if making:
                await self._handing.hand_over(making.popleft(), maker.rows_at_once)
            else:
                await self._wait_until_due()

    def leave_convoy(self) -> None:
        """Hold no other stream up any more."""
        if self._place is not None:
            self._place.leave()

    def _take(self, at_once: int) -> tuple[int, int] | None:
        """Take the rows that may be made now, at most `at_once`; None when there are none."""
        if self._over():
            return None
        row = self._progress.row
        end = min(self._timeline.reachable(row, at_once), self._beside(row, at_once))
        if end <= row:
            return None
        if self._place is not None:
            self._place.note(end)
        return self._progress.take(end)

    def _beside(self, row: int, at_once: int) -> int:
        """Return the row up to which this stream may go beside others at full speed."""
        if self._place is not None and self._timeline.at_full_speed:
            return self._place.reach(row, at_once)
        self.leave_convoy()
        return row + at_once

    async def _wait_until_due(self) -> None:
        """Wait until the next row falls due, or the schedule changes."""
        if self._over():
            return
        self._changed.clear()
        is_held = self._place is not None and self._place.held
        row = self._progress.row
        left_s = self._timeline.left_s() if is_held else self._timeline.wait_s(row)
        await wait(self._changed, left_s)

    def _over(self) -> bool:
        return self._stopping.told or self._timeline.over(self._progress.row)
