"""`gerador run`: starts the API, a local Kafka if requested, and the streams; stops them in reverse order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
import typer
from rich.console import Console

from gerador.cli.logging_setup import configure_logging
from gerador.cli.options import settings_command
from gerador.errors import EmbeddedKafkaError, SettingError
from gerador.process import freeze_gc, limit_malloc_arenas, shorten_switch_interval
from gerador.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gerador.delivery.kafka.connection import Connection
    from gerador.embedded.cluster import EmbeddedKafka
    from gerador.service.run import Run


POLL_INTERVAL_S: Final = 0.2
RESTART_PAUSE_S: Final = 5.0
THREADS_TIMEOUT_S: Final = 0.5
"""Longest wait for the threads that make rows, when all else has ended."""
log = structlog.get_logger(__name__)
KAFKA_PORT_PREFERRED: Final = 9092
"""The port that everybody tries first, so that commands can be typed from memory."""


@settings_command(Settings.model_fields)
def run(settings: Settings) -> None:
    """Fill a topic with events, at the rate you ask for, behind an API that shows and tells.

    Runs until Ctrl-C, or until --rows or --for is reached; a bounded run exits 0 only when
    every row was acknowledged.
    """
    configure_logging(settings.log_level)
    shorten_switch_interval()
    limit_malloc_arenas()
    code = _run_event_loop(settings)
    _exit_despite_threads(code)
    raise typer.Exit(code)


def _exit_despite_threads(code: int) -> None:
    """End the process while a thread still makes rows: the interpreter would wait for it."""
    from gerador.service.concurrency import GENERATOR_THREAD_PREFIX  # noqa: PLC0415 - `--help` shall not wait

    made_by = [t for t in threading.enumerate() if t.name.startswith(GENERATOR_THREAD_PREFIX)]
    end_s = time.monotonic() + THREADS_TIMEOUT_S
    for thread in made_by:
        thread.join(max(0.0, end_s - time.monotonic()))
    if any(thread.is_alive() for thread in made_by):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run_event_loop(settings: Settings) -> int:
    import uvloop  # noqa: PLC0415 - a command line that only shows help need not load it

    return uvloop.run(_Session(settings).run())


async def _freeze_garbage_collector(service: Run) -> None:
    """Once the first rows went out, everything that stays is loaded."""
    while not service.status().acked:  # noqa: ASYNC110 - a count, not an event
        await asyncio.sleep(POLL_INTERVAL_S)
    freeze_gc()


async def _restart_kafka_on_failure(kafka: EmbeddedKafka) -> None:
    """Start the local Kafka again, on its data and its port, when it has died."""
    while True:
        await asyncio.sleep(POLL_INTERVAL_S)
        if not kafka.alive():
            log.error("the local Kafka died and is started again", reason=kafka.reason())
            try:
                await kafka.restart(1)
            except EmbeddedKafkaError as e:
                log.warning("the local Kafka did not start again", reason=str(e))
                await asyncio.sleep(RESTART_PAUSE_S)


class _Session:
    """One `gerador run`: what is started is ended, in the opposite order."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._console = Console(stderr=True)
        self._interrupted = False
        self._data_dir = Path(settings.data_dir).absolute()
        self._servers = settings.bootstrap_servers
        self._one_kafka = asyncio.Lock()
        self._keeping: asyncio.Task[None] | None = None
        self._end_kafka: Callable[[], Awaitable[None]] | None = None

    async def run(self) -> int:
        from gerador.cli.run_setup import build_run  # noqa: PLC0415 - likewise

        settings = self._settings
        service = build_run(settings, lambda: self._connect(service), os.environ)
        self._stop_on_signals(service)

        # What cannot be composed need not wait for the API to be loaded.
        from gerador.api.app import create_app  # noqa: PLC0415
        from gerador.api.server import serve  # noqa: PLC0415
        from gerador.cli.kafka_setup import secret_value  # noqa: PLC0415
        from gerador.cli.run_display import RunDisplay  # noqa: PLC0415
        from gerador.page.gateway import with_page  # noqa: PLC0415

        token = secret_value(settings.api_token)
        try:
            async with (
                with_page(create_app(service, token), service, token, wanted=settings.page) as app,
                serve(app, settings.host, settings.port) as address,
            ):
                screen = RunDisplay(
                    self._console, service, settings, address.url, lambda: self._servers
                )
                async with screen:
                    sparing = asyncio.create_task(_freeze_garbage_collector(service))
                    await service.run()
                    sparing.cancel()
                return screen.verdict(interrupted=self._interrupted)
        finally:
            service.close()
            if self._keeping is not None:
                self._keeping.cancel()
            if self._end_kafka is not None:
                self._console.print("Stopping Kafka …", style="dim")
                await self._end_kafka()

    async def _connect(self, run: Run) -> Connection:
        from gerador.cli.kafka_setup import kafka_connection  # noqa: PLC0415

        if self._settings.embedded:
            async with self._one_kafka:  # every stream asks, and the first one starts it
                if self._end_kafka is None:
                    self._servers = await self._start_kafka(run)
        return kafka_connection(self._settings, self._servers)

    async def _start_kafka(self, run: Run) -> str:
        from gerador.cli.broker import kafka_start_progress  # noqa: PLC0415

        folder = self._data_dir / "kafka"
        self._console.print(f"Kafka's data folder: {folder}", style="dim", soft_wrap=True)
        with kafka_start_progress(self._console) as show:

            def report(what: str, done: int, total: int) -> None:
                run.announce(f"starting the local Kafka: {what} {done}/{total}")
                show(what, done, total)

            try:
                bootstrap = await self._start_on(KAFKA_PORT_PREFERRED, folder, report)
            except SettingError:  # any other port will do
                self._console.print(
                    f"Port {KAFKA_PORT_PREFERRED} is taken; Kafka gets another.", style="dim"
                )
                bootstrap = await self._start_on(0, folder, report)
        run.announce(None)
        return bootstrap

    async def _start_on(
        self, port: int, folder: Path, report: Callable[[str, int, int], None]
    ) -> str:
        from gerador.embedded.cluster import EmbeddedKafka  # noqa: PLC0415

        cache_dir = self._settings.cache_dir
        kafka = EmbeddedKafka(
            folder, cache_dir=None if cache_dir is None else Path(cache_dir), port=port
        )
        self._end_kafka = kafka.stop
        bootstrap = await kafka.start(report)
        self._keeping = asyncio.create_task(_restart_kafka_on_failure(kafka), name="keep-kafka")
        return bootstrap

    def _stop_on_signals(self, run: Run) -> None:
        def stop() -> None:
            self._interrupted = True
            run.stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
