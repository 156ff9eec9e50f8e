"""`gerador run`: starts the API, a local Kafka on request, and the streams."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gerador.cli.options import program_words, settings_command
from gerador.errors import ConfigurationError, EmbeddedKafkaError, SettingError
from gerador.process_tuning import (
    freeze_gc,
    limit_malloc_arenas,
    shorten_switch_interval,
    skip_pandas,
)
from gerador.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gerador.api.server import Address
    from gerador.delivery.kafka.connection import Connection
    from gerador.embedded.cluster import EmbeddedKafka
    from gerador.service.run import Run


POLL_INTERVAL_S: Final = 0.2
RESTART_PAUSE_S: Final = 5.0
THREADS_TIMEOUT_S: Final = 0.5
"""Longest wait for the generator threads after everything else has stopped."""
KAFKA_PORT_PREFERRED: Final = 9092
"""Kafka's usual port, the default of most clients."""


@settings_command
def run(settings: Settings) -> None:
    """Produce events to Kafka at a target rate, with an HTTP API.

    Runs until Ctrl-C, or until --rows or --for is reached. A bounded run exits with 0 only if
    every row was acknowledged.
    """
    from gerador.cli.logging_setup import configure_logging  # noqa: PLC0415 - imports structlog

    configure_logging(settings.log_level)
    shorten_switch_interval()
    limit_malloc_arenas()
    skip_pandas()
    code = _run_event_loop(settings)
    _exit_despite_threads(code)
    raise click.exceptions.Exit(code)


