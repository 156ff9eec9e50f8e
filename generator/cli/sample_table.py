"""`gerador sample` for people: a table, and on stderr what it does not show."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json
from rich import box
from rich.console import Console
from rich.table import Table

from generator.api.plain import plain_batch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.cli.sample_wanted import Wanted
    from generator.table import Stream

TABLE_ROWS_MAX: Final = 1_000
"""Rows that a table shows; the other formats have no such limit."""
CELL_CHARACTERS_MAX: Final = 36
"""Characters of a cell, as many as a uuid has."""
WIDE: Final = 100_000
"""Width of a table that no terminal bounds: each column as wide as its cells."""


def table_text(stream: Stream, wanted: Wanted, output: Path | None) -> Iterator[bytes]:
    """Yield the table of the rows, then write notes to stderr.

    On a terminal it is as wide as the terminal; elsewhere as wide as its cells.
    """
    a, shown = wanted.first, min(wanted.after, wanted.first + TABLE_ROWS_MAX)
    rows = plain_batch(stream.rows(a, shown), stream.spec.schema.root)
    cells = [[_cell(v) for v in row.values()] for row in rows.to_pylist(maps_as_pydicts="lossy")]
    yield _drawn(rows.schema.names, cells, a, output)
    cut = any(len(text) == CELL_CHARACTERS_MAX and text.endswith("…") for c in cells for text in c)
    sys.stderr.write(_notes(wanted, shown - a, cut=cut))


def _drawn(names: list[str], cells: list[list[str]], first: int, output: Path | None) -> bytes:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("row", justify="right", style="dim", no_wrap=True)
    for name in names:
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    for number, row in enumerate(cells, first):
        table.add_row(str(number), *row)
    terminal = output is None and sys.stdout.isatty()
    file = io.StringIO()
    width = Console().width if terminal else WIDE
    Console(file=file, width=width, force_terminal=terminal, markup=False).print(table)
    lines = file.getvalue().splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines if line.strip()).encode()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        text = value
    elif value is None or isinstance(value, bool | dict | list):
        text = to_json(value, inf_nan_mode="strings").decode()
    else:
        text = str(value)
    return text if len(text) <= CELL_CHARACTERS_MAX else text[: CELL_CHARACTERS_MAX - 1] + "…"


def _notes(wanted: Wanted, shown: int, *, cut: bool) -> str:
    notes = []
    if shown < wanted.rows:
        notes.append(f"{shown} of {wanted.rows} rows shown; --format json gives all")
    if cut:
        notes.append(
            f"values are cut to {CELL_CHARACTERS_MAX} characters; --format json gives them whole"
        )
    return "".join(f"{note}\n" for note in notes)
