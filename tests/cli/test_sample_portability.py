"""`gerador sample --check-portable`, a table in a narrow terminal, and unknown variables."""

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


def test_a_schema_that_travels_is_one_line_and_0(sample: Callable[..., tuple[int, str, str]]):
    """The default stream travels: that is said, and the exit code is 0."""
    said = "gerador.Registro: every field travels to Flink and to Spark as what it is\n"
    assert sample("--check-portable") == (0, said, "")


def test_each_field_that_stays_is_a_line_and_1(
    sample: Callable[..., tuple[int, str, str]], tmp_path: Path
):
    """What does not travel is a line on stdout each, and the exit code is 1."""
    path = tmp_path / "a.avsc"
    path.write_text(json.dumps({"type": "record", "name": "A", "fields": FIELDS}), "utf-8")
    code, said, complained = sample("--check-portable", str(path))
    assert (code, complained) == (1, "")
    assert [line.partition(":")[0] for line in said.splitlines()] == ["kind", "at"]


@pytest.mark.parametrize("option", [["-n", "5"], ["--seed", "1"], ["-f", "json"], ["-o", "x"]])
def test_options_of_rows_are_not_ignored(
    sample: Callable[..., tuple[int, str, str]], option: list[str]
):
    """Together with an option of rows, which it would ignore, the check is refused in one line."""
    code, said, complained = sample("--check-portable", *option)
    assert (code, said) == (2, "")
    assert "makes no rows" in complained
    assert len(complained.splitlines()) == 1


def test_a_schema_that_cannot_be_read_is_2(sample: Callable[..., tuple[int, str, str]]):
    """A missing file is not taken for one that does not travel."""
    assert sample("--check-portable", "nowhere.avsc")[0] == 2


def test_an_unknown_variable_is_refused_as_in_run(
    sample: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
):
    """A GERADOR_ name that is no setting ends the command, before a row is made."""
    monkeypatch.setenv("GERADOR_SED", "1")
    code, said, complained = sample("-n", "1")
    assert (code, said) == (2, "")
    assert "GERADOR_SED is not a setting (did you mean 'GERADOR_SEED'?)" in complained


def shown(columns: int) -> tuple[list[str], list[str]]:
    """Return what a terminal of that width shows of two rows, and the lines of stderr."""
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


def test_a_narrow_terminal_loses_no_column():
    """Where the table does not fit, each field has a line, and stderr says why."""
    lines, notes = shown(60)
    assert [line.split()[0] for line in lines] == ["row", *KEYS, "row", *KEYS]
    assert any(note.startswith("the table is ") for note in notes)


def test_a_wide_terminal_shows_a_table():
    """Where it fits, it is a table: a line a row, and nothing is said."""
    lines, notes = shown(240)
    assert lines[0].split() == ["row", *KEYS]
    assert len(lines) == 4
    assert not any(note.startswith("the table is ") for note in notes)
