"""Golden hashes: the bytes of every gallery scenario in every format, as record batches.

A change of a hash is a change of rows that users made before: it needs a reason in CHANGELOG.md.
To write golden.json from the present code: ``python -m tests.gallery.test_golden``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import gerador
from gerador.encoding.compression import Compression
from gerador.encoding.registry_schemas import SchemaIds
from gerador.scenario import gallery
from gerador.service.metrics import Metrics
from gerador.service.slice_builder import RecordSliceBuilder

if TYPE_CHECKING:
    from gerador.scenario.stream_spec import StreamSpec

GOLDEN: Final = Path(__file__).with_name("golden.json")
ROWS: Final = 50_000
SLICE_ROWS: Final = 10_000
PARTITIONS: Final = 6
FORMATS: Final = {
    "avro": "string",
    "avro-raw": "avro",
    "json": "json",
    "json-schema": "json-schema",
    "protobuf": "protobuf",
}
"""Value formats, each with the key format that is hashed along with it."""


def hashes(name: str) -> dict[str, list[str]]:
    """Return a hash for each stream, format and partition of a gallery scenario."""
    streams = gerador.streams(name, seed=7, start="2026-01-01T00:00:00Z")
    return {
        f"{name}/{stream_name}/{value_format}": _hashes(stream, value_format)
        for stream_name, stream in streams.items()
        for value_format in FORMATS
    }


def _hashes(stream: gerador.Stream, value_format: str) -> list[str]:
    spec = _with_format(stream.spec, value_format)
    builder = RecordSliceBuilder(
        stream._rows,
        Metrics("0"),
        spec=spec,
        ids=SchemaIds(value=11, key=12),
        partitions=PARTITIONS,
        compression=Compression.NONE,
        batch_bytes_max=512 * 1024,
    )
    end = min(ROWS, spec.rows or ROWS)
    digests = [hashlib.sha256() for _ in range(PARTITIONS)]
    for a in range(0, end, SLICE_ROWS):
        for batch in builder.build(a, min(end, a + SLICE_ROWS)).batches:
            digests[batch.partition].update(batch.buffer)
    return [digest.hexdigest()[:16] for digest in digests]


def _with_format(spec: StreamSpec, value_format: str) -> StreamSpec:
    key_format = FORMATS[value_format] if spec.key else "string"
    formats = {"format": value_format, "key_format": key_format}
    return replace(spec, output=spec.output.model_copy(update=formats))


@pytest.mark.parametrize("name", gallery.names())
def test_bytes_of_the_gallery_are_unchanged(name: str) -> None:
    """The first 50,000 rows of each stream are the bytes that they were, in every format."""
    expected = {k: v for k, v in json.loads(GOLDEN.read_text()).items() if k.startswith(f"{name}/")}
    assert hashes(name) == expected


if __name__ == "__main__":
    found = {key: value for name in gallery.names() for key, value in hashes(name).items()}
    GOLDEN.write_text(json.dumps(found, indent=1) + "\n")
