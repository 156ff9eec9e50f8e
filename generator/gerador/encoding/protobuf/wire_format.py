"""Tags and varints of the Protocol Buffers wire format, for single values."""

from __future__ import annotations

from typing import Final

VARINT: Final = 0
FIXED_64: Final = 1
LENGTH_DELIMITED: Final = 2
FIXED_32: Final = 5


def encode_unsigned_varint(value: int) -> bytes:
    """Return `value` as a plain varint. Range: [0, 2**64)."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def encode_tag(number: int, wire_type: int) -> bytes:
    """Return what stands before a field's value."""
    return encode_unsigned_varint(number << 3 | wire_type)
