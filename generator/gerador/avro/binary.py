"""Decode values in Avro binary encoding to plain Python values, by schema."""

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
    """Reads values from bytes; every fault is a ValueError or an IndexError of one line."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def values(self, avro_type: AvroType) -> Iterator[Any]:
        """Yield values of a type until the bytes end.

        Raises ValueError: bytes that are no such value.
        """
        while self._at < len(self._data):
            before = self._at
            yield self._value(avro_type)
            if self._at == before:
                raise ValueError("values of no bytes; their number cannot be told")

    def _value(self, avro_type: AvroType) -> Any:
        match avro_type:
            case Primitive():
                return self._primitive(avro_type)
            case Fixed():
                return _bytes_value(self._taken(avro_type.size), avro_type)
            case Enum():
                return avro_type.symbols[self._index(len(avro_type.symbols))]
            case Array():
                return [self._value(avro_type.items) for _ in self._entries()]
            case Map():
                return {self._text(): self._value(avro_type.values) for _ in self._entries()}
            case Record():
                return {f.name: self._value(f.type) for f in avro_type.fields}
            case Union():
                return self._branch(avro_type)

    def _branch(self, union: Union) -> Any:
        branch = union.branches[self._index(len(union.branches))]
        value = self._value(branch)
        return (
            value
            if value is None or union.null_branch is not None
            else {branch_name(branch): value}
        )

    def _primitive(self, primitive: Primitive) -> Any:
        match primitive.name:
            case "null":
                return None
            case "boolean":
                return self._taken(1) != b"\0"
            case "int" | "long":
                return self._long()
            case "float":
                return struct.unpack("<f", self._taken(4))[0]
            case "double":
                return struct.unpack("<d", self._taken(8))[0]
            case "bytes":
                return _bytes_value(self._taken(self._long()), primitive)
        return self._text()

    def _text(self) -> str:
        return self._taken(self._long()).decode()

    def _taken(self, size: int) -> bytes:
        if not 0 <= size <= len(self._data) - self._at:
            raise ValueError(f"{size} bytes wanted at byte {self._at}, where fewer are left")
        self._at += size
        return self._data[self._at - size : self._at]

    def _long(self) -> int:
        value = 0
        for place in range(VARINT_BYTES_MAX):
            octet = self._taken(1)[0]
            value |= (octet & 0x7F) << (7 * place)
            if octet < 0x80:
                return (value >> 1) ^ -(value & 1)
        raise ValueError(f"a number of over {VARINT_BYTES_MAX} bytes before byte {self._at}")

    def _index(self, size: int) -> int:
        index = self._long()
        if not 0 <= index < size:
            raise ValueError(f"choice {index} of {size} before byte {self._at}")
        return index

    def _entries(self) -> Iterator[None]:
        """Yield once for each entry of an array or a map, block by block."""
        while count := self._long():
            if count < 0:
                self._long()
            if abs(count) > len(self._data):
                raise ValueError(f"{abs(count)} entries before byte {self._at}, in fewer bytes")
            yield from (None for _ in range(abs(count)))


def _bytes_value(data: bytes, avro_type: Primitive | Fixed) -> Any:
    """Return bytes as a text of one character each, and those of a decimal as its text."""
    logical = avro_type.logical
    if logical is not None and logical.name == "decimal":
        return str(Decimal(int.from_bytes(data, "big", signed=True)).scaleb(-logical.scale))
    return data.decode("latin-1")
