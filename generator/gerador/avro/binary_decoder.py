"""Decode values in Avro binary encoding to plain Python values."""

from __future__ import annotations

import struct
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gerador.avro.schema import (
    Array,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    branch_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


VARINT_BYTES_MAX = 10


class BinaryDecoder:
    """Decodes values of one type from bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def decode(self, avro_type: AvroType) -> Iterator[Any]:
        """Yield values of `avro_type` until the end of the bytes.

        Raises ValueError: the bytes are not values of the type.
        """
        while self._position < len(self._data):
            start = self._position
            yield self._read_value(avro_type)
            if self._position == start:
                raise ValueError("values have no bytes, so that they cannot be counted")

    def _read_value(self, avro_type: AvroType) -> Any:
        match avro_type:
            case Primitive():
                return self._read_primitive(avro_type)
            case Fixed():
                return _bytes_value(self._read(avro_type.size), avro_type)
            case Enum():
                return avro_type.symbols[self._read_index(len(avro_type.symbols))]
            case Array():
                return [self._read_value(avro_type.items) for _ in self._read_entries()]
            case Map():
                return {
                    self._read_text(): self._read_value(avro_type.values)
                    for _ in self._read_entries()
                }
            case Record():
                return {f.name: self._read_value(f.type) for f in avro_type.fields}
            case Union():
                return self._read_union(avro_type)

    def _read_union(self, union: Union) -> Any:
        branch = union.branches[self._read_index(len(union.branches))]
        value = self._read_value(branch)
        return (
            value
            if value is None or union.null_branch is not None
            else {branch_name(branch): value}
        )

    def _read_primitive(self, primitive: Primitive) -> Any:
        match primitive.name:
            case "null":
                return None
            case "boolean":
                return self._read(1) != b"\0"
            case "int" | "long":
                return self._read_long()
            case "float":
                return struct.unpack("<f", self._read(4))[0]
            case "double":
                return struct.unpack("<d", self._read(8))[0]
            case "bytes":
                return _bytes_value(self._read(self._read_long()), primitive)
        return self._read_text()

    def _read_text(self) -> str:
        return self._read(self._read_long()).decode()

    def _read(self, size: int) -> bytes:
        if not 0 <= size <= len(self._data) - self._position:
            raise ValueError(f"{size} bytes needed at byte {self._position}, but fewer are left")
        self._position += size
        return self._data[self._position - size : self._position]

    def _read_long(self) -> int:
        value = 0
        for index in range(VARINT_BYTES_MAX):
            byte = self._read(1)[0]
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)
        raise ValueError(
            f"integer longer than {VARINT_BYTES_MAX} bytes before byte {self._position}"
        )

    def _read_index(self, size: int) -> int:
        index = self._read_long()
        if not 0 <= index < size:
            raise ValueError(f"index {index} of {size} choices before byte {self._position}")
        return index

    def _read_entries(self) -> Iterator[None]:
        """Yield once for each entry of an array or a map, over all its blocks."""
        while count := self._read_long():
            if count < 0:
                self._read_long()
            if abs(count) > len(self._data):
                raise ValueError(
                    f"{abs(count)} entries before byte {self._position}, in {len(self._data)} bytes"
                )
            yield from (None for _ in range(abs(count)))


def _bytes_value(data: bytes, avro_type: Primitive | Fixed) -> Any:
    """Return bytes as Latin-1 text; a decimal as its number in text."""
    logical = avro_type.logical
    if logical is not None and logical.name == "decimal":
        return str(Decimal(int.from_bytes(data, "big", signed=True)).scaleb(-logical.scale))
    return data.decode("latin-1")
