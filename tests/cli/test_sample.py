"""`gerador sample`: rows in six formats without Kafka, and errors in one line."""

from __future__ import annotations

import csv
import datetime as dt
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
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
import pytest

import gerador
from gerador.cli.main import main
from gerador.cli.sample_output import CHUNK_ROWS, FORMATS, SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

START = "2026-01-01T00:00:00Z"
RECIPE = ["--seed", "42", "--start", START, "--rate", "1000"]
KEYS = ["nome", "idade", "salario", "cidade", "cargo", "timestamp", "geracao_id"]


class Done(NamedTuple):
    """Exit code and output."""

    returncode: int
    stdout: bytes
    stderr: bytes


Sample = Callable[..., Done]


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Sample:
    """Run the command in this process like the installed script."""

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["gerador", "sample", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *capfdbinary.readouterr())

    return run


def expected(first: int, after: int) -> list[dict[str, Any]]:
    """Return the rows of RECIPE from the Python API."""
    return gerador.stream(seed=42, start=START, rate=1_000).rows(first, after).to_pylist()


def test_json_is_one_object_per_line(sample: Sample):
    """Each line is an object with seven keys and ISO timestamps; stdout contains nothing else."""
    done = sample("-n", "3", "--from", "5", *RECIPE, "--format", "json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, b"")
    assert [list(row) for row in rows] == [KEYS] * 3
    assert rows[0]["timestamp"] == "2026-01-01T00:00:00.005Z"
    assert [r["nome"] for r in rows] == [r["nome"] for r in expected(5, 8)]


def test_csv_has_one_header(sample: Sample):
    """CSV has one header, also over many chunks."""
    done = sample("-n", "40000", *RECIPE, "-f", "csv")
    rows = list(csv.reader(io.StringIO(done.stdout.decode())))
    assert rows[0] == KEYS
    assert len(rows) == 40_001
    assert rows[40_000][1] == str(expected(39_999, 40_000)[0]["idade"])


def test_avro_is_an_object_container_file(sample: Sample, tmp_path: Path):
    """Fastavro reads the same rows from the file, over several blocks."""
    path = tmp_path / "rows.avro"
    assert sample("-n", "40000", *RECIPE, "-f", "avro", "-o", str(path)).returncode == 0
    with path.open("rb") as file:
        rows: list[Any] = list(fastavro.reader(file))
    assert len(rows) == 40_000
    found = [{**row, "geracao_id": str(row["geracao_id"])} for row in rows[-3:]]
    assert found == expected(39_997, 40_000)


def test_arrow_is_a_stream(sample: Sample):
    """Arrow readers read the rows from a pipe."""
    done = sample("-n", "20000", *RECIPE, "-f", "arrow")
    with pa.ipc.open_stream(done.stdout) as reader:
        rows = reader.read_all()
    assert rows.num_rows == 20_000
    assert rows.slice(19_990).to_pylist() == expected(19_990, 20_000)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_suffix_selects_the_format(sample: Sample, tmp_path: Path, suffix: str):
    """--output is written in the format of its suffix, with whole values and every row."""
    path = tmp_path / f"rows{suffix}"
    assert sample("-n", "20000", *RECIPE, "-o", str(path)).returncode == 0
    assert read(path) == expected(0, 20_000)[-1]
    loud = tmp_path / f"ROWS{suffix.upper()}"
    assert sample("-n", "20000", *RECIPE, "-o", str(loud)).returncode == 0
    assert loud.read_bytes() == path.read_bytes() or suffix == ".avro"  # a random sync marker


def read(path: Path) -> dict[str, Any]:
    """Return the last of the 20,000 rows of a file, as the reader of its suffix reads it."""
    match path.suffix:
        case ".json" | ".jsonl" | ".ndjson":
            rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        case ".csv":
            rows = pa.csv.read_csv(path).to_pylist()
        case ".avro":
            with path.open("rb") as file:
                rows = [dict(row) for row in fastavro.reader(file)]  # type: ignore[call-overload]
        case ".arrows":
            rows = pa.ipc.open_stream(path).read_all().to_pylist()
        case ".parquet":
            rows = pa.parquet.read_table(path).to_pylist()
        case _:
            rows = pa.feather.read_table(path).to_pylist()
    assert len(rows) == 20_000
    last = rows[-1]
    if isinstance(last["timestamp"], str):
        last["timestamp"] = dt.datetime.fromisoformat(last["timestamp"])
    return {**last, "timestamp": last["timestamp"].astimezone(dt.UTC)} | {
        "geracao_id": str(last["geracao_id"])
    }


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("rows.xlsx", "unknown suffix '.xlsx'"),
        ("rows.csv.gz", "unknown suffix '.gz'"),
        ("rows", "the name has no suffix"),
        (".parquet", "the name has no suffix"),
    ],
)
def test_an_unknown_suffix_is_an_error(sample: Sample, tmp_path: Path, name: str, reason: str):
    """The error lists the suffixes, and nothing is written; --format takes precedence."""
    path = tmp_path / name
    done = sample("-o", str(path))
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"gerador: --output {path}: {reason}; expected one of {', '.join(SUFFIXES)}, "
        "or add --format\n"
    )
    assert not path.exists()
    assert sample("-n", "3", *RECIPE, "-f", "csv", "-o", str(path)).returncode == 0
    assert path.read_text("utf-8").startswith('"nome"')


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rows_that_fail_keep_an_existing_file(sample: Sample, tmp_path: Path, suffix: str):
    """An error of the first rows is one line, and the file is as before."""
    scenario = tmp_path / "s.yaml"
    scenario.write_text(
        "streams: {s: {rate: 1, fields: {a: {sequence: {}}, "
        "b: {sql: \"CAST(repeat('x', a + 1) AS INTEGER)\", type: int}}}}",
        "utf-8",
    )
    path = tmp_path / f"rows{suffix}"
    path.write_text("before", "utf-8")
    done = sample(str(scenario), "-n", "3", "-o", str(path))
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
    assert path.read_text("utf-8") == "before"