def _exit_despite_threads(code: int) -> None:
    """Exit even if a thread is still generating rows; the interpreter would wait for it."""
    from gerador.service.stream_threads import GENERATOR_THREAD_PREFIX  # noqa: PLC0415

    threads = [t for t in threading.enumerate() if t.name.startswith(GENERATOR_THREAD_PREFIX)]
    deadline_s = time.monotonic() + THREADS_TIMEOUT_S
    for thread in threads:
        thread.join(max(0.0, deadline_s - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run_event_loop(settings: Settings) -> int:
    import uvloop  # noqa: PLC0415 - not needed for `--help`

    return uvloop.run(_Session(settings).run())


async def _freeze_garbage_collector(service: Run) -> None:
    """Freeze the garbage collector when the first rows are acknowledged: all modules are loaded."""
    while not service.status().acked:  # noqa: ASYNC110 - a count, not an event
        await asyncio.sleep(POLL_INTERVAL_S)
    freeze_gc()


async def _restart_kafka_on_failure(kafka: EmbeddedKafka) -> None:
    """Restart the local Kafka on its data and port whenever it exits."""
    import structlog  # noqa: PLC0415 - not needed for `--help`

    log = structlog.get_logger(__name__)
    while True:
        await asyncio.sleep(POLL_INTERVAL_S)
        if not kafka.alive():
            log.error("local Kafka exited; restarting", reason=kafka.failure_reason())
            try:
                await kafka.restart(1)
            except EmbeddedKafkaError as e:
                log.warning("local Kafka failed to restart", reason=str(e))
                await asyncio.sleep(RESTART_PAUSE_S)


class _Session:
    """One `gerador run`: stops what it started, in reverse order."""

    def __init__(self, settings: Settings) -> None:
        from rich.console import Console  # noqa: PLC0415 - not needed for `--help`

        self._settings = settings
        self._console = Console(stderr=True)
        self._interrupted = False
        self._data_dir = Path(settings.data_dir).absolute()
        self._servers = settings.bootstrap_servers
        self._kafka_lock = asyncio.Lock()
        self._kafka_watch: asyncio.Task[None] | None = None
        self._stop_kafka: Callable[[], Awaitable[None]] | None = None

    async def run(self) -> int:
        from gerador.cli.run_setup import build_run  # noqa: PLC0415 - imports pyarrow

        settings = self._settings
        if settings.embedded:
            await self._reject_running_kafka()
        service = build_run(settings, lambda: self._connect(service), os.environ)
        self._stop_on_signals(service)

        # After the run is built: a configuration error is reported without loading the API.
        from gerador.api.app import create_app  # noqa: PLC0415
        from gerador.api.server import serve  # noqa: PLC0415
        from gerador.cli.kafka_destination import secret_value  # noqa: PLC0415
        from gerador.cli.run_display import RunDisplay  # noqa: PLC0415
        from gerador.page.asgi_dispatcher import with_page  # noqa: PLC0415

        token = secret_value(settings.api_token)
        try:
            async with (
                with_page(create_app(service, token), service, token, enabled=settings.page) as app,
                serve(app, settings.host, settings.port) as address,
            ):
                display = RunDisplay(
                    self._console,
                    service,
                    settings,
                    address.url,
                    lambda: self._servers,
                    schemas=await self._store_schemas(service, address),
                )
                async with display:
                    freezing = asyncio.create_task(_freeze_garbage_collector(service))
                    await service.run()
                    freezing.cancel()
                return display.exit_code(interrupted=self._interrupted)
        finally:
            service.close()
            if self._kafka_watch is not None:
                self._kafka_watch.cancel()
            if self._stop_kafka is not None:
                self._console.print("Stopping Kafka …", style="dim")
                await self._stop_kafka()

    async def _store_schemas(self, service: Run, address: Address) -> str | None:
        """Store the schemas of the API's registry, which ends with the run.

        Return a line for the end of the run; None: there are no schemas. A run does not fail
        because they cannot be stored.
        """
        from gerador.delivery.registry.schema_store import SchemaStore  # noqa: PLC0415

        if service.registry is None or not service.registry.subjects:
            return None
        store = SchemaStore(self._data_dir)
        try:
            await asyncio.to_thread(store.add, service.registry)
        except (OSError, ConfigurationError) as e:
            reason = e.strerror if isinstance(e, OSError) else e
            return f"The schemas are not stored: cannot write {store.path}: {reason}"
        words = [*program_words(), "registry", "--port", str(address.port)]
        if self._settings.data_dir != Settings.model_fields["data_dir"].default:
            words += ["--data-dir", self._settings.data_dir]
        return f"The schemas are stored in {store.path}; serve them: {shlex.join(words)}"

    async def _reject_running_kafka(self) -> None:
        """Reject the data directory of another local Kafka before anything is started."""
        from gerador.embedded.data_dir import reject_directory_in_use  # noqa: PLC0415

        await asyncio.to_thread(reject_directory_in_use, self._kafka_dir)

    @property
    def _kafka_dir(self) -> Path:
        return self._data_dir / "kafka"

    async def _connect(self, run: Run) -> Connection:
        from gerador.cli.kafka_destination import kafka_connection  # noqa: PLC0415

        if self._settings.embedded:
            async with self._kafka_lock:  # every stream connects; the first one starts Kafka
                if self._stop_kafka is None:
                    self._servers = await self._start_kafka(run)
        return kafka_connection(self._settings, self._servers)

    async def _start_kafka(self, run: Run) -> str:
        from gerador.cli.broker import kafka_start_progress  # noqa: PLC0415

        directory = self._kafka_dir
        self._console.print(f"Kafka data directory: {directory}", style="dim", soft_wrap=True)
        with kafka_start_progress(self._console) as show:

            def report(what: str, done: int, total: int) -> None:
                run.set_startup_step(f"starting the local Kafka: {what} {done}/{total}")
                show(what, done, total)

            try:
                bootstrap = await self._start_kafka_on(KAFKA_PORT_PREFERRED, directory, report)
            except SettingError:  # the port is taken
                self._console.print(
                    f"Port {KAFKA_PORT_PREFERRED} is in use; Kafka uses another port.", style="dim"
                )
                bootstrap = await self._start_kafka_on(0, directory, report)
        run.set_startup_step(None)
        return bootstrap

    async def _start_kafka_on(
        self, port: int, directory: Path, report: Callable[[str, int, int], None]
    ) -> str:
        from gerador.embedded.cluster import EmbeddedKafka  # noqa: PLC0415

        cache_dir = self._settings.cache_dir
        kafka = EmbeddedKafka(
            directory, cache_dir=None if cache_dir is None else Path(cache_dir), port=port
        )
        self._stop_kafka = kafka.stop
        bootstrap = await kafka.start(report)
        self._kafka_watch = asyncio.create_task(
            _restart_kafka_on_failure(kafka), name="watch-kafka"
        )
        return bootstrap

    def _stop_on_signals(self, run: Run) -> None:
        def stop() -> None:
            self._interrupted = True
            run.stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
