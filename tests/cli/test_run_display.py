"""The delivery summary of a run, and its exit code."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from gerador.cli.run_display import FAILED, INTERRUPTED, RunDisplay
from gerador.service.status import State, Status, StreamStatus
from gerador.settings.load import load_settings

START = datetime(2026, 1, 1, tzinfo=UTC)


def ended_status(**streams: Any) -> Status:
    """Return the status of a run whose streams have these counts."""
    of = {
        name: StreamStatus(status=State.STOPPING, seed=1, start=START, elapsed_s=10.0, **counts)
        for name, counts in streams.items()
    }
    return Status.of(of, status=State.STOPPING, seed=1, version="1")


class FakeRun:
    """A run that has ended."""

    def __init__(self, **counts: Any) -> None:
        self._status = ended_status(s=counts)

    def status(self) -> Status:
        """Return the final status."""
        return self._status


def display(console: Console, run: Any, **options: str) -> RunDisplay:
    """Return the display of `run`."""
    return RunDisplay(console, run, load_settings({}, **options), "http://x:1", lambda: "b:1")


async def test_the_summary_hides_no_digit() -> None:
    """Billions are shown in full in a window of 40 columns."""
    console = Console(width=40, record=True, file=io.StringIO())
    many = 98_765_432_109
    run = FakeRun(due=many, made=many, acked=many)
    async with display(console, run):
        pass
    shown = console.export_text()
    assert "Delivery summary" in shown
    assert "…" not in shown
    assert shown.count("98,765,432,109") == 3
    assert "9,876,543,211/s" in shown


ALL = {"due": 10, "made": 10, "acked": 10}


@pytest.mark.parametrize(
    ("counts", "options", "interrupted", "code"),
    [
        (ALL, {}, False, 0),
        (ALL, {}, True, 0),
        (ALL | {"rows_asked": 10}, {"rows": "10"}, False, 0),
        (ALL | {"rows_asked": 10}, {"rows": "10"}, True, 0),
        (ALL | {"rows_asked": 11}, {"rows": "11"}, False, FAILED),
        (ALL | {"rows_asked": 11}, {"rows": "11"}, True, INTERRUPTED),
        (ALL | {"acked": 9, "failed": 1}, {}, False, FAILED),
        (ALL | {"acked": 9, "unknown": 1}, {}, True, FAILED),
        (ALL | {"acked": 9, "unknown": 1, "rows_asked": 10}, {"rows": "10"}, False, FAILED),
        (ALL | {"due": 12, "behind": 2}, {}, True, 0),
        (ALL | {"acked": 9, "in_flight": 1}, {}, True, FAILED),
        ({}, {}, True, 0),
        ({"rows_asked": 10}, {"rows": "10"}, True, INTERRUPTED),
        ({}, {"duration_s": "1h"}, True, INTERRUPTED),
        (ALL, {"duration_s": "1h", "rate": "max"}, True, INTERRUPTED),
        (ALL, {"duration_s": "1s", "rate": "max"}, False, 0),
    ],
)
def test_the_exit_code_depends_on_delivery(
    counts: dict[str, int], options: dict[str, str], code: int, *, interrupted: bool
) -> None:
    """0 only if every requested row was acknowledged; 130 if interrupted before a bound."""
    ended = display(Console(quiet=True), FakeRun(**counts), **options)
    assert ended.exit_code(interrupted=interrupted) == code


async def summary_of(width: int, **streams: Any) -> list[str]:
    """Return the lines of the delivery summary."""
    console = Console(width=width, record=True, file=io.StringIO())
    run = FakeRun()
    run._status = ended_status(**streams)
    async with display(console, run):
        pass
    return console.export_text().splitlines()


async def test_several_streams_have_a_line_each() -> None:
    """The line has the stream's rows and rate; columns of zeros are left out."""
    bounded = ALL | {"rows_asked": 10}
    lost = {"due": 2000, "made": 2000, "acked": 1990, "failed": 10, "rows_asked": 2000}
    lines = await summary_of(100, orders=bounded, payments=lost)
    heading = next(line for line in lines if "stream" in line)
    assert [c.strip() for c in heading.split("┃")[1:-1]] == [
        "stream", "requested", "acknowledged", "failed", "delivered rate",
    ]  # fmt: skip
    cells = [[c.strip() for c in line.split("│")[1:-1]] for line in lines]
    assert ["orders", "10", "10", "0", "1/s"] in cells
    assert ["payments", "2,000", "1,990", "10", "199/s"] in cells
    assert not any("Streams" in line for line in await summary_of(100, orders=bounded))


async def test_endless_streams_have_due_rows() -> None:
    """Without a bound the column is `due`; a narrow window hides no digit."""
    many = {"due": 98_765_432_109, "made": 98_765_432_109, "acked": 98_765_432_109}
    lines = await summary_of(100, orders=many, payments=many | {"rows_asked": 1})
    assert any(re.search(r"┃ +due ┃", line) for line in lines)
    narrow = await summary_of(30, a=many, b=many)
    cells = [line.split("│")[2].strip() for line in narrow if line.count("│") == 5]
    assert "".join(cells) == "98,765,432,109" * 2
    assert "…" not in "".join(lines)


@pytest.mark.parametrize("behind", [0, 2])
async def test_rows_behind_are_shown(behind: int) -> None:
    """The summary of an interrupted run shows the due rows that were not generated."""
    console = Console(width=80, record=True, file=io.StringIO())
    run = FakeRun(**ALL | {"due": 10 + behind, "behind": behind})
    async with display(console, run):
        pass
    assert ("behind" in console.export_text()) == bool(behind)
