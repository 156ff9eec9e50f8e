"""Writer of Avro object container files."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from gerador.encoding.avro_encoder import AvroRowEncoder

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.avro.schema import AvroSchema


MAGIC: Final = b"Obj\x01"
SYNC_BYTES: Final = 16


class ContainerWriter:
    """Makes the pieces of one container file, to be written one after another.

    The sync marker is a hash of the schema instead of a random number, so that the same rows
    make the same file.
    """

    def __init__(self, schema: AvroSchema) -> None:
        self._encoder = AvroRowEncoder(schema.root)
        text = schema.json.encode()
        self._sync = blake2b(text, digest_size=SYNC_BYTES).digest()
        metadata = {b"avro.schema": text, b"avro.codec": b"null"}
        entries = b"".join(
            _length_prefixed(key) + _length_prefixed(value) for key, value in metadata.items()
        )
        self.header = (
            MAGIC + _zigzag_varint(len(metadata)) + entries + _zigzag_varint(0) + self._sync
        )

    def block(self, rows: pa.RecordBatch) -> bytes:
        """Return the block of `rows`; no rows make no block. Cost: O(rows), no Python per row.

        Raises DataError: columns that do not fit the schema.
        """
        if not rows.num_rows:
            return b""
        datums = self._encoder.encode(rows)
        return _zigzag_varint(rows.num_rows) + _length_prefixed(datums.data.tobytes()) + self._sync


def _length_prefixed(data: bytes) -> bytes:
    return _zigzag_varint(len(data)) + data


def _zigzag_varint(value: int) -> bytes:
    """Return a number from 0 on as Avro writes it: zig-zag, seven bits a byte, low ones first."""
    rest, out = value << 1, bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)
