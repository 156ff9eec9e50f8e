"""`gerador broker`: runs a local Kafka until Ctrl-C. Also the progress display of a Kafka start."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gerador.embedded.cluster import EmbeddedKafka
from gerador.embedded.jars import KAFKA_VERSION
from gerador.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


LIVENESS_INTERVAL_S: Final = 0.5
DATA_DIR: Final = Path(".gerador")


def broker(
    nodes: Annotated[int, typer.Option(help="1, or 3 with every partition on three.")] = 1,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The first node's port; 0 takes a free one.")
    ] = 0,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Where the data stays between runs; by default .gerador/kafka, "
            "or .gerador/kafka-3 for three nodes. Of `run --data-dir DIR` it is DIR/kafka."
        ),
    ] = None,
    cache_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="GERADOR_CACHE_DIR", help="Where the jars are kept; the user's cache if absent."
        ),
    ] = None,
) -> None:
    """Start a local Apache Kafka, print its bootstrap servers, and run it until Ctrl-C."""
    console = Console(stderr=True)
    folder = data_dir or DATA_DIR / ("kafka" if nodes == 1 else f"kafka-{nodes}")
    kafka = EmbeddedKafka(folder, cache_dir=cache_dir, nodes=nodes, port=port)
    asyncio.run(_serve(kafka, console))


@contextmanager
def kafka_start_progress(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Show a Kafka start on `console`; what it gives is the start's ``on_progress``.

    The bar is for the download of the first start; a warm start shows one line and the time.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("Kafka", total=None, done="")

        def show(what: str, done: int, total: int) -> None:
            text, amount = _progress_text(what, done, total)
            # Nothing has a length before the first step is done: the bar then pulses.
            bars.update(task, description=text, completed=done, total=total or None, done=amount)

        yield show


def _progress_text(what: str, done: int, total: int) -> tuple[str, str]:
    if what == "jars":
        text = f"Fetching Apache Kafka {KAFKA_VERSION} (once)"
        return text, f"{done / 1e6:.0f} of {total / 1e6:.0f} MB"
    return f"Starting Apache Kafka {KAFKA_VERSION}", f"{done} of {total} node(s)"


async def _serve(kafka: EmbeddedKafka, console: Console) -> None:
    """Run the cluster until a signal, or until a node ends by itself."""
    asked_to_end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_end.set)
    starting = asyncio.ensure_future(_start(kafka, console))
    await asyncio.wait(
        [starting, asyncio.ensure_future(asked_to_end.wait())],
        return_when=asyncio.FIRST_COMPLETED,
    )
    if not starting.done():
        starting.cancel()
        await asyncio.wait([starting])
        return
    starting.result()
    try:
        await _run_until(asked_to_end, kafka)
    finally:
        console.print("Stopping Kafka …", style="dim")
        await kafka.stop()


async def _start(kafka: EmbeddedKafka, console: Console) -> None:
    console.print(f"Data folder: {kafka.data_dir}", style="dim", soft_wrap=True)
    with kafka_start_progress(console) as show:
        bootstrap = await kafka.start(show)
    console.print(f"Apache Kafka {KAFKA_VERSION} is ready; Ctrl-C ends it.", style="green")
    typer.echo(bootstrap)
    console.print(f"Fill it: gerador run --bootstrap-servers {bootstrap}", style="dim")


async def _run_until(asked_to_end: asyncio.Event, kafka: EmbeddedKafka) -> None:
    while not asked_to_end.is_set():
        if not kafka.alive():
            raise EmbeddedKafkaError(f"The local Kafka is gone: {kafka.reason()}")
        try:
            await asyncio.wait_for(asked_to_end.wait(), LIVENESS_INTERVAL_S)
        except TimeoutError:
            continue
