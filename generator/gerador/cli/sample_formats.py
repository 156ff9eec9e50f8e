"""What `gerador sample` writes for programs: JSON lines, CSV, Avro and Arrow.

JSON, CSV and Arrow are written as GET /dados writes them; Avro by the encoder of the data path.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from gerador.scenario.avro import Record
    from gerador.table import Stream

PIECE_ROWS: Final = 16_384
"""Rows that are turned into text or bytes together."""


@dataclass(frozen=True, slots=True)
class Written:
    """A format: whether it is binary, and what yields the bytes of rows [a, b)."""

    binary: bool
    write: Callable[[Stream, int, int], Iterator[bytes]]


def _pieces(stream: Stream, a: int, b: int) -> Iterator[pa.RecordBatch]:
    for first in range(a, b, PIECE_ROWS):
        yield stream.rows(first, min(first + PIECE_ROWS, b))


def _json(stream: Stream, a: int, b: int) -> Iterator[bytes]:
    from gerador.api.formats import write_ndjson  # noqa: PLC0415 - only what is asked for loads

    for rows in _pieces(stream, a, b):
        yield from write_ndjson(rows, stream.spec.schema.root)


def _csv(stream: Stream, a: int, b: int) -> Iterator[bytes]:
    from gerador.api.formats import write_csv  # noqa: PLC0415

    record: Record = stream.spec.schema.root
    yield next(write_csv(stream.rows(a, a), record))
    for rows in _pieces(stream, a, b):
        parts = write_csv(rows, record)
        next(parts)  # the header, which stands there already
        yield from parts


def _arrow(stream: Stream, a: int, b: int) -> Iterator[bytes]:
    import pyarrow as pa  # noqa: PLC0415

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, stream.schema) as writer:
        for rows in _pieces(stream, a, b):
            writer.write_batch(rows)
            yield _taken(sink)
    yield _taken(sink)


def _taken(sink: io.BytesIO) -> bytes:
    taken = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return taken


def _avro(stream: Stream, a: int, b: int) -> Iterator[bytes]:
    from gerador.cli.sample_avro import ContainerWriter  # noqa: PLC0415

    writer = ContainerWriter(stream.spec.schema)
    yield writer.header
    for rows in _pieces(stream, a, b):
        yield writer.block(rows)


FORMATS: Final = {
    "json": Written(binary=False, write=_json),
    "csv": Written(binary=False, write=_csv),
    "avro": Written(binary=True, write=_avro),
    "arrow": Written(binary=True, write=_arrow),
}
