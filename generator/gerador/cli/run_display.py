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
from gerador.page.gateway import page_installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from gerador.service.run import Run
    from gerador.service.status import Status, StreamStatus
    from gerador.settings.model import Settings


REFRESH_INTERVAL_S: Final = 0.1
LOW_RATE: Final = 100.0
"""Rows per second below which decimals are worth showing."""
INTERRUPTED: Final = 130
FAILED: Final = 1


class RunDisplay:
    """Follows a run for as long as the block lasts, then shows the summary.

    Writes only to the console that it is given, which is stderr: logs and words for people.
    """

    def __init__(
        self,
        console: Console,
        run: Run,
        settings: Settings,
        url: str,
        servers: Callable[[], str],
    ) -> None:
        self._console = console
        self._run = run
        self._settings = settings
        self._url = url
        self._servers = servers
        self._last: Status | None = None
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Say where the API is and start to follow."""
        self._console.print(f"API: {self._url}", style="dim", soft_wrap=True)
        self._following = asyncio.create_task(self._follow(), name="screen")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Stop to follow and show what became of the rows."""
        assert self._following is not None  # noqa: S101 - `__aenter__` made it
        self._following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._following
        self._last = self._run.status()
        if kind is None and self._last.due:
            self._console.print(self._summary(self._last))

    def verdict(self, *, interrupted: bool) -> int:
        """Return the exit code: 0 only when every row that was asked for was acknowledged."""
        last = self._last or self._run.status()
        asked = last.rows_asked
        if interrupted and self._bounded and (asked is None or last.acked < asked):
            return INTERRUPTED
        lost = last.failed + last.unknown + last.in_flight
        return FAILED if lost or (asked is not None and last.acked < asked) else 0

    async def _follow(self) -> None:
        while not self._run.status().acked:  # noqa: ASYNC110 - a count, not an event
            await asyncio.sleep(REFRESH_INTERVAL_S)
        self._show_addresses()
        if self._bounded and self._console.is_terminal:
            await self._show_bar()

    @property
    def _bounded(self) -> bool:
        asked = (self._last or self._run.status()).rows_asked
        return asked is not None or self._settings.run_for is not None

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
        """Show the panel, and below it the commands, unboxed so that they can be copied whole."""
        status = self._run.status()
        table = Table.grid(padding=(0, 2))
        rows = [
            ("latest rows", f"{self._url}/dados?limite=3"),
            ("how it goes", f"{self._url}/status"),
            ("metrics", f"{self._url}/metrics"),
        ]
        if self._settings.page and page_installed():
            rows.insert(0, ("page", f"{self._url}/"))
        commands = [self._recipe(status)]
        rows += [("topic", line) for line in self._topics(status)]
        topic = next((s.topic for s in status.streams.values() if s.topic is not None), None)
        if topic is not None:
            servers = self._servers()
            commands.append(f"kcat -C -b {servers} -t {topic} -c 5 -f '%p %o %T %S\\n'")
        rows += [("notice", line) for line in status.notices]
        for name, text in rows:
            table.add_row(f"[dim]{name}[/dim]", text)
        title, end = "Gerador is running", "Ctrl-C ends it"
        self._console.print(Panel(table, title=title, subtitle=end, expand=False))
        for what, command in zip(("same rows again:", "look at them:"), commands, strict=False):
            line = Text.assemble((f"{what} ", "dim"), command)
            self._console.print(line, soft_wrap=True, highlight=False)

    def _topics(self, status: Status) -> Iterator[str]:
        for stream in status.streams.values():
            if stream.topic is not None:
                yield f"{stream.topic}, {_partitions(stream)}, on {self._servers()}"

    def _recipe(self, status: Status) -> str:
        """Return the command that makes the same rows in the same place."""
        start = status.start
        assert start is not None  # noqa: S101 - rows were acknowledged
        again = self._settings.model_copy(update={"seed": status.seed, "start": start})
        return command_line(again)

    @staticmethod
    def _summary(status: Status) -> Table:
        asked = status.due if status.rows_asked is None else status.rows_asked
        rate_asked = "max" if status.rate_asked is None else f"{status.rate_asked:,.6g}/s"
        if status.changes:
            rate_asked = f"changed {status.changes} times" if status.changes > 1 else "changed once"
        mean = status.acked / status.elapsed_s if status.elapsed_s else 0.0
        rows = [("asked", f"{asked:,}"), ("made", f"{status.made:,}")]
        rows += [("acked", f"{status.acked:,}"), ("failed", f"{status.failed:,}")]
        rows += [("unknown", f"{status.unknown:,}")]
        rows += [("behind", f"{status.behind:,}")] if status.behind else []
        rows += [("rate asked", rate_asked)]
        rate = f"{mean:,.6g}/s" if mean < LOW_RATE else f"{mean:,.0f}/s"
        # A line each: side by side, large numbers would be cut in a narrow window.
        table = Table(title="What became of the rows", title_justify="left", show_header=False)
        for name, text in (*rows, ("rate delivered", rate)):
            table.add_row(name, Text(text, justify="right"))
        return table


def _partitions(status: StreamStatus) -> str:
    return "1 partition" if status.partitions == 1 else f"{status.partitions} partitions"
