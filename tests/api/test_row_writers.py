from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.api import row_writers
from tests.api.any_rows import AS_JSON, SCHEMA, any_rows
from tests.api.fake_service import REGISTRO, people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def written(write: Callable[..., Iterator[bytes]], batch: pa.RecordBatch) -> bytes:
    """Return the whole text."""
    return b"".join(write(batch, SCHEMA.root))


def test_every_type_has_its_documented_json():
    """Each Avro type has one representation in JSON, nested or not, null or not."""
    assert json.loads(written(row_writers.write_json, any_rows())) == AS_JSON


@given(first=st.integers(0, 6), rows=st.integers(0, 6))
def test_a_slice_has_its_own_rows(first: int, rows: int):
    """A slice of a record batch, which has an offset, is written with exactly its rows."""
    batch = any_rows().slice(first, rows)
    assert json.loads(written(row_writers.write_json, batch)) == AS_JSON[first : first + rows]


def test_ndjson_has_one_object_per_line():
    """NDJSON has the rows of the JSON list, each on a line with a newline."""
    text = written(row_writers.write_ndjson, any_rows())
    assert text.endswith(b"\n")
    assert [json.loads(line) for line in text.splitlines()] == AS_JSON


def test_csv_has_nested_values_as_json():
    """CSV has a header, nested values as JSON, and nulls as empty fields."""
    text = written(row_writers.write_csv, any_rows()).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [f.name for f in SCHEMA.root.fields]
    assert rows[3]["nanos"] == AS_JSON[3]["nanos"]
    assert rows[3]["raw"] == "Yg=="
    assert json.loads(rows[3]["map"]) == AS_JSON[3]["map"]
    assert json.loads(rows[3]["list"]) == AS_JSON[3]["list"]
    assert rows[0]["map"] == ""


def test_an_arrow_stream_has_no_dictionaries():
    """Dictionary-encoded strings are sent as plain strings with the same values."""
    batch = people(3)
    stream = pa.ipc.open_stream(b"".join(row_writers.write_arrow(batch, REGISTRO.root)))
    table = stream.read_all()
    assert table.schema.field("nome").type == pa.string()
    assert table.schema.field("timestamp").type == pa.timestamp("ms", "UTC")
    assert table.to_pylist() == batch.to_pylist()


@pytest.mark.parametrize("rows", [0, 1, 999, 1000, 1001, 2500])
def test_rows_do_not_depend_on_chunks(rows: int):
    """For any number of chunks, each format has all rows."""
    batch = people(rows)
    names = [f"Ana {n}" for n in range(rows)]
    whole = {
        f.media_type: b"".join(f.write(batch, REGISTRO.root)) for f in row_writers.FORMATS.values()
    }
    assert [r["nome"] for r in json.loads(whole[row_writers.JSON])] == names
    lines = whole[row_writers.NDJSON].splitlines()
    assert [json.loads(line)["nome"] for line in lines] == names
    table = csv.DictReader(io.StringIO(whole[row_writers.CSV].decode()))
    assert [r["nome"] for r in table] == names
    assert table.fieldnames == [f.name for f in REGISTRO.root.fields]
    assert pa.ipc.open_stream(whole[row_writers.ARROW]).read_all()["nome"].to_pylist() == names


def test_the_rows_of_a_chunk_are_limited():
    """Each chunk has at most CHUNK_ROWS rows, which bounds memory."""
    chunks = list(row_writers.write_ndjson(people(2500), REGISTRO.root))
    assert [chunk.count(b"\n") for chunk in chunks] == [1000, 1000, 500]
