"""Writers of rows as JSON, NDJSON, CSV and Arrow IPC, in chunks.

Writers are synchronous generators of bytes, to be advanced in a worker thread. They keep one
chunk of text in memory.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.csv
from pydantic_core import to_json

from gerador.api.json_values import json_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gerador.avro.schema import Record


CHUNK_ROWS: Final = 1000
"""Rows of a chunk, which takes a few milliseconds of one thread."""

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
ARROW: Final = "application/vnd.apache.arrow.stream"


class Format(NamedTuple):
    """A media type, its Content-Type header, and its writer."""

    media_type: str
    content_type: str
    write: Callable[[pa.RecordBatch, Record], Iterator[bytes]]


def write_json(batch: pa.RecordBatch, record: Record) -> Iterator[bytes]:
    """Yield a JSON array of objects. NaN and infinities are "NaN", "Infinity", "-Infinity".

    These strings are those of Avro 1.12's JSON encoding; null would mean a missing value.
    """
    before = b"["
    for chunk in _chunks(batch):
        yield before + b",".join(json_objects(chunk, record))
        before = b","
    yield b"]" if before == b"," else b"[]"


def write_ndjson(batch: pa.RecordBatch, record: Record) -> Iterator[bytes]:
    """Yield one JSON object per line, every line ended by a newline."""
    for chunk in _chunks(batch):
        yield b"".join(line + b"\n" for line in json_objects(chunk, record))


def write_csv(batch: pa.RecordBatch, record: Record) -> Iterator[bytes]:
    """Yield CSV with a header; nested values are JSON, a null is empty and unquoted."""
    yield _csv(_nested_as_json(json_batch(batch.slice(0, 0), record)), header=True)
    for chunk in _chunks(batch):
        yield _csv(_nested_as_json(json_batch(chunk, record)), header=False)


def write_arrow(batch: pa.RecordBatch, _record: Record) -> Iterator[bytes]:
    """Yield an Arrow IPC stream; strings are not dictionary-encoded."""
    buffer = ChunkBuffer()
    schema = _decode_dictionaries(batch.slice(0, 0)).schema
    with pa.ipc.new_stream(buffer, schema) as writer:
        for chunk in _chunks(batch):
            writer.write_batch(_decode_dictionaries(chunk))
            yield buffer.take()
    yield buffer.take()


def json_objects(chunk: pa.RecordBatch, record: Record) -> Iterator[bytes]:
    """Yield each row as a JSON object on one line. Cost: microseconds of Python per row."""
    rows = json_batch(chunk, record).to_pylist(maps_as_pydicts="lossy")
    return (to_json(row, inf_nan_mode="strings") for row in rows)


FORMATS: Final = {
    f.media_type: f
    for f in (
        Format(JSON, JSON, write_json),
        Format(NDJSON, NDJSON, write_ndjson),
        Format(CSV, "text/csv; charset=utf-8; header=present", write_csv),
        Format(ARROW, ARROW, write_arrow),
    )
}
"""Formats of rows by media type; the first is the default."""


def _chunks(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    return (batch.slice(a, CHUNK_ROWS) for a in range(0, batch.num_rows, CHUNK_ROWS))


def _csv(batch: pa.RecordBatch, *, header: bool) -> bytes:
    sink = io.BytesIO()
    pyarrow.csv.write_csv(batch, sink, pyarrow.csv.WriteOptions(include_header=header))
    return sink.getvalue()


def _nested_as_json(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        _json_text(column) if pa.types.is_nested(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _json_text(column: pa.Array) -> pa.Array:
    values = column.to_pylist(maps_as_pydicts="lossy")
    return pa.array([None if v is None else _json(v) for v in values], pa.string())


def _json(value: Any) -> str:
    return to_json(value, inf_nan_mode="strings").decode()


def _decode_dictionaries(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Decode dictionaries: the whole dictionary of a pool would be sent even for one row."""
    columns = [
        column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


class ChunkBuffer(io.BytesIO):
    """A buffer that is emptied after every chunk."""

    def take(self) -> bytes:
        """Return the bytes written since the last call, and empty the buffer."""
        taken = self.getvalue()
        self.seek(0)
        self.truncate()
        return taken
