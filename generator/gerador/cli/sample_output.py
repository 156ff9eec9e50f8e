"""Output of `gerador sample`: JSON lines, CSV, Avro, Arrow and Parquet, to a file or stdout."""

from __future__ import annotations

import itertools
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from gerador.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from gerador.avro.schema import Record
    from gerador.python_api import Stream


CHUNK_ROWS: Final = 16_384
"""Rows converted to text or bytes at a time."""


@dataclass(frozen=True, slots=True)
class SampleFormat:
    """A format: whether it is binary, and a function that yields the bytes of rows [a, b).

    The function yields nothing before the first rows are generated.
    """

    binary: bool
    write: Callable[[Stream, int, int], Iterator[bytes]]


def _chunks(stream: Stream, a: int, b: int) -> Iterator[pa.RecordBatch]:
    for first in range(a, b, CHUNK_ROWS):
        yield stream.rows(first, min(first + CHUNK_ROWS, b))


def _write_json(stream: Stream, a: int, b: int) -> Iterator[bytes]:
    from gerador.api.row_writers import write_ndjson  # noqa: PLC0415 - each format imports its own

    for rows in _chunks(stream, a, b):
        yield from write_ndjson(rows, stream.spec.schema.root)


def _write_csv(stream: Stream, a: int, b: int) -> Iterator[bytes]:
    from gerador.api.row_writers import write_csv  # noqa: PLC0415

    record: Record = stream.spec.schema.root
    header = next(write_csv(stream.rows(a, a), record))
    for rows in _chunks(stream, a, b):
        parts = write_csv(rows, record)
        next(parts)  # the header, which the first chunk has
        for part in parts:
            yield header + part
            header = b""
    yield header


def _write_arrow(stream: Stream, a: int, b: int) -> Iterator[bytes]:
    """Yield an Arrow IPC stream."""
    return _arrow("new_stream", stream, a, b)


def _write_arrow_file(stream: Stream, a: int, b: int) -> Iterator[bytes]:
    """Yield an Arrow IPC file: a stream with a footer, for random access."""
    return _arrow("new_file", stream, a, b)


def _arrow(kind: str, stream: Stream, a: int, b: int) -> Iterator[bytes]:
    import pyarrow as pa  # noqa: PLC0415

    from gerador.api.row_writers import ChunkBuffer  # noqa: PLC0415

    sink = ChunkBuffer()
    with getattr(pa.ipc, kind)(sink, stream.schema) as writer:
        for rows in _chunks(stream, a, b):
            writer.write_batch(rows)
            yield sink.take()
    yield sink.take()


def _write_parquet(stream: Stream, a: int, b: int) -> Iterator[bytes]:
    from gerador.api.parquet_writer import write_parquet  # noqa: PLC0415

    chunks = itertools.chain([stream.rows(a, a)], _chunks(stream, a, b))
    return write_parquet(chunks, stream.spec.schema.root)


def _write_avro(stream: Stream, a: int, b: int) -> Iterator[bytes]:
    from gerador.encoding.avro_container import ContainerWriter  # noqa: PLC0415

    writer = ContainerWriter(stream.spec.schema)
    header = writer.header
    for rows in _chunks(stream, a, b):
        yield header + writer.block(rows)
        header = b""
    yield header


FORMATS: Final = {
    "json": SampleFormat(binary=False, write=_write_json),
    "csv": SampleFormat(binary=False, write=_write_csv),
    "avro": SampleFormat(binary=True, write=_write_avro),
    "arrow": SampleFormat(binary=True, write=_write_arrow),
    "parquet": SampleFormat(binary=True, write=_write_parquet),
}
_ARROW_FILE: Final = SampleFormat(binary=True, write=_write_arrow_file)
ARROW_STREAM_SUFFIX: Final = ".arrows"
"""Suffix of an Arrow IPC stream in a file. Source: Arrow, "Serialization and IPC", file names."""
SUFFIXES: Final = {
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".csv": "csv",
    ".avro": "avro",
    ".arrow": "arrow",
    ".feather": "arrow",
    ARROW_STREAM_SUFFIX: "arrow",
    ".parquet": "parquet",
}
"""The format of an output file, by the suffix of its name."""


def format_of(output: Path) -> str:
    """Return the format of a file by the suffix of its name, in capitals too.

    Raises SettingError: no suffix, or an unknown one.
    """
    suffix = output.suffix
    if suffix.lower() in SUFFIXES:
        return SUFFIXES[suffix.lower()]
    reason = f"unknown suffix '{suffix}'" if suffix else "the name has no suffix"
    expected = ", ".join(SUFFIXES)
    raise SettingError(f"--output {output}: {reason}; expected one of {expected}, or add --format")


def sample_format(form: str, output: Path | None) -> SampleFormat:
    """Return the format of a name in `FORMATS`.

    Arrow in a file is an IPC file, which pandas and Polars open by its name, except with the
    suffix of a stream; on stdout, which has no end to seek to, it is a stream.
    """
    if form != "arrow" or output is None or output.suffix.lower() == ARROW_STREAM_SUFFIX:
        return FORMATS[form]
    return _ARROW_FILE


@contextmanager
def open_output(output: Path | None, *, binary: bool, form: str) -> Iterator[BinaryIO]:
    """Open the file, or stdout as bytes; stdout stays open.

    Raises SettingError: the file cannot be written, or binary data would go to a terminal.
    """
    if output is None:
        if binary and sys.stdout.isatty():
            raise SettingError(
                f"--format {form} is binary and stdout is a terminal; add --output PATH or a pipe"
            )
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        file = output.open("wb")
    except OSError as e:
        raise SettingError(f"--output {output}: cannot write: {e.strerror}") from e
    with file:
        yield file


@contextmanager
def ignore_broken_pipe() -> Iterator[None]:
    """End silently when the reader of stdout is gone, as with ``| head``.

    Redirects buffered output to the null device: the interpreter would report an error at exit
    (Python documentation, "Note on SIGPIPE").
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
