"""Compressed records are decompressed by the codecs of aiokafka."""

from __future__ import annotations

import numpy as np
import pytest
from aiokafka import codec
from hypothesis import given
from hypothesis import strategies as st

from gerador.encoding.compression import LZ4_BLOCK_BYTES, Compression

DECODE = {
    Compression.NONE: bytes,
    Compression.GZIP: codec.gzip_decode,
    Compression.SNAPPY: codec.snappy_decode,
    Compression.LZ4: codec.lz4_decode,
    Compression.ZSTD: codec.zstd_decode,
}
EVERY = pytest.mark.parametrize("compression", list(Compression))


def round_trip(compression: Compression, records: bytes) -> bytes:
    """Compress and decompress."""
    return bytes(DECODE[compression](bytes(compression.compress(memoryview(records)))))


@EVERY
@given(st.binary(min_size=1, max_size=200))
def test_short_records_round_trip(compression: Compression, records: bytes) -> None:
    """Any bytes are equal after a round trip."""
    assert round_trip(compression, records) == records


@EVERY
@pytest.mark.parametrize("size", [LZ4_BLOCK_BYTES, LZ4_BLOCK_BYTES + 1, 300_000])
def test_many_blocks_round_trip(compression: Compression, size: int) -> None:
    """A stream may contain blocks that compress and blocks that do not."""
    noise = np.random.default_rng(0).bytes(size // 2)
    records = noise + b"0123456789" * (size // 20) + noise[: size % 20]
    assert round_trip(compression, records) == records


def test_codes_are_kafkas() -> None:
    """The numbers in a batch's attributes are those of Kafka's message format."""
    assert [(c.value, c.code) for c in Compression] == [
        ("none", 0),
        ("gzip", 1),
        ("snappy", 2),
        ("lz4", 3),
        ("zstd", 4),
    ]
