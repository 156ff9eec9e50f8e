"""Rows as Parquet: every type is readable, row groups are bounded."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

from gerador.api import parquet_writer
from gerador.api.parquet_writer import write_parquet
from gerador.avro.load import parse_avro
from gerador.errors import SettingError
from gerador.python_api import stream
from tests.api.any_rows import SCHEMA, any_rows
from tests.avro.generated_schemas import records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gerador.avro.schema import Record


def written(chunks: Iterable[pa.RecordBatch], record: Record) -> pq.ParquetFile:
    """Return the file of the rows, opened."""
    return pq.ParquetFile(io.BytesIO(b"".join(write_parquet(chunks, record))))


def test_every_type_has_a_column():
    """Values are read back; a union is a group of its branches, a duration is text."""
    rows = any_rows()
    found = written([rows.slice(0, 0), rows.slice(0, 4), rows.slice(4)], SCHEMA.root).read()
    converted = {"span", "union", "symbol"}
    same = [name for name in rows.schema.names if name not in converted]
    original = pa.Table.from_batches([rows])
    assert str(found.select(same).to_pylist()) == str(original.select(same).to_pylist())
    assert found["span"].to_pylist() == ["P1M2DT0.003S"] * 6
    assert found["symbol"].to_pylist() == ["A", "B"] * 3
    assert found["union"].to_pylist() == [
        None,
        {"member0": "s", "member1": None},
        {"member0": None, "member1": b"\x02"},
        {"member0": None, "member1": b"\x03"},
        {"member0": "t", "member1": None},
        None,
    ]


def test_unions_inside_arrays_and_maps():
    """Nested unions are groups too."""
    union = {"type": "array", "items": ["null", "int", "string"]}
    schema = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "l", "type": union},
            {"name": "m", "type": {"type": "map", "values": ["long", "boolean"]}},
        ],
    }
    made = stream(schema=schema, seed=1)
    rows = made.rows(0, 500)
    found = written([rows.slice(0, 123), rows.slice(123)], made.spec.schema.root).read().to_pylist()
    for row, expected in zip(found, rows.to_pylist(), strict=True):
        assert [_branch(value) for value in row["l"]] == expected["l"]
        assert [(k, _branch(value)) for k, value in row["m"]] == expected["m"]


def _branch(value: dict[str, Any] | None) -> Any:
    if value is None:
        return None
    (found,) = [v for v in value.values() if v is not None]
    return found


@given(records())
def test_any_schema_is_stored_or_refused(schema: dict[str, Any]):
    """Rows of any record schema have a file with as many rows, or an error of one line."""
    made = stream(schema=json.dumps(schema), seed=1)
    rows = made.rows(0, 7)
    try:
        found = written([rows], parse_avro(json.dumps(schema)).root)
    except SettingError as error:
        assert "Parquet cannot store" in str(error)  # noqa: PT017
    else:
        assert found.metadata.num_rows == 7


def test_a_type_that_parquet_does_not_have_is_named():
    """A record without fields is an error with the other formats, before a byte is written."""
    empty = {"type": "record", "name": "E", "fields": []}
    made = stream(schema={"type": "record", "name": "R", "fields": [{"name": "e", "type": empty}]})
    chunks = write_parquet([made.rows(0, 5)], made.spec.schema.root)
    with pytest.raises(
        SettingError, match=r"struct type 'e' .*[^.]; use the format json, csv, avro or arrow$"
    ):
        next(chunks)


def test_row_groups_are_bounded(monkeypatch: pytest.MonkeyPatch):
    """A group ends at its number of rows, or at its bytes."""
    made = stream(seed=1)
    chunks = [made.rows(a, a + 1_000) for a in range(0, 10_000, 1_000)]
    monkeypatch.setattr(parquet_writer, "ROW_GROUP_ROWS", 4_000)
    metadata = written(chunks, made.spec.schema.root).metadata
    groups = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    assert groups == [4_000, 4_000, 2_000]
    monkeypatch.setattr(parquet_writer, "ROW_GROUP_BYTES", 1)
    assert written(chunks, made.spec.schema.root).metadata.num_row_groups == 10


def test_no_rows_are_a_file_with_columns():
    """Zero rows are a file without row groups."""
    made = stream(seed=1)
    found = written([made.rows(0, 0)], made.spec.schema.root)
    assert found.metadata.num_row_groups == 0
    assert found.schema_arrow.names == made.schema.names
