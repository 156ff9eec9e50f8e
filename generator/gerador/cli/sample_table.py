"""Table output of `gerador sample` for terminals."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from gerador.api.json_values import json_batch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gerador.cli.sample_options import SampleOptions
    from gerador.python_api import Stream


TABLE_ROWS_MAX: Final = 1_000
"""Rows that a table shows; the other formats have no limit."""
CELL_CHARACTERS_MAX: Final = 36
"""Characters of a cell: the length of a UUID."""
TABLE_WIDTH_MAX: Final = 100_000
"""Width limit of a table: large enough that every column is as wide as its cells."""


def table_text(stream: Stream, options: SampleOptions, output: Path | None) -> Iterator[bytes]:
    """Yield the table of the rows, then write notes to stderr.

    A terminal that is narrower than the table gets one line per field instead.
    """
    a, shown = options.first_row, min(options.end_row, options.first_row + TABLE_ROWS_MAX)
    rows = json_batch(stream.rows(a, shown), stream.spec.schema.root)
    names = rows.schema.names
    cells = [[_cell(v) for v in row.values()] for row in rows.to_pylist(maps_as_pydicts="lossy")]
    terminal = output is None and sys.stdout.isatty()
    lines = _table_lines(names, cells, a, colours=terminal)
    wide = max(map(cell_len, _table_lines(names, cells, a)))
    narrow = terminal and wide > Console().width
    for line in _vertical_lines(names, cells, a) if narrow else lines:
        yield f"{line}\n".encode()
    cut = any(len(text) == CELL_CHARACTERS_MAX and text.endswith("…") for c in cells for text in c)
    notes = _notes(options, shown - a, cut=cut)
    if narrow:
        notes.append(
            f"the table is {wide} characters wide, wider than the terminal: one line per field"
        )
    sys.stderr.write("".join(f"{note}\n" for note in notes))


def _table_lines(
    names: list[str], cells: list[list[str]], first: int, *, colours: bool = False
) -> list[str]:
    """Return the lines of a table whose columns are as wide as their cells."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("row", justify="right", style="dim", no_wrap=True)
    for name in names:
        table.add_column(name, no_wrap=True)
    for number, row in enumerate(cells, first):
        table.add_row(str(number), *row)
    file = io.StringIO()
    Console(file=file, width=TABLE_WIDTH_MAX, force_terminal=colours, markup=False).print(table)
    lines = (line.rstrip() for line in file.getvalue().splitlines())
    return [line for line in lines if line]


def _vertical_lines(names: list[str], cells: list[list[str]], first: int) -> Iterator[str]:
    """Yield one line with the index of each row, then one line per field."""
    width = max((cell_len(name) for name in names), default=0)
    for number, row in enumerate(cells, first):
        yield f"row {number}"
        for name, text in zip(names, row, strict=True):
            yield f"  {name}{' ' * (width - cell_len(name))}  {text}".rstrip()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        text = value
    elif value is None or isinstance(value, bool | dict | list):
        text = to_json(value, inf_nan_mode="strings").decode()
    else:
        text = str(value)
    return text if len(text) <= CELL_CHARACTERS_MAX else text[: CELL_CHARACTERS_MAX - 1] + "…"


def _notes(options: SampleOptions, shown: int, *, cut: bool) -> list[str]:
    notes = []
    if shown < options.row_count:
        notes.append(f"{shown} of {options.row_count} rows shown; --format json prints all of them")
    if cut:
        notes.append(
            f"values over {CELL_CHARACTERS_MAX} characters are cut; --format json prints them whole"
        )
    return notes
