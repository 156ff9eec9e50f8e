"""Varints and length-prefixed bytes of single values, for Avro, Kafka and Protocol Buffers."""

from __future__ import annotations


def encode_unsigned_varint(value: int) -> bytes:
    """Return `value` as an unsigned varint: 7 bits a byte, lowest first. Range: [0, 2**64)."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def encode_varint(value: int) -> bytes:
    """Return `value` as a zig-zag varint. Range: signed 64 bits."""
    return encode_unsigned_varint((value << 1) ^ (value >> 63))


def length_prefixed(content: bytes | None) -> bytes:
    """Return `content` after its length as a zig-zag varint. None: Kafka's null, length -1."""
    return encode_varint(-1) if content is None else encode_varint(len(content)) + content
