"""The columns of Kafka records: key, value, timestamp, partition and headers, and their size in a record batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gerador.encoding.encoded_values import constant
from gerador.encoding.kernels.fixed_and_varint import write_varint
from gerador.encoding.kernels.kafka_records import measure_nullable_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence, Sized

    from gerador.encoding.encoded_values import MeasuredValues
    from gerador.kernel_compiler import I32, I64, U8, Bool


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """A record header: a value for each row, the same bytes in all, or null (None) in all.

    `is_null` ``(rows,) bool`` makes the values of single rows null, whatever their bytes.
    """

    name: str
    value: MeasuredValues | bytes | None
    is_null: Bool | None = None


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """Contiguous rows as Kafka records, a column each; all columns have as many rows.

    `timestamp_ms` ``(rows,) int64``, `partition` ``(rows,) int32``. A `key` or `value` of None is
    null in all rows; `key_is_null` and `value_is_null` ``(rows,) bool`` make single rows null,
    whatever their bytes. At most TILE_ROWS (`datum.py`) rows a piece keep the caches warm.
    """

    timestamp_ms: I64
    partition: I32
    value: MeasuredValues | None
    value_is_null: Bool | None = None
    key: MeasuredValues | None = None
    key_is_null: Bool | None = None
    headers: Sequence[RecordHeader] = ()

    def __post_init__(self) -> None:
        """Check that all columns have as many rows; kernels trust it. Raises ValueError."""
        varying = [h.value for h in self.headers if not isinstance(h.value, bytes | None)]
        measured = [m.lengths for m in (self.value, self.key, *varying) if m is not None]
        nulls = [self.value_is_null, self.key_is_null, *(h.is_null for h in self.headers)]
        masks = [m for m in nulls if m is not None]
        columns: list[Sized] = [self.timestamp_ms, self.partition, *measured, *masks]
        rows = {len(column) for column in columns}
        if len(rows) > 1:
            msg = f"columns of records differ in rows: {sorted(rows)}"
            raise ValueError(msg)


class NullableBytes:
    """A column of Kafka's nullable bytes: a varint length, -1 for null, and the bytes."""

    def __init__(self, rows: int, source: MeasuredValues | None, is_null: Bool | None) -> None:
        self._source = source
        self._nulls = None if is_null is None or not is_null.any() else np.flatnonzero(is_null)
        self.lengths = np.full(rows, -1, np.int64) if source is None else source.lengths
        if source is not None and self._nulls is not None:
            self.lengths = self.lengths.copy()
            self.lengths[self._nulls] = -1
        self._bytes_min = int(self.lengths.min()) if rows else 0

    @property
    def scratch_bytes(self) -> int:
        """Spare bytes that `write` needs: the longest value that is not to be seen."""
        if self._source is None or self._nulls is None:
            return 0
        return int(self._source.lengths[self._nulls].max())

    def measure(self, payload: I64) -> None:
        """Add each row's size to `payload`."""
        measure_nullable_bytes(self.lengths, payload)

    def write(self, out: U8, cursors: I64, scratch_at: int) -> None:
        """Write every row; null rows' own bytes go to the scratch space, one over another."""
        write_varint(self.lengths, max(0, self._bytes_min), out, cursors)
        if self._source is None:
            return
        if self._nulls is None:
            self._source.write(out, cursors)
            return
        behind = cursors[self._nulls]
        cursors[self._nulls] = scratch_at
        self._source.write(out, cursors)
        cursors[self._nulls] = behind


class ConstantBytes:
    """The same bytes in every row."""

    scratch_bytes = 0

    def __init__(self, content: bytes) -> None:
        self._part = constant(content)

    def measure(self, payload: I64) -> None:
        """Add the size to `payload`."""
        np.add(payload, self._part.bytes_min, out=payload)

    def write(self, out: U8, cursors: I64, _scratch_at: int) -> None:
        """Write every row."""
        self._part.write(out, cursors, 0)


def payload_parts(
    records: RecordColumns, value: NullableBytes
) -> list[NullableBytes | ConstantBytes]:
    """Return the parts of a record behind its deltas, in wire order."""
    rows = len(records.timestamp_ms)
    parts: list[NullableBytes | ConstantBytes] = [
        NullableBytes(rows, records.key, records.key_is_null),
        value,
    ]
    constant = encode_varint(len(records.headers))
    for header in records.headers:
        constant += _length_prefixed(header.name.encode())
        if header.value is None or isinstance(header.value, bytes):
            constant += _length_prefixed(header.value)
        else:
            parts += [ConstantBytes(constant), NullableBytes(rows, header.value, header.is_null)]
            constant = b""
    return [*parts, ConstantBytes(constant)] if constant else parts


def encode_varint(value: int) -> bytes:
    """Return `value` as a zig-zag varint. Range: signed 64 bits."""
    rest, out = (value << 1) ^ (value >> 63), bytearray()
    while rest >= 0x80:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*out, rest])


def _length_prefixed(content: bytes | None) -> bytes:
    return encode_varint(-1) if content is None else encode_varint(len(content)) + content
