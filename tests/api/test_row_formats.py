from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.api import row_formats
from tests.api.any_rows import SCHEMA, SHOWN, any_rows
from tests.api.fake_service import REGISTRO, people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def written(write: Callable[..., Iterator[bytes]], batch: pa.RecordBatch) -> bytes:
    """Return the whole text."""
    return b"".join(write(batch, SCHEMA.root))


def test_every_type_reads_as_documented_in_json():
    """Each Avro type has one form in JSON, nested or not, null or not."""
    assert json.loads(written(row_formats.write_json, any_rows())) == SHOWN


@given(first=st.integers(0, 6), rows=st.integers(0, 6))
def test_a_slice_shows_its_own_rows(first: int, rows: int):
    """A slice of a record batch, with its hidden offsets, shows exactly its rows."""
    batch = any_rows().slice(first, rows)
    assert json.loads(written(row_formats.write_json, batch)) == SHOWN[first : first + rows]


def test_ndjson_has_one_object_a_line():
    """NDJSON holds the rows of the JSON list, each on an ended line."""
    text = written(row_formats.write_ndjson, any_rows())
    assert text.endswith(b"\n")
    assert [json.loads(line) for line in text.splitlines()] == SHOWN


def test_csv_holds_nested_values_as_json():
    """CSV has a header, flat values as text, nested ones as JSON, nulls as nothing."""
    text = written(row_formats.write_csv, any_rows()).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [f.name for f in SCHEMA.root.fields]
    assert rows[3]["nanos"] == SHOWN[3]["nanos"]
    assert rows[3]["raw"] == "Yg=="
    assert json.loads(rows[3]["map"]) == SHOWN[3]["map"]
    assert json.loads(rows[3]["list"]) == SHOWN[3]["list"]
    assert rows[0]["map"] == ""


def test_an_arrow_stream_holds_the_columns_without_pools():
    """Text that came as a dictionary of a pool is sent as plain text, with the same values."""
    batch = people(3)
    stream = pa.ipc.open_stream(b"".join(row_formats.write_arrow(batch, REGISTRO.root)))
    table = stream.read_all()
    assert table.schema.field("nome").type == pa.string()
    assert table.schema.field("timestamp").type == pa.timestamp("ms", "UTC")
    assert table.to_pylist() == batch.to_pylist()


@pytest.mark.parametrize("rows", [0, 1, 999, 1000, 1001, 2500])
def test_chunks_join_without_a_seam(rows: int):
    """However many chunks the rows take, each format reads back to all of them."""
    batch = people(rows)
    names = [f"Ana {n}" for n in range(rows)]
    whole = {
        f.media_type: b"".join(f.write(batch, REGISTRO.root)) for f in row_formats.FORMATS.values()
    }
    assert [r["nome"] for r in json.loads(whole[row_formats.JSON])] == names
    lines = whole[row_formats.NDJSON].splitlines()
    assert [json.loads(line)["nome"] for line in lines] == names
    table = csv.DictReader(io.StringIO(whole[row_formats.CSV].decode()))
    assert [r["nome"] for r in table] == names
    assert table.fieldnames == [f.name for f in REGISTRO.root.fields]
    assert pa.ipc.open_stream(whole[row_formats.ARROW]).read_all()["nome"].to_pylist() == names


def test_no_chunk_holds_more_than_its_rows():
    """Each piece of text is made of CHUNK_ROWS rows at most, so memory stays flat."""
    chunks = list(row_formats.write_ndjson(people(2500), REGISTRO.root))
    assert [chunk.count(b"\n") for chunk in chunks] == [1000, 1000, 500]
