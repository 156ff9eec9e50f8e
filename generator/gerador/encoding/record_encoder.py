"""Encodes generated rows of one stream as columns of Kafka records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.encoding.formats import record_headers, schema_id_prefix, value_encoder
from gerador.encoding.keys import KeyEncoder
from gerador.encoding.partitioner import partitions_by_key, partitions_by_row
from gerador.encoding.records import RecordColumns
from gerador.encoding.registry_schemas import NO_IDS, SchemaIds, key_type
from gerador.errors import DataError

if TYPE_CHECKING:
    from gerador.events.row_chunk import RowChunk
    from gerador.scenario.stream_spec import StreamSpec


class RecordEncoder:
    """Keys, values, headers and partitions of the records of one stream.

    `spec.output` selects the formats; `ids` are the schema ids in front of framed values and keys.
    `partitions` in [1, 1000].
    """

    def __init__(self, spec: StreamSpec, partitions: int, ids: SchemaIds = NO_IDS) -> None:
        self._spec = spec
        self._output = spec.output
        self.partitions = partitions
        prefix = schema_id_prefix(spec.output.format, ids.value)
        self._values = value_encoder(spec.schema.root, spec.output.format, prefix)
        self._key = spec.key
        self.keys = None if spec.key is None else key_encoder(spec, spec.key, ids.key)
        """None for records without a key."""

    def encode(self, chunk: RowChunk) -> RecordColumns:
        """Return the records of a chunk's rows.

        Raises DataError: columns that do not match the schema; with the place in the scenario file.
        """
        try:
            return self._encode(chunk)
        except DataError as e:
            if e.field and self._spec.locations:
                raise DataError(self._spec.located(e), field=e.field) from e
            raise

    def _encode(self, chunk: RowChunk) -> RecordColumns:
        rows, first = chunk.columns, chunk.first_row
        keys = None
        if self.keys is not None and self._key is not None:
            keys = self.keys.encode(rows.column(self._key))
            partition = partitions_by_key(keys, first, self.partitions)
        else:
            partition = partitions_by_row(first, rows.num_rows, self.partitions)
        return RecordColumns(
            timestamp_ms=chunk.event_time_ms,
            partition=partition,
            value=self._values.measure(rows, first),
            key=keys,
            key_is_null=None if keys is None else keys.is_null,
            headers=record_headers(self._output, chunk.with_hidden(), first),
        )


def key_encoder(spec: StreamSpec, key: str, schema_id: int | None) -> KeyEncoder:
    """Return the encoder of a stream's keys; `schema_id` is the key schema's, if any."""
    key_format = spec.output.key_format
    prefix = schema_id_prefix(key_format, schema_id)
    return KeyEncoder(key_type(spec.schema, key), key, key_format, prefix)
