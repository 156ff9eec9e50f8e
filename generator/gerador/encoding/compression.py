"""Kafka's compression codecs (gzip, snappy, lz4, zstd). Every codec releases the GIL."""

from __future__ import annotations

import struct
from enum import Enum
from typing import TYPE_CHECKING, Final

import cramjam

if TYPE_CHECKING:
    from collections.abc import Callable


GZIP_LEVEL: Final = 6
LZ4_BLOCK_BYTES: Final = 64 * 1024
"""The block size of the Java client."""
ZSTD_LEVEL: Final = 3
XERIAL_BLOCK_BYTES: Final = 32 * 1024
_XERIAL_HEADER: Final = b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1)
_LZ4_HEADER: Final = bytes.fromhex("04224d18 60 40 82")
"""Magic, version 1 with independent blocks, 64 KiB blocks, and the checksum of both bytes."""
_LZ4_STORED: Final = 1 << 31
_LZ4_END: Final = bytes(4)


class Compression(Enum):
    """A codec by its value of Kafka's `compression.type`."""

    NONE = "none"
    GZIP = "gzip"
    SNAPPY = "snappy"
    LZ4 = "lz4"
    ZSTD = "zstd"

    @property
    def code(self) -> int:
        """The number of the codec in the attributes of a record batch."""
        return _CODES[self]

    def compress(self, records: memoryview) -> bytes | bytearray | memoryview:
        """Compress the records of a batch; NONE returns them unchanged."""
        compress = _COMPRESS[self]
        return compress(records) if compress else records


def _gzip(records: memoryview) -> memoryview:
    return memoryview(cramjam.gzip.compress(records, level=GZIP_LEVEL))


def _zstd(records: memoryview) -> memoryview:
    return memoryview(cramjam.zstd.compress(records, level=ZSTD_LEVEL))


def _lz4(records: memoryview) -> bytearray:
    """Return an LZ4 frame of independent blocks.

    cramjam's frame compressor holds the GIL, its block compressor does not.
    """
    out = bytearray(_LZ4_HEADER)
    for at in range(0, len(records), LZ4_BLOCK_BYTES):
        raw = records[at : at + LZ4_BLOCK_BYTES]
        block = memoryview(cramjam.lz4.compress_block(raw, store_size=False))
        if len(block) < len(raw):
            out += struct.pack("<I", len(block)) + block
        else:
            out += struct.pack("<I", len(raw) | _LZ4_STORED) + raw
    return out + _LZ4_END


def _snappy(records: memoryview) -> bytearray:
    out = bytearray(_XERIAL_HEADER)
    for at in range(0, len(records), XERIAL_BLOCK_BYTES):
        block = memoryview(cramjam.snappy.compress_raw(records[at : at + XERIAL_BLOCK_BYTES]))
        out += struct.pack(">i", len(block))
        out += block
    return out


_CODES: Final = {codec: code for code, codec in enumerate(Compression)}
_COMPRESS: Final[
    dict[Compression, Callable[[memoryview], bytes | bytearray | memoryview] | None]
] = {
    Compression.NONE: None,
    Compression.GZIP: _gzip,
    Compression.SNAPPY: _snappy,
    Compression.LZ4: _lz4,
    Compression.ZSTD: _zstd,
}
