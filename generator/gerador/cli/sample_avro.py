"""An Avro object container file of encoded rows: the header, then one block a piece of rows.

Source: Apache Avro 1.12 specification, "Object Container Files". The codec is null.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from gerador.encoding.datum import DatumEncoder

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.scenario.avro import AvroSchema

MAGIC: Final = b"Obj\x01"
SYNC_BYTES: Final = 16


class ContainerWriter:
    """Makes the pieces of one container file, to be written one after another.

    The sync marker is a hash of the schema instead of a random number, so that the same rows
    make the same file.
    """

    def __init__(self, schema: AvroSchema) -> None:
        self._encoder = DatumEncoder(schema.root)
        text = schema.json.encode()
        self._sync = blake2b(text, digest_size=SYNC_BYTES).digest()
        metadata = {b"avro.schema": text, b"avro.codec": b"null"}
        entries = b"".join(_sized(key) + _sized(value) for key, value in metadata.items())
        self.header = MAGIC + _long(len(metadata)) + entries + _long(0) + self._sync

    def block(self, rows: pa.RecordBatch) -> bytes:
        """Return the block of `rows`; no rows make no block. Cost: O(rows), no Python per row.

        Raises DataError: columns that do not fit the schema.
        """
        if not rows.num_rows:
            return b""
        datums = self._encoder.encode(rows)
        return _long(rows.num_rows) + _sized(datums.data.tobytes()) + self._sync


def _sized(data: bytes) -> bytes:
    return _long(len(data)) + data


def _long(value: int) -> bytes:
    """Return a number from 0 on as Avro writes it: zig-zag, seven bits a byte, low ones first."""
    rest, out = value << 1, bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)
