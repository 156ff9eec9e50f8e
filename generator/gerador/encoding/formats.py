"""Which encoder writes a stream's values, keys and headers, and what stands before each of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.encoding.datum import DatumEncoder, RowEncoder, confluent_prefix
from gerador.encoding.json_text.plan import plan as json_node
from gerador.encoding.json_text.plan import plan_object
from gerador.encoding.keys import encode_keys, texts_of
from gerador.encoding.measured import Datums, Rows, in_turn, literal
from gerador.encoding.nodes.node import POOLS_MAX, Entries
from gerador.encoding.plan import plan as avro_node
from gerador.encoding.protobuf.plan import plan_field, plan_message
from gerador.encoding.records import Header
from gerador.scenario.output import FRAMED, ROW_INDEX, ConstantHeader, FieldHeader

if TYPE_CHECKING:
    from gerador.encoding.keys import Keys
    from gerador.encoding.nodes.node import Node
    from gerador.scenario.avro import AvroType, Record
    from gerador.scenario.output import HeaderSource, KeyFormat, Output, ValueFormat

FIRST_MESSAGE: Final = b"\0"
"""Which message of a file it is: Confluent writes the path [0] as this one byte."""


def framing(form: ValueFormat | KeyFormat, schema_id: int | None) -> bytes:
    """Return what stands before each value or key of a format; nothing without an id.

    Source: Confluent Schema Registry, "Wire format".
    """
    if schema_id is None or form not in FRAMED:
        return b""
    return confluent_prefix(schema_id) + (FIRST_MESSAGE if form == "protobuf" else b"")


def value_encoder(record: Record, value_format: ValueFormat, prefix: bytes) -> RowEncoder:
    """Return the encoder of a record's rows; `prefix` stands before every one."""
    match value_format:
        case "avro" | "avro-raw":
            return DatumEncoder(record, prefix)
        case "json" | "json-schema":
            return RowEncoder(plan_object(record), prefix)
        case "protobuf":
            return RowEncoder(plan_message(record), prefix)


class KeyEncoder:
    """Encodes a column as record keys; `avro_type` is the key's type where it is not null.

    Remembers the encoded entries of the dictionaries that it met last.
    """

    def __init__(
        self, avro_type: AvroType, path: str, key_format: KeyFormat, prefix: bytes
    ) -> None:
        self._path = path
        self._prefix = prefix
        self._node = _key_node(avro_type, path, key_format)
        self._pool_of = lru_cache(maxsize=POOLS_MAX)(self._encode_pool)

    def encode(self, column: pa.Array) -> Keys:
        """Return the keys of a column. Cost: O(rows). Raises DataError: as `encode_keys`."""
        if isinstance(column, pa.DictionaryArray) and not column.dictionary.null_count:
            return encode_keys(column, self._path, lambda entries: self._pool_of(Entries(entries)))
        return encode_keys(column, self._path, self._encode)

    def _encode_pool(self, entries: Entries) -> Datums:
        return self._encode(entries.column)

    def _encode(self, column: pa.Array) -> Datums:
        if self._node is None:
            return texts_of(column, self._path)
        lengths = np.full(len(column), len(self._prefix), np.int64)
        part = self._node.measure(column, lengths, int)
        return Datums.of(Rows(lengths, in_turn([literal(self._prefix), part])))


def _key_node(avro_type: AvroType, path: str, key_format: KeyFormat) -> Node | None:
    match key_format:
        case "avro":
            return avro_node(avro_type, path)
        case "json" | "json-schema":
            return json_node(avro_type, path)
        case "protobuf":
            return plan_field(avro_type, path, 1)
        case "string":
            return None


def headers_of(output: Output, rows: pa.RecordBatch, first_row: int) -> list[Header]:
    """Return the record headers of `rows`, the first of which has the index `first_row`.

    Raises DataError: a field's type makes no text.
    """
    return [_header(name, source, rows, first_row) for name, source in output.headers.items()]


def _header(name: str, source: HeaderSource, rows: pa.RecordBatch, first_row: int) -> Header:
    match source:
        case FieldHeader():
            texts = encode_keys(rows.column(source.field), source.field)
            return Header(name, texts, texts.is_null)
        case str() if source == ROW_INDEX:
            indices = pa.array(np.arange(first_row, first_row + rows.num_rows))
            return Header(name, encode_keys(indices, name))
        case ConstantHeader():
            return Header(name, source.constant.encode())
        case str():
            return Header(name, source.encode())
