"""What a run shows at its end: the summary, and the exit code that goes with it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from gerador.cli.run_display import FAILED, INTERRUPTED, RunDisplay
from gerador.service.status import State, Status, StreamStatus
from gerador.settings.load import load_settings

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeRun:
    """A run that is over."""

    def __init__(self, **counts: Any) -> None:
        one = StreamStatus(status=State.STOPPING, seed=1, start=START, elapsed_s=10.0, **counts)
        self._status = Status.of({"s": one}, status=State.STOPPING, seed=1, version="1")

    def status(self) -> Status:
        """Return how it ended."""
        return self._status


def screen(console: Console, run: Any, **options: str) -> RunDisplay:
    """Return the screen of `run`."""
    return RunDisplay(console, run, load_settings({}, **options), "http://x:1", lambda: "b:1")


async def test_the_summary_hides_no_digit() -> None:
    """Billions stand whole in a window of 40 columns: they are what the run was for."""
    console = Console(width=40, record=True, file=io.StringIO())
    many = 98_765_432_109
    run = FakeRun(due=many, made=many, acked=many)
    async with screen(console, run):
        pass
    shown = console.export_text()
    assert "What became of the rows" in shown
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
        ({}, {"run_for": "1h"}, True, INTERRUPTED),
        (ALL, {"run_for": "1h", "rate": "max"}, True, INTERRUPTED),
        (ALL, {"run_for": "1s", "rate": "max"}, False, 0),
    ],
)
def test_the_exit_code_is_the_verdict(
    counts: dict[str, int], options: dict[str, str], code: int, *, interrupted: bool
) -> None:
    """0 only when all that was asked for was acknowledged; 130 when a bound was not reached."""
    ended = screen(Console(quiet=True), FakeRun(**counts), **options)
    assert ended.verdict(interrupted=interrupted) == code


@pytest.mark.parametrize("behind", [0, 2])
async def test_what_was_due_and_never_made_is_told(behind: int) -> None:
    """An interrupted run's asked and acknowledged differ by a figure that stands beside them."""
    console = Console(width=80, record=True, file=io.StringIO())
    run = FakeRun(**ALL | {"due": 10 + behind, "behind": behind})
    async with screen(console, run):
        pass
    assert ("behind" in console.export_text()) == bool(behind)
