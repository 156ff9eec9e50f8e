"""A run with its API in the process of the test, built from settings."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gerador.api.app import create_app
from gerador.api.server import serve
from gerador.cli.kafka_destination import kafka_connection
from gerador.cli.run_setup import build_run
from gerador.settings.load import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gerador.delivery.kafka.connection import Connection
    from gerador.service.run import Run

TIMEOUT_S = 60.0


@dataclass
class Served:
    """A run and the address of its API."""

    run: Run
    url: str
    running: asyncio.Task[None]

    async def until_acked(self, rows: int) -> None:
        """Wait until at least `rows` are acknowledged."""
        async with asyncio.timeout(TIMEOUT_S):
            while self.run.status().acked < rows:
                await asyncio.sleep(0.02)

    async def finished(self) -> None:
        """Wait until a bounded run has finished."""
        await asyncio.wait_for(self.running, TIMEOUT_S)


@asynccontextmanager
async def served(bootstrap: str, **options: Any) -> AsyncIterator[Served]:
    """Run with `options` (settings) on the broker inside the block."""
    settings = load_settings({}, bootstrap_servers=bootstrap, **options)

    async def connection() -> Connection:
        return kafka_connection(settings, bootstrap)

    run = build_run(settings, connection)
    async with serve(create_app(run), "127.0.0.1", 0) as address:
        running = asyncio.create_task(run.run())
        try:
            yield Served(run, address.url, running)
        finally:
            run.stop()
            await running
