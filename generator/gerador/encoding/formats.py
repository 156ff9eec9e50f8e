"""Selects the encoder of a value format; builds schema id prefixes and record headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.encoding.json_text.encoder import json_row_encoder
from gerador.encoding.keys import encode_keys
from gerador.encoding.protobuf.encoder import message_encoder
from gerador.encoding.protobuf.from_avro import message_record
from gerador.encoding.records import RecordHeader
from gerador.encoding.row_encoder import RowEncoder
from gerador.scenario.output import ROW_INDEX_HEADER, SCHEMA_ID_FORMATS, ConstantHeader, FieldHeader

if TYPE_CHECKING:
    from gerador.avro.schema import Record
    from gerador.scenario.output import HeaderSource, KeyFormat, Output, ValueFormat


FIRST_MESSAGE_INDEX: Final = b"\0"
"""Confluent's message indexes of a file's first message: the path [0] as one byte."""


def schema_id_prefix(form: ValueFormat | KeyFormat, schema_id: int | None) -> bytes:
    """Return the prefix of each value or key of a format; empty without a schema id.

    Source: Confluent Schema Registry, "Wire format".
    """
    if schema_id is None or form not in SCHEMA_ID_FORMATS:
        return b""
    return confluent_prefix(schema_id) + (FIRST_MESSAGE_INDEX if form == "protobuf" else b"")


def value_encoder(record: Record, value_format: ValueFormat, prefix: bytes) -> RowEncoder:
    """Return the encoder of a record's rows, each after `prefix`."""
    match value_format:
        case "avro" | "avro-raw":
            return AvroRowEncoder(record, prefix)
        case "json" | "json-schema":
            return RowEncoder(json_row_encoder(record), prefix)
        case "protobuf":
            return RowEncoder(message_encoder(message_record(record)), prefix)


def record_headers(output: Output, rows: pa.RecordBatch, first_row: int) -> list[RecordHeader]:
    """Return the record headers of `rows`; `first_row` is the row index of the first row.

    Raises DataError: a field of a type that cannot be a header.
    """
    return [_header(name, source, rows, first_row) for name, source in output.headers.items()]


def _header(name: str, source: HeaderSource, rows: pa.RecordBatch, first_row: int) -> RecordHeader:
    match source:
        case FieldHeader():
            texts = encode_keys(rows.column(source.field), source.field)
            return RecordHeader(name, texts, texts.is_null)
        case str() if source == ROW_INDEX_HEADER:
            indices = pa.array(np.arange(first_row, first_row + rows.num_rows))
            return RecordHeader(name, encode_keys(indices, name))
        case ConstantHeader():
            return RecordHeader(name, source.constant.encode())
        case str():
            return RecordHeader(name, source.encode())


def confluent_prefix(schema_id: int) -> bytes:
    """Return the five bytes that Confluent's deserializers read before a datum: 0, then the id.

    Source: Confluent Schema Registry, "Wire format". Range of `schema_id`: [0, SCHEMA_ID_MAX].
    """
    return b"\0" + schema_id.to_bytes(4, "big")
