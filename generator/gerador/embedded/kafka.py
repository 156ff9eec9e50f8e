"""`EmbeddedKafka`: the cluster for asyncio. It adds waiting, and the handling of cancellation.

The work is done in plain threads and processes, so any event loop will do.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from gerador.embedded.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.embedded.downloads import Progress

T = TypeVar("T")


class EmbeddedKafka(Cluster):
    """A local Apache Kafka; see `Cluster` for the arguments and for the blocking methods.

    ``bootstrap = await kafka.start()`` … ``await kafka.stop()``; or, blocking,
    ``with EmbeddedKafka(data_dir) as kafka: kafka.bootstrap``.
    """

    async def start(self, on_progress: Progress | None = None) -> str:
        """Start all nodes; see `start_sync`, whose errors it raises.

        Cancelled, it returns when all that it had started has ended. `on_progress` is called from
        other threads.
        """
        return await self._in_thread(lambda: self.start_sync(on_progress))

    async def stop(self) -> None:
        """End all nodes; see `stop_sync`."""
        await asyncio.to_thread(self.stop_sync)

    async def kill(self, node_id: int = 1) -> None:
        """End one node with SIGKILL; see `kill_sync`."""
        await asyncio.to_thread(self.kill_sync, node_id)

    async def restart(self, node_id: int = 1) -> None:
        """Start one node again; see `restart_sync`. Cancelled, the whole cluster is stopped."""
        await self._in_thread(lambda: self.restart_sync(node_id))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread; cancelled, tell it so, and leave only when all has ended."""
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._cancelled.set()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # retrieved: a cancelled start has failed, and that is no news
            await asyncio.to_thread(self.stop_sync)
            raise
