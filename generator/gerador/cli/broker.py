"""`gerador broker`: runs a local Kafka until Ctrl-C. Also the progress display of a Kafka start."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gerador.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from gerador.embedded.cluster import EmbeddedKafka


LIVENESS_INTERVAL_S: Final = 0.5
DATA_DIR: Final = Path(".gerador")
PORT: Final = click.IntRange(0, 65_535)
PORT.name = "port number"  # in error messages


@click.command()
@click.option(
    "--nodes",
    type=int,
    metavar="N",
    default=1,
    show_default=True,
    help="Number of nodes: 1, or 3 with replication factor 3.",
)
@click.option(
    "--port",
    type=PORT,
    metavar="N",
    default=0,
    show_default=True,
    help="Port of the first node; 0 selects a free port.",
)
@click.option(
    "--data-dir",
    type=Path,
    metavar="PATH",
    help="Data directory, kept between runs; `gerador run --data-dir DIR` uses DIR/kafka.  "
    "[default: .gerador/kafka, or .gerador/kafka-3 for three nodes]",
)
@click.option(
    "--cache-dir",
    type=Path,
    metavar="PATH",
    envvar="GERADOR_CACHE_DIR",
    help="Directory of downloaded jars.  [env: GERADOR_CACHE_DIR; default: the user's cache]",
)
def broker(nodes: int, port: int, data_dir: Path | None, cache_dir: Path | None) -> None:
    """Run a local Apache Kafka until Ctrl-C.

    Prints its bootstrap servers to stdout when it is ready.
    """
    from rich.console import Console  # noqa: PLC0415 - not needed for `--help`

    from gerador.embedded.cluster import EmbeddedKafka  # noqa: PLC0415

    directory = data_dir or DATA_DIR / ("kafka" if nodes == 1 else f"kafka-{nodes}")
    kafka = EmbeddedKafka(directory, cache_dir=cache_dir, nodes=nodes, port=port)
    asyncio.run(_serve(kafka, Console(stderr=True)))


@contextmanager
def kafka_start_progress(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Show the progress of a Kafka start on `console`; yields the ``on_progress`` of the start.

    A terminal shows a progress bar; other outputs get one line for each step.
    """
    from rich.progress import (  # noqa: PLC0415 - not needed for `--help`
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("Kafka", total=None, done="")
        printed: set[str] = set()

        def show(what: str, done: int, total: int) -> None:
            text, amount = _progress_text(what, done, total)
            if not console.is_terminal and text not in printed:
                printed.add(text)
                console.print(f"{text} …", soft_wrap=True)
            # The total is unknown before the first step is done: the bar then pulses.
            bars.update(task, description=text, completed=done, total=total or None, done=amount)

        yield show


def _progress_text(what: str, done: int, total: int) -> tuple[str, str]:
    from gerador.embedded.jars import KAFKA_VERSION  # noqa: PLC0415 - not needed for `--help`

    if what == "jars":
        text = f"Downloading Apache Kafka {KAFKA_VERSION} (once)"
        return text, f"{done / 1e6:.0f} of {total / 1e6:.0f} MB"
    return f"Starting Apache Kafka {KAFKA_VERSION}", f"{done} of {total} node(s)"


async def _serve(kafka: EmbeddedKafka, console: Console) -> None:
    """Run the cluster until a signal, or until a node exits."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.ensure_future(_start(kafka, console))
    await asyncio.wait(
        [starting, asyncio.ensure_future(stop.wait())],
        return_when=asyncio.FIRST_COMPLETED,
    )
    if not starting.done():
        starting.cancel()
        await asyncio.wait([starting])
        return
    starting.result()
    try:
        await _run_until(stop, kafka)
    finally:
        console.print("Stopping Kafka …", style="dim")
        await kafka.stop()


async def _start(kafka: EmbeddedKafka, console: Console) -> None:
    from gerador.embedded.jars import KAFKA_VERSION  # noqa: PLC0415 - not needed for `--help`

    console.print(f"Data directory: {kafka.data_dir}", style="dim", soft_wrap=True)
    with kafka_start_progress(console) as show:
        bootstrap = await kafka.start(show)
    console.print(f"Apache Kafka {KAFKA_VERSION} is ready; press Ctrl-C to stop.", style="green")
    click.echo(bootstrap)
    console.print(f"Produce to it: gerador run --bootstrap-servers {bootstrap}", style="dim")


async def _run_until(stop: asyncio.Event, kafka: EmbeddedKafka) -> None:
    while not stop.is_set():
        if not kafka.alive():
            raise EmbeddedKafkaError(f"the local Kafka has exited: {kafka.failure_reason()}")
        try:
            await asyncio.wait_for(stop.wait(), LIVENESS_INTERVAL_S)
        except TimeoutError:
            continue
