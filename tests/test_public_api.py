"""`import gerador`: a stream in three lines."""

from __future__ import annotations

import doctest
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import fastavro
import pytest

import gerador

if TYPE_CHECKING:
    from pathlib import Path

START = "2026-01-01T00:00:00Z"
POINT = {"type": "record", "name": "geo.Point", "fields": [{"name": "x", "type": "int"}]}


def test_the_examples_of_the_package_hold():
    """What the package's docstring shows is what happens."""
    outcome = doctest.testmod(gerador)
    assert outcome.attempted > 8
    assert outcome.failed == 0


def test_the_package_itself_imports_nothing_heavy():
    """Importing the package loads neither Arrow nor numpy nor Faker."""
    program = "import sys, gerador; print({'numpy', 'pyarrow', 'faker'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True,
                          text=True, env={"PYTHONPATH": ":".join(sys.path)})  # fmt: skip
    assert told.stdout.strip() == "set()"


def test_encoded_rows_are_the_rows():
    """Fastavro reads from the datums what the columns say."""
    stream = gerador.stream(seed=42, start=START, rate=1_000)
    schema = json.loads(stream.spec.schema.json)
    read = [fastavro.schemaless_reader(io.BytesIO(d), schema, None) for d in stream.encode(5, 9)]
    rows = stream.rows(5, 9).to_pylist()
    assert [{**r, "geracao_id": str(r["geracao_id"])} for r in read] == rows


@pytest.mark.parametrize("form", ["dict", "text", "path", "str path"])
def test_a_schema_comes_in_any_form(form: str, tmp_path: Path):
    """A schema is a dict, its JSON text, or the path of a file, to the same rows."""
    path = tmp_path / "point.avsc"
    path.write_text(json.dumps(POINT), "utf-8")
    forms: dict[str, Any] = {
        "dict": POINT, "text": f"\n {json.dumps(POINT)}", "path": path, "str path": str(path),
    }  # fmt: skip
    stream = gerador.stream(schema=forms[form], seed=3, start=START)
    assert stream.spec.name == "Point"
    expected = gerador.stream(schema=POINT, seed=3, start=START).rows(0, 9)
    assert stream.rows(0, 9).equals(expected)


def test_what_is_left_open_is_chosen_and_told():
    """Without a seed and a start, both are chosen, and repeat the rows when given."""
    chosen = gerador.stream()
    again = gerador.stream(seed=chosen.seed, start=chosen.start)
    assert again.rows(0, 100).equals(chosen.rows(0, 100))
    assert chosen.start.microsecond % 1_000 == 0
    assert chosen.seed != gerador.stream().seed


def test_rates_and_generations():
    """A rate spaces rows, full speed a millisecond each, and by default 1,000 share a second."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    last: dict[Any, datetime] = {}
    for rate in (10, "max", None):
        rows = gerador.stream(seed=1, start=start, rate=rate).rows(1_009, 1_010)
        last[rate] = rows["timestamp"][0].as_py()
    assert {k: (v - start).total_seconds() for k, v in last.items()} == {
        10: 100.9, "max": 1.009, None: 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": "registro"}, "did you mean 'registros'"),
        ({"seed": -1}, "seed -1"),
        ({"rate": 0}, "rate 0"),
        ({"start": "now"}, "start 'now'"),
        ({"interval_s": -1}, "interval -1"),
        ({"generation_rows": 0}, "generations of 0 rows"),
        ({"schema": "nowhere.avsc"}, "nowhere.avsc: cannot be read"),
        ({"schema": '{"type": "int"'}, "not JSON"),
        ({"schema": {"type": "int"}}, "must be a record"),
        ({"schema": {"type": object()}}, "schema: not JSON"),
    ],
)
def test_values_that_make_no_sense_are_one_line(wrong: dict[str, Any], told: str):
    """A wrong argument is an error of this package, in one line with the value."""
    with pytest.raises(gerador.GeradorError, match=told) as refused:
        gerador.stream(**wrong)
    assert "\n" not in str(refused.value)
