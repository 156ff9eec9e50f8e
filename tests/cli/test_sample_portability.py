"""`gerador sample`: --check-portable, tables in a narrow terminal, unknown variables."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from gerador.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEYS = ["nome", "idade", "salario", "cidade", "cargo", "timestamp", "geracao_id"]
STYLE = re.compile("\x1b\\[[0-9;]*m")
FIELDS = [
    {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
    {"name": "fine", "type": "string"},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
]


@pytest.fixture
def sample(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run the command in this process; return exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["gerador", "sample", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return (int(ended.value.code or 0), *capfd.readouterr())

    return run


def test_a_portable_schema_is_one_line_and_0(sample: Callable[..., tuple[int, str, str]]):
    """The schema of the built-in stream is portable: exit code 0."""
    line = "gerador.Registro: Flink and Spark read every field with its own type\n"
    assert sample("--check-portable") == (0, line, "")


def test_each_field_that_is_not_portable_is_a_line_and_1(
    sample: Callable[..., tuple[int, str, str]], tmp_path: Path
):
    """Each such field is one line on stdout; the exit code is 1."""
    path = tmp_path / "a.avsc"
    path.write_text(json.dumps({"type": "record", "name": "A", "fields": FIELDS}), "utf-8")
    code, out, err = sample("--check-portable", str(path))
    assert (code, err) == (1, "")
    assert [line.partition(":")[0] for line in out.splitlines()] == ["kind", "at"]


@pytest.mark.parametrize("option", [["-n", "5"], ["--seed", "1"], ["-f", "json"], ["-o", "x"]])
def test_options_for_rows_are_rejected(
    sample: Callable[..., tuple[int, str, str]], option: list[str]
):
    """With --check-portable they would have no effect; the error is one line."""
    code, out, err = sample("--check-portable", *option)
    assert (code, out) == (2, "")
    assert "has no effect with --check-portable" in err
    assert len(err.splitlines()) == 1


def test_an_unreadable_schema_is_2(sample: Callable[..., tuple[int, str, str]]):
    """A missing file is not reported as a schema that is not portable."""
    assert sample("--check-portable", "nowhere.avsc")[0] == 2


def test_an_unknown_variable_is_rejected(
    sample: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
):
    """As in `gerador run`."""
    monkeypatch.setenv("GERADOR_SED", "1")
    code, out, err = sample("-n", "1")
    assert (code, out) == (2, "")
    assert "unknown variable GERADOR_SED; did you mean GERADOR_SEED?" in err


def shown(columns: int) -> tuple[list[str], list[str]]:
    """Return the lines that a terminal of that width shows of two rows, and those of stderr."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environ = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES"}}
    program = [sys.executable, "-m", "gerador", "sample", "-n", "2", "--seed", "4"]
    done = subprocess.run(
        program,
        check=True,
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        env=environ | {"TERM": "xterm"},
    )
    os.close(theirs)
    try:
        text = os.read(ours, 65_536).decode()
    finally:
        os.close(ours)
    return STYLE.sub("", text).splitlines(), done.stderr.splitlines()


def test_a_narrow_terminal_shows_every_column():
    """If the table does not fit, each field has a line; stderr has a note."""
    lines, notes = shown(60)
    assert [line.split()[0] for line in lines] == ["row", *KEYS, "row", *KEYS]
    assert any(note.startswith("the table is ") for note in notes)


def test_a_wide_terminal_shows_a_table():
    """If it fits, it is a table with one line per row, without a note."""
    lines, notes = shown(240)
    assert lines[0].split() == ["row", *KEYS]
    assert len(lines) == 4
    assert not any(note.startswith("the table is ") for note in notes)
