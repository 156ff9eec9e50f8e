"""Kafka's compression codecs, as cramjam implements them. Every codec releases the GIL.

Sources: Kafka, "Record Batch", attributes bits 0 to 2; KIP-390 (levels); KIP-57 (LZ4 frames with
independent blocks); the header and the 32 KiB blocks of xerial's SnappyOutputStream.
"""

from __future__ import annotations

import struct
from enum import Enum
from typing import TYPE_CHECKING, Final

import cramjam

if TYPE_CHECKING:
    from collections.abc import Callable

GZIP_LEVEL: Final = 6
LZ4_LEVEL: Final = 1
"""The fast compressor, which is also what the Java client uses unless told otherwise."""
ZSTD_LEVEL: Final = 3
XERIAL_BLOCK_BYTES: Final = 32 * 1024
_XERIAL_HEADER: Final = b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1)


class Compression(Enum):
    """A codec by Kafka's name for it (`compression.type`)."""

    NONE = "none"
    GZIP = "gzip"
    SNAPPY = "snappy"
    LZ4 = "lz4"
    ZSTD = "zstd"

    @property
    def code(self) -> int:
        """The codec's number in a record batch's attributes."""
        return _CODES[self]

    def compress(self, records: memoryview) -> bytes | bytearray | memoryview:
        """Compress a batch's records; NONE returns them as they are."""
        compress = _COMPRESS[self]
        return compress(records) if compress else records


def _gzip(records: memoryview) -> memoryview:
    return memoryview(cramjam.gzip.compress(records, level=GZIP_LEVEL))


def _zstd(records: memoryview) -> memoryview:
    return memoryview(cramjam.zstd.compress(records, level=ZSTD_LEVEL))


def _lz4(records: memoryview) -> memoryview:
    compressor = cramjam.lz4.Compressor(level=LZ4_LEVEL, content_checksum=False, block_linked=False)
    compressor.compress(records.tobytes())  # the compressor takes bytes and nothing else
    return memoryview(compressor.finish())


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
