"""Wire types and field tags of the Protocol Buffers wire format."""

from __future__ import annotations

from typing import Final

from gerador.encoding.varint import encode_unsigned_varint

VARINT: Final = 0
FIXED_64: Final = 1
LENGTH_DELIMITED: Final = 2
FIXED_32: Final = 5


def encode_tag(number: int, wire_type: int) -> bytes:
    """Return the tag of the field `number`: its number and wire type as a varint."""
    return encode_unsigned_varint(number << 3 | wire_type)
