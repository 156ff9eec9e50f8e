"""The Python API: `import gerador`."""

from __future__ import annotations

import doctest
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module, metadata, resources
from typing import TYPE_CHECKING, Any

import fastavro
import pytest

import gerador

if TYPE_CHECKING:
    from pathlib import Path

START = "2026-01-01T00:00:00Z"
POINT = {"type": "record", "name": "geo.Point", "fields": [{"name": "x", "type": "int"}]}


def test_docstring_examples():
    """The examples of the package docstring are correct."""
    outcome = doctest.testmod(gerador)
    assert outcome.attempted > 8
    assert outcome.failed == 0


def test_import_loads_no_dependencies():
    """`import gerador` does not import Arrow, numpy or Faker."""
    program = "import sys, gerador; print({'numpy', 'pyarrow', 'faker'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert result.stdout.strip() == "set()"


def test_version():
    """`__version__` is the version of the installed distribution."""
    assert gerador.__version__ == metadata.version("gerador-stream")


def test_public_names_stay_functions():
    """`gerador.stream` is a function, also after its module is imported."""
    assert callable(gerador.stream)
    import_module("gerador.python_api")
    assert callable(gerador.stream)
    assert callable(gerador.streams)


def test_the_package_is_typed():
    """The package contains the marker of PEP 561."""
    assert resources.files(gerador).joinpath("py.typed").is_file()


def test_encoded_rows_are_the_rows():
    """Decoded by fastavro, the datums are the values of the columns."""
    stream = gerador.stream(seed=42, start=START, rate=1_000)
    schema = json.loads(stream.spec.schema.json)
    read = [fastavro.schemaless_reader(io.BytesIO(d), schema, None) for d in stream.encode(5, 9)]
    rows = stream.rows(5, 9).to_pylist()
    assert [{**r, "geracao_id": str(r["geracao_id"])} for r in read] == rows


@pytest.mark.parametrize("form", ["dict", "text", "path", "str path"])
def test_forms_of_schemas(form: str, tmp_path: Path):
    """A dict, JSON text and a file path of the same schema have the same rows."""
    path = tmp_path / "point.avsc"
    path.write_text(json.dumps(POINT), "utf-8")
    forms: dict[str, Any] = {
        "dict": POINT, "text": f"\n {json.dumps(POINT)}", "path": path, "str path": str(path),
    }  # fmt: skip
    stream = gerador.stream(schema=forms[form], seed=3, start=START)
    assert stream.spec.name == "Point"
    expected = gerador.stream(schema=POINT, seed=3, start=START).rows(0, 9)
    assert stream.rows(0, 9).equals(expected)


def test_default_seed_and_start_are_available():
    """The random seed and the start of a stream reproduce its rows."""
    chosen = gerador.stream()
    again = gerador.stream(seed=chosen.seed, start=chosen.start)
    assert again.rows(0, 100).equals(chosen.rows(0, 100))
    assert chosen.start.microsecond % 1_000 == 0
    assert chosen.seed != gerador.stream().seed


def test_rates_and_generations():
    """Event time by rate, by millisecond at max, and by generations of 1,000 by default."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    last: dict[Any, datetime] = {}
    for rate in (10, "max", None):
        rows = gerador.stream(seed=1, start=start, rate=rate).rows(1_009, 1_010)
        last[rate] = rows["timestamp"][0].as_py()
    assert {k: (v - start).total_seconds() for k, v in last.items()} == {
        10: 100.9, "max": 1.009, None: 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "registro"}, "did you mean 'registros'"),
        ({"seed": -1}, "seed -1"),
        ({"rate": 0}, "rate 0"),
        ({"start": "now"}, "start 'now'"),
        ({"interval_s": -1}, "interval -1"),
        ({"generation_rows": 0}, "generation of 0 rows"),
        ({"schema": "nowhere.avsc"}, "nowhere.avsc: cannot be read"),
        ({"schema": '{"type": "int"'}, "not JSON"),
        ({"schema": {"type": "itn"}}, "unknown type 'itn'"),
        ({"schema": {"type": object()}}, "schema: not JSON"),
    ],
)
def test_invalid_arguments(arguments: dict[str, Any], message: str):
    """An invalid argument is a GeradorError with one line that names the value."""
    with pytest.raises(gerador.GeradorError, match=message) as caught:
        gerador.stream(**arguments)
    assert "\n" not in str(caught.value)
