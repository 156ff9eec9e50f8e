"""Writer of Avro object container files."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.encoding.varint import encode_varint, length_prefixed

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.avro.schema import AvroSchema


MAGIC: Final = b"Obj\x01"
SYNC_BYTES: Final = 16


class ContainerWriter:
    """Encodes the header and the blocks of one container file; the caller writes them in order.

    The sync marker is a hash of the schema instead of a random number, so that the same rows
    give the same file.
    """

    def __init__(self, schema: AvroSchema) -> None:
        self._encoder = AvroRowEncoder(schema.root)
        schema_json = schema.json.encode()
        self._sync = blake2b(schema_json, digest_size=SYNC_BYTES).digest()
        metadata = {b"avro.schema": schema_json, b"avro.codec": b"null"}
        entries = b"".join(
            length_prefixed(key) + length_prefixed(value) for key, value in metadata.items()
        )
        self.header = MAGIC + encode_varint(len(metadata)) + entries + encode_varint(0) + self._sync

    def block(self, rows: pa.RecordBatch) -> bytes:
        """Return `rows` as one block; empty bytes without rows. Cost: O(rows), no Python per row.

        Raises DataError: columns that do not fit the schema.
        """
        if not rows.num_rows:
            return b""
        datums = self._encoder.encode(rows)
        return encode_varint(rows.num_rows) + length_prefixed(datums.data.tobytes()) + self._sync
