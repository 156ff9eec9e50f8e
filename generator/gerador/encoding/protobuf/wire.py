"""Single values of Protocol Buffers' wire format: tags and plain varints.

Source: Protocol Buffers, "Encoding".
"""

from __future__ import annotations

from typing import Final

VARINT: Final = 0
FIXED_64: Final = 1
SIZED: Final = 2
FIXED_32: Final = 5


def unsigned(value: int) -> bytes:
    """Return `value` as a plain varint. Range: [0, 2**64)."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field_tag(number: int, wire_type: int) -> bytes:
    """Return what stands before a field's value."""
    return unsigned(number << 3 | wire_type)