def test_format_takes_precedence_over_the_suffix(sample: Sample, tmp_path: Path):
    """--format wins, also `table`."""
    path = tmp_path / "rows.parquet"
    assert sample("-n", "3", *RECIPE, "-f", "json", "-o", str(path)).returncode == 0
    assert len(path.read_text("utf-8").splitlines()) == 3
    assert sample("-n", "3", *RECIPE, "-f", "table", "-o", str(path)).returncode == 0
    assert "nome" in path.read_text("utf-8").splitlines()[0]


@pytest.mark.parametrize("form", FORMATS)
def test_rows_are_streamed(monkeypatch: pytest.MonkeyPatch, form: str):
    """No format keeps the rows in memory: bytes are written before the last rows are generated."""
    monkeypatch.setattr("gerador.api.parquet_writer.ROW_GROUP_ROWS", 1)
    stream = gerador.stream(seed=42, start=START, rate=1_000)
    most = 0
    for first in FORMATS[form].write(stream, 0, 10 * CHUNK_ROWS):
        most = max(most, len(first))
    assert most < 6_000_000, "bytes of more than two chunks at once"


@pytest.mark.parametrize("form", ["table", *FORMATS])
def test_zero_rows_are_valid(sample: Sample, form: str):
    """Zero rows give an empty result in each format."""
    assert sample("-n", "0", "-f", form).returncode == 0


def test_the_table_shows_the_command_that_reproduces_it(sample: Sample):
    """Stderr has a command that prints the same table to stdout."""
    first = sample("-n", "3")
    line = first.stderr.decode().splitlines()[-1]
    assert line.startswith("Reproduce: gerador sample ")
    again = sample(*shlex.split(line.partition("gerador sample ")[2]))
    assert again.stdout == first.stdout
    assert all(key in first.stdout.decode() for key in KEYS)


def test_a_bounded_stream_ends(sample: Sample, tmp_path: Path):
    """Rows after the last one of a stream are not printed, and the command says so."""
    (file := tmp_path / "s.yaml").write_text("streams: {s: {rows: 5, fields: {n: {sequence: 1}}}}")
    done = sample(str(file), "-n", "100", "-f", "json", "-o", str(tmp_path / "rows.json"))
    assert (tmp_path / "rows.json").read_text() == "".join(f'{{"n":{n}}}\n' for n in range(1, 6))
    first, second = done.stderr.decode().splitlines()
    assert first == "stream 's' ends at row 4"
    assert " -n 5 " in second
    assert sample(str(file), "-n", "2", "--from", "3", "-f", "json").stdout.count(b"\n") == 2
    late = sample(str(file), "--from", "5")
    assert (late.returncode, late.stdout) == (2, b"")
    assert late.stderr.decode() == "gerador: --from 5: stream 's' ends at row 4\n"


