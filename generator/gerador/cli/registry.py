"""`gerador registry`: serves the schemas that runs have stored, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from gerador.delivery.registry.local_registry import LocalRegistry
    from gerador.delivery.registry.schema_store import SchemaStore


DATA_DIR: Final = Path(".gerador")
PORT_DEFAULT: Final = 8081
"""The port of Confluent's registry."""
PORT: Final = click.IntRange(0, 65_535)
PORT.name = "port number"  # in error messages


@click.command()
@click.option(
    "--data-dir",
    type=Path,
    metavar="PATH",
    envvar="GERADOR_DATA_DIR",
    default=DATA_DIR,
    help="Data directory of the runs.  [env: GERADOR_DATA_DIR; default: .gerador]",
)
@click.option(
    "--host",
    metavar="TEXT",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    type=PORT,
    metavar="N",
    default=PORT_DEFAULT,
    show_default=True,
    help="Port to listen on; 0 selects a free port.",
)
def registry(data_dir: Path, host: str, port: int) -> None:
    """Serve the schemas that runs have stored, as a read-only schema registry.

    The registry in the API of `gerador run` ends with the run, while its records stay in the topic.
    This one serves the schemas of all runs with the same data directory, under the same ids, also
    those that are stored while it runs. Prints its URL to stdout when it is ready.
    """
    from gerador.cli.logging_setup import configure_logging  # noqa: PLC0415 - imports structlog
    from gerador.delivery.registry.schema_store import SchemaStore  # noqa: PLC0415

    configure_logging("warning")
    asyncio.run(_serve(StoredSchemas(SchemaStore(data_dir.absolute())), host, port))


class StoredSchemas:
    """The stored schemas as a registry that follows the file."""

    def __init__(self, store: SchemaStore) -> None:
        """Load the schemas. Raises SettingError: as `SchemaStore.load`."""
        self._store = store
        self._version = self._file_version()
        self._registry = store.load()

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    @property
    def registry(self) -> LocalRegistry:
        """The schemas; read again if the file has changed. Cost: one stat call if it has not.

        A file that was deleted stays in memory.
        """
        version = self._file_version()
        if version not in {None, self._version}:
            self._registry, self._version = self._store.load(), version
        return self._registry

    def _file_version(self) -> tuple[int, int] | None:
        try:
            found = self._store.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


async def _serve(schemas: StoredSchemas, host: str, port: int) -> None:
    """Serve the schemas until a signal."""
    from rich.console import Console  # noqa: PLC0415 - not needed for `--help`

    from gerador.api.app import create_registry_app  # noqa: PLC0415
    from gerador.api.server import serve  # noqa: PLC0415

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    console = Console(stderr=True)
    async with serve(create_registry_app(schemas), host, port) as address:
        count = len(schemas.registry.subjects)
        subjects = "1 subject" if count == 1 else f"{count} subjects"
        console.print(f"Schema registry, read-only: {subjects} of {schemas.path}", soft_wrap=True)
        click.echo(address.url)
        console.print("Press Ctrl-C to stop.", style="dim")
        await stop.wait()
