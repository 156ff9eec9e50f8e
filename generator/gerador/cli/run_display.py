"""Terminal output of a run: addresses, progress bar, delivery summary, exit code."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final, Self

from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from gerador.cli.options import command_line
from gerador.page.asgi_dispatcher import page_installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from gerador.service.run import Run
    from gerador.service.status import Status, StreamStatus
    from gerador.settings.model import Settings


REFRESH_INTERVAL_S: Final = 0.1
LOW_RATE: Final = 100.0
"""Rows per second below which decimals are shown."""
INTERRUPTED: Final = 130
FAILED: Final = 1


class RunDisplay:
    """Shows the progress of a run inside an ``async with`` block, then its delivery summary.

    Writes only to `console`, which is stderr.
    """

    def __init__(
        self,
        console: Console,
        run: Run,
        settings: Settings,
        url: str,
        servers: Callable[[], str],
        schemas: str | None = None,
    ) -> None:
        """Create the display. `schemas` is a line on the schemas, for the end of the run."""
        self._console = console
        self._run = run
        self._settings = settings
        self._url = url
        self._servers = servers
        self._schemas = schemas
        self._last: Status | None = None
        self._progress: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Print the address of the API and start to show progress."""
        self._console.print(f"API: {self._url}", style="dim", soft_wrap=True)
        self._progress = asyncio.create_task(self._show_progress(), name="run-display")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Stop the progress display and print the delivery summary."""
        assert self._progress is not None  # noqa: S101 - `__aenter__` made it
        self._progress.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._progress
        self._last = self._run.status()
        if kind is None and self._last.due:
            self._console.print(self._summary(self._last))
            if len(self._last.streams) > 1:
                self._console.print(_stream_summary(self._last))
            if self._schemas is not None:
                self._console.print(self._schemas, style="dim", soft_wrap=True, highlight=False)

    def exit_code(self, *, interrupted: bool) -> int:
        """Return the exit code: 0 only if every requested row was acknowledged."""
        last = self._last or self._run.status()
        requested = last.rows_asked
        if interrupted and self._bounded and (requested is None or last.acked < requested):
            return INTERRUPTED
        lost = last.failed + last.unknown + last.in_flight
        return FAILED if lost or (requested is not None and last.acked < requested) else 0

    async def _show_progress(self) -> None:
        while not self._run.status().acked:  # noqa: ASYNC110 - a count, not an event
            await asyncio.sleep(REFRESH_INTERVAL_S)
        self._show_addresses()
        if self._bounded and self._console.is_terminal:
            await self._show_bar()

    @property
    def _bounded(self) -> bool:
        requested = (self._last or self._run.status()).rows_asked
        return requested is not None or self._settings.duration_s is not None

    async def _show_bar(self) -> None:
        columns = (
            TextColumn("acknowledged"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as bars:
            task = bars.add_task("rows", total=None, rate="")
            while True:
                status = self._run.status()
                rate = f"{status.rate_delivered:,.0f} rows/s"
                bars.update(task, completed=status.acked, total=status.rows_asked, rate=rate)
                await asyncio.sleep(REFRESH_INTERVAL_S)

    def _show_addresses(self) -> None:
        """Print the panel, then the commands without a frame, so that they can be copied."""
        status = self._run.status()
        table = Table.grid(padding=(0, 2))
        rows = [
            ("latest rows", f"{self._url}/dados?limite=3"),
            ("status", f"{self._url}/status"),
            ("metrics", f"{self._url}/metrics"),
        ]
        if self._settings.page and page_installed():
            rows.insert(0, ("page", f"{self._url}/"))
        commands = [("Reproduce:", self._reproducing_command(status))]
        rows += [("topic", line) for line in self._topics(status)]
        topic = next((s.topic for s in status.streams.values() if s.topic is not None), None)
        if topic is not None:
            servers = self._servers()
            kcat = f"kcat -C -b {servers} -t {topic} -c 5 -f '%p %o %T %S\\n'"
            commands.append(("Consume:", kcat))
        rows += [("notice", line) for line in status.notices]
        for name, text in rows:
            table.add_row(f"[dim]{name}[/dim]", text)
        title, subtitle = "Gerador is running", "Press Ctrl-C to stop"
        self._console.print(Panel(table, title=title, subtitle=subtitle, expand=False))
        for label, command in commands:
            line = Text.assemble((f"{label} ", "dim"), command)
            self._console.print(line, soft_wrap=True, highlight=False)

    def _topics(self, status: Status) -> Iterator[str]:
        for stream in status.streams.values():
            if stream.topic is not None:
                yield f"{stream.topic}, {_partitions(stream)}, on {self._servers()}"

    def _reproducing_command(self, status: Status) -> str:
        """Return the command that generates the same rows with the same settings."""
        start = status.start
        assert start is not None  # noqa: S101 - rows were acknowledged
        return command_line(self._settings.model_copy(update={"seed": status.seed, "start": start}))

    @staticmethod
    def _summary(status: Status) -> Table:
        target_rate = "max" if status.rate_asked is None else f"{status.rate_asked:,.6g}/s"
        if status.changes:
            times = "once" if status.changes == 1 else f"{status.changes} times"
            target_rate = f"changed {times}"
        due = status.due if status.rows_asked is None else status.rows_asked
        rows = [
            ("due" if status.rows_asked is None else "requested", f"{due:,}"),
            ("generated", f"{status.made:,}"),
            ("acknowledged", f"{status.acked:,}"),
            ("failed", f"{status.failed:,}"),
            ("unknown", f"{status.unknown:,}"),
            *([("behind", f"{status.behind:,}")] if status.behind else []),
            ("target rate", target_rate),
            ("delivered rate", _delivered_rate(status)),
        ]
        # One line per figure: side by side, a narrow window would cut large numbers.
        table = Table(title="Delivery summary", title_justify="left", show_header=False)
        for name, text in rows:
            table.add_row(name, Text(text, justify="right"))
        return table


def _stream_summary(status: Status) -> Table:
    """Return a table with a line for each stream; a narrow window wraps numbers, never cuts them.

    Counts that are 0 for every stream have no column.
    """
    streams = status.streams.items()
    bounded = status.rows_asked is not None
    columns: dict[str, Callable[[StreamStatus], int]] = {
        "requested" if bounded else "due": lambda s: (s.rows_asked or 0) if bounded else s.due,
        "acknowledged": lambda s: s.acked,
        "failed": lambda s: s.failed,
        "unknown": lambda s: s.unknown,
        "behind": lambda s: s.behind,
    }
    always = tuple(columns)[:2]
    shown = {n: of for n, of in columns.items() if n in always or any(of(s) for _, s in streams)}
    table = Table(title="Streams", title_justify="left")
    table.add_column("stream", overflow="fold")
    for name in (*shown, "delivered rate"):
        table.add_column(name, justify="right", overflow="fold")
    for stream, counts in streams:
        cells = [f"{of(counts):,}" for of in shown.values()]
        table.add_row(Text(stream), *cells, _delivered_rate(counts))
    return table


def _delivered_rate(status: StreamStatus) -> str:
    mean = status.acked / status.elapsed_s if status.elapsed_s else 0.0
    return f"{mean:,.3g}/s" if mean < LOW_RATE else f"{mean:,.0f}/s"


def _partitions(status: StreamStatus) -> str:
    return "1 partition" if status.partitions == 1 else f"{status.partitions} partitions"