@pytest.mark.parametrize("source", [[], ["ecommerce", "--stream", "clientes"]])
def test_locale(sample: Sample, source: list[str]):
    """--locale replaces that of the source, and is part of the command that reproduces it."""
    recipe = ["-n", "20", "--seed", "1", "--start", START, "-f", "json"]
    usual, brazilian, other = (
        sample(*source, *recipe, *locale).stdout
        for locale in ((), ("--locale", "pt_BR"), ("--locale", "en_US"))
    )
    assert usual == brazilian != other
    printed = sample(*source, "-n", "1", "--locale", "en_US").stderr.decode()
    assert printed.strip().endswith("--locale en_US")
    assert b"did you mean 'en_US'?" in sample("--locale", "en_UX").stderr


def test_a_long_table_is_cut_with_a_note(sample: Sample):
    """A table shows a thousand rows and a note on the rest."""
    done = sample("-n", "1500", *RECIPE)
    assert len(done.stdout.splitlines()) == 1_002
    assert b"1000 of 1500 rows shown" in done.stderr


def test_any_schema_has_rows(sample: Sample, tmp_path: Path):
    """Rows of a schema with nested and logical types are printed in each text format."""
    fields = [
        {"name": "l", "type": {"type": "array", "items": ["null", "int"]}},
        {"name": "u", "type": ["int", "string", {"type": "map", "values": "double"}]},
        {"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": 6}},
    ]
    path = tmp_path / "any.avsc"
    path.write_text(json.dumps({"type": "record", "name": "Any", "fields": fields}), "utf-8")
    done = sample(str(path), "-n", "2100", "--seed", "1", "-f", "json")
    rows = gerador.stream(schema=path, seed=1).rows(0, 2_100).to_pylist()
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["l"] for r in found] == [r["l"] for r in rows]
    assert [r["u"] for r in found] == [
        dict(r["u"]) if isinstance(r["u"], list) else r["u"] for r in rows
    ]
    for form in ("table", "csv"):
        assert sample(str(path), "-f", form).returncode == 0


def test_a_closed_pipe_is_no_error():
    """A closed pipe, as with head, ends the command silently."""
    command = " ".join(shlex.quote(w) for w in [sys.executable, "-m", "gerador", "sample"])
    done = subprocess.run(  # noqa: S602 - a pipe is what is tried
        f"{command} -n 1000000 -f json | head -n 1", shell=True, capture_output=True, check=False
    )
    assert json.loads(done.stdout)["nome"]
    assert done.stderr == b""


@pytest.mark.parametrize("form", ["avro", "arrow", "parquet"])
def test_binary_is_kept_from_a_terminal(form: str):
    """A binary format is not written to a terminal; the error names the alternatives."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "gerador", "sample", "-f", form]
    done = subprocess.run(program, check=False, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert b"--output PATH" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "jsn"], "did you mean 'json'"),
        (["nowhere.avsc"], "nowhere.avsc: cannot be read"),
        (["-n", "-1"], "'--rows': -1 is not in the range"),
        (["--from", "1.5"], "'--from': '1.5' is not a valid integer"),
        (["--seed", "-1"], "'--seed': -1 is not in the range"),
        (["--seed", str(2**63)], f"seed {2**63}"),
        (["--rate", "0"], "--rate '0' is outside"),
        (["--start", "soon"], "start 'soon'"),
        (["-f", "csv", "-o", "/nowhere/file"], "--output /nowhere/file"),
    ],
)
def test_an_invalid_value_is_one_line(sample: Sample, arguments: list[str], message: str):
    """An invalid option is one line that names it, with exit code 2."""
    done = sample(*arguments)
    assert done.returncode == 2
    assert done.stdout == b""
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr.decode()
