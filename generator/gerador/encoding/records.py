"""Columns of Kafka records: key, value, timestamp, partition, headers; the layout of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gerador.encoding.encoded_values import constant
from gerador.encoding.kernels.fixed_and_varint import write_varint
from gerador.encoding.kernels.kafka_records import DELTAS_BYTES_MIN, measure_nullable_bytes
from gerador.encoding.varint import encode_varint, length_prefixed
from gerador.limits import RECORD_BATCH_HEADER_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence, Sized

    from gerador.encoding.encoded_values import MeasuredValues
    from gerador.kernel_compiler import I32, I64, U8, Bool


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """A record header: one value per row, the same bytes in all rows, or None for null in all.

    `is_null` ``(rows,) bool`` marks rows whose value is null; their bytes are ignored.
    """

    name: str
    value: MeasuredValues | bytes | None
    is_null: Bool | None = None


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """Contiguous rows as columns of Kafka records, all of the same number of rows.

    `timestamp_ms` ``(rows,) int64``, `partition` ``(rows,) int32``. A `key` or `value` of None is
    null in all rows; `key_is_null` and `value_is_null` ``(rows,) bool`` mark rows where it is
    null, whose bytes are ignored. Fastest with at most `row_encoder.CHUNK_ROWS` rows.
    """

    timestamp_ms: I64
    partition: I32
    value: MeasuredValues | None
    value_is_null: Bool | None = None
    key: MeasuredValues | None = None
    key_is_null: Bool | None = None
    headers: Sequence[RecordHeader] = ()

    def __post_init__(self) -> None:
        """Check the number of rows, which kernels trust. Raises ValueError: columns differ."""
        varying = [h.value for h in self.headers if not isinstance(h.value, bytes | None)]
        measured = [m.lengths for m in (self.value, self.key, *varying) if m is not None]
        nulls = [self.value_is_null, self.key_is_null, *(h.is_null for h in self.headers)]
        masks = [m for m in nulls if m is not None]
        columns: list[Sized] = [self.timestamp_ms, self.partition, *measured, *masks]
        rows = {len(column) for column in columns}
        if len(rows) > 1:
            msg = f"record columns differ in rows: {sorted(rows)}"
            raise ValueError(msg)


class NullableBytes:
    """A column of Kafka's nullable bytes: the length as a varint, -1 for null, and the bytes."""

    def __init__(self, rows: int, values: MeasuredValues | None, is_null: Bool | None) -> None:
        self._values = values
        self._nulls = None if is_null is None or not is_null.any() else np.flatnonzero(is_null)
        self.lengths = np.full(rows, -1, np.int64) if values is None else values.lengths
        if values is not None and self._nulls is not None:
            self.lengths = self.lengths.copy()
            self.lengths[self._nulls] = -1
        self._bytes_min = int(self.lengths.min()) if rows else 0

    @property
    def scratch_bytes(self) -> int:
        """Bytes of scratch space that `write` needs: the longest value of a null row."""
        if self._values is None or self._nulls is None:
            return 0
        return int(self._values.lengths[self._nulls].max())

    def measure(self, payload_bytes: I64) -> None:
        """Add the size of each row to `payload_bytes`."""
        measure_nullable_bytes(self.lengths, payload_bytes)

    def write(self, out: U8, cursors: I64, scratch_at: int) -> None:
        """Write every row; the bytes of null rows overwrite each other in the scratch space."""
        write_varint(self.lengths, max(0, self._bytes_min), out, cursors)
        if self._values is None:
            return
        if self._nulls is None:
            self._values.write(out, cursors)
            return
        null_cursors = cursors[self._nulls]
        cursors[self._nulls] = scratch_at
        self._values.write(out, cursors)
        cursors[self._nulls] = null_cursors


class ConstantBytes:
    """The same bytes in every row."""

    scratch_bytes = 0

    def __init__(self, content: bytes) -> None:
        self._writer = constant(content)

    def measure(self, payload_bytes: I64) -> None:
        """Add the size of each row to `payload_bytes`."""
        np.add(payload_bytes, self._writer.bytes_min, out=payload_bytes)

    def write(self, out: U8, cursors: I64, _scratch_at: int) -> None:
        """Write every row."""
        self._writer.write(out, cursors, 0)


def payload_parts(
    records: RecordColumns, value: NullableBytes
) -> list[NullableBytes | ConstantBytes]:
    """Return the parts of a record after its deltas, in wire order; `value` is the value's."""
    rows = len(records.timestamp_ms)
    parts: list[NullableBytes | ConstantBytes] = [
        NullableBytes(rows, records.key, records.key_is_null),
        value,
    ]
    pending = encode_varint(len(records.headers))
    for header in records.headers:
        pending += length_prefixed(header.name.encode())
        if header.value is None or isinstance(header.value, bytes):
            pending += length_prefixed(header.value)
        else:
            parts += [ConstantBytes(pending), NullableBytes(rows, header.value, header.is_null)]
            pending = b""
    return [*parts, ConstantBytes(pending)] if pending else parts


def single_batch_bytes(records: RecordColumns) -> I64:
    """Return the size of each record in a batch of its own, uncompressed: (rows,) int64 bytes."""
    rows = len(records.partition)
    body = np.full(rows, DELTAS_BYTES_MIN, np.int64)
    value = NullableBytes(rows, records.value, records.value_is_null)
    for part in payload_parts(records, value):
        part.measure(body)
    # The length of the body is a zigzag varint: 6 bits in its first byte, 7 in each further one.
    limits = 2 ** np.arange(6, 63, 7)
    return RECORD_BATCH_HEADER_BYTES + 1 + np.searchsorted(limits, body, side="right") + body
