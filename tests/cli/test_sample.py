"""`gerador sample`: rows without Kafka, in five formats, and one line for what is wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import fastavro
import pyarrow as pa
import pytest

import gerador
from gerador.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

START = "2026-01-01T00:00:00Z"
RECIPE = ["--seed", "42", "--start", START, "--rate", "1000"]
KEYS = ["nome", "idade", "salario", "cidade", "cargo", "timestamp", "geracao_id"]


class Done(NamedTuple):
    """How the command ended."""

    returncode: int
    stdout: bytes
    stderr: bytes


Sample = Callable[..., Done]


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Sample:
    """Run the command in this process, as the installed script does."""

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["gerador", "sample", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *capfdbinary.readouterr())

    return run


def expected(first: int, after: int) -> list[dict[str, Any]]:
    """Return the rows of RECIPE by the Python API."""
    return gerador.stream(seed=42, start=START, rate=1_000).rows(first, after).to_pylist()


def test_json_is_one_object_a_line(sample: Sample):
    """JSON has the seven keys and ISO times, a row a line, and stdout holds nothing else."""
    done = sample("-n", "3", "--from", "5", *RECIPE, "--format", "json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, b"")
    assert [list(row) for row in rows] == [KEYS] * 3
    assert rows[0]["timestamp"] == "2026-01-01T00:00:00.005Z"
    assert [r["nome"] for r in rows] == [r["nome"] for r in expected(5, 8)]


def test_csv_has_one_header(sample: Sample):
    """CSV has one header, also over many pieces."""
    done = sample("-n", "40000", *RECIPE, "-f", "csv")
    rows = list(csv.reader(io.StringIO(done.stdout.decode())))
    assert rows[0] == KEYS
    assert len(rows) == 40_001
    assert rows[40_000][1] == str(expected(39_999, 40_000)[0]["idade"])


def test_avro_is_a_container_that_others_read(sample: Sample, tmp_path: Path):
    """Fastavro reads the container file to the same rows, over several blocks."""
    path = tmp_path / "rows.avro"
    assert sample("-n", "40000", *RECIPE, "-f", "avro", "-o", str(path)).returncode == 0
    with path.open("rb") as file:
        rows: list[Any] = list(fastavro.reader(file))
    assert len(rows) == 40_000
    told = [{**row, "geracao_id": str(row["geracao_id"])} for row in rows[-3:]]
    assert told == expected(39_997, 40_000)


def test_arrow_is_a_stream(sample: Sample):
    """Arrow readers take the rows from a pipe."""
    done = sample("-n", "20000", *RECIPE, "-f", "arrow")
    with pa.ipc.open_stream(done.stdout) as reader:
        rows = reader.read_all()
    assert rows.num_rows == 20_000
    assert rows.slice(19_990).to_pylist() == expected(19_990, 20_000)


@pytest.mark.parametrize("form", ["table", "json", "csv", "avro", "arrow"])
def test_no_rows_are_no_failure(sample: Sample, form: str):
    """Zero rows are an empty result of each format."""
    assert sample("-n", "0", "-f", form).returncode == 0


def test_the_table_says_how_to_repeat_it(sample: Sample):
    """The table goes to stdout, and stderr has a command that makes the same table."""
    first = sample("-n", "3")
    line = first.stderr.decode().splitlines()[-1]
    assert line.startswith("same rows again: gerador sample ")
    again = sample(*shlex.split(line.partition("gerador sample ")[2]))
    assert again.stdout == first.stdout
    assert all(key in first.stdout.decode() for key in KEYS)


def test_a_long_table_is_cut_with_a_note(sample: Sample):
    """A table shows a thousand rows and says what it left out."""
    done = sample("-n", "1500", *RECIPE)
    assert len(done.stdout.splitlines()) == 1_002
    assert b"1000 of 1500 rows shown" in done.stderr


def test_any_schema_has_rows(sample: Sample, tmp_path: Path):
    """A schema with nested and logical types is shown in each text format, in any chunk."""
    fields = [
        {"name": "l", "type": {"type": "array", "items": ["null", "int"]}},
        {"name": "u", "type": ["int", "string", {"type": "map", "values": "double"}]},
        {"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": 6}},
    ]
    path = tmp_path / "any.avsc"
    path.write_text(json.dumps({"type": "record", "name": "Any", "fields": fields}), "utf-8")
    done = sample(str(path), "-n", "2100", "--seed", "1", "-f", "json")
    rows = gerador.stream(schema=path, seed=1).rows(0, 2_100).to_pylist()
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["l"] for r in told] == [r["l"] for r in rows]
    assert [r["u"] for r in told] == [
        dict(r["u"]) if isinstance(r["u"], list) else r["u"] for r in rows
    ]
    for form in ("table", "csv"):
        assert sample(str(path), "-f", form).returncode == 0


def test_a_reader_that_leaves_is_no_failure():
    """A closed pipe, as with head, ends the command without a word."""
    command = " ".join(shlex.quote(w) for w in [sys.executable, "-m", "gerador", "sample"])
    done = subprocess.run(  # noqa: S602 - a pipe is what is tried
        f"{command} -n 1000000 -f json | head -n 1", shell=True, capture_output=True, check=False
    )
    assert json.loads(done.stdout)["nome"]
    assert done.stderr == b""


@pytest.mark.parametrize("form", ["avro", "arrow"])
def test_binary_is_kept_from_a_terminal(form: str):
    """A binary format is not written to a terminal, and the line says what to do."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "gerador", "sample", "-f", form]
    done = subprocess.run(program, check=False, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert b"--output FILE" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--format", "jsn"], "did you mean 'json'"),
        (["nowhere.avsc"], "nowhere.avsc: cannot be read"),
        (["-n", "-1"], "-n -1"),
        (["--from", "1.5"], "--from 1.5"),
        (["--seed", "-1"], "--seed -1: not a whole number"),
        (["--seed", str(2**63)], f"seed {2**63}"),
        (["--rate", "0"], "rate 0"),
        (["--start", "soon"], "start 'soon'"),
        (["-f", "csv", "-o", "/nowhere/file"], "--output /nowhere/file"),
    ],
)
def test_values_that_make_no_sense_are_one_line(sample: Sample, arguments: list[str], told: str):
    """A wrong option ends with exit code 2 and one line that names it."""
    done = sample(*arguments)
    assert done.returncode == 2
    assert done.stdout == b""
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr.decode()
