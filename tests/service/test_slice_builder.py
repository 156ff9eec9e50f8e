"""Records of slices follow the stream's output, for any slice boundaries."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka.partitioner import murmur2

from gerador.encoding.compression import Compression
from gerador.encoding.formats import schema_id_prefix, value_encoder
from gerador.encoding.record_batch import set_producer_state
from gerador.encoding.registry_schemas import SchemaIds
from gerador.events.rows import StreamRows
from gerador.scenario.output import FieldHeader, Output
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX
from gerador.service.metrics import Metrics
from gerador.service.slice_builder import RecordSliceBuilder
from gerador.values.text import TextGenerator
from tests.contract.test_record_batch import read

if TYPE_CHECKING:
    from gerador.delivery.sink import Slice

ROWS = 300
PARTITIONS = 3
IDS = SchemaIds(value=7, key=8)
HEADERS = {"row": "row_index", "job": FieldHeader(field="cargo"), "by": "gerador"}


def built(output: Output, *cuts: int) -> tuple[StreamRows, dict[int, list[Any]]]:
    """Return the rows, and each record's key, value and headers by partition, in order."""
    spec = spec_for(key="cidade", output=output)
    rows = StreamRows(spec, 42, Schedule.starting(0, MAX))
    builder = RecordSliceBuilder(
        rows,
        Metrics("test"),
        spec=spec,
        ids=IDS,
        partitions=PARTITIONS,
        compression=Compression.NONE,
        batch_bytes_max=4096,
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for a, b in zip((0, *cuts), (*cuts, ROWS), strict=True):
        collect(builder.build(a, b), found)
    return rows, found


def collect(built_slice: Slice, found: dict[int, list[Any]]) -> None:
    """Add the records of a slice to `found`."""
    for batch in built_slice.batches:
        set_producer_state(batch, 1, 0, 0)
        found[batch.partition] += [(r.key, r.value, tuple(r.headers)) for r in read(batch)]


@pytest.mark.parametrize(
    "output",
    [
        Output(headers=HEADERS),
        Output(format="avro-raw"),
        Output(format="json", key_format="json", headers=HEADERS),
        Output(format="json-schema", key_format="avro"),
        Output(format="protobuf", key_format="protobuf", headers=HEADERS),
    ],
    ids=lambda output: output.format,
)
def test_records_do_not_depend_on_slice_boundaries(output: Output) -> None:
    """Values, keys, headers and partitions belong to the rows, and are equal for other slices."""
    rows, whole = built(output)
    assert built(output, 1, 100, 257)[1] == whole
    batch = rows.rows(0, ROWS)
    root = spec_for().schema.root
    values = list(
        value_encoder(root, output.format, schema_id_prefix(output.format, 7)).encode(batch)
    )
    records = [record for some in whole.values() for record in some]
    assert sorted(value for _, value, _ in records) == sorted(values)
    for partition, some in whole.items():
        assert {(murmur2(key) & 0x7FFFFFFF) % PARTITIONS for key, _, _ in some} <= {partition}
    job_of = dict(zip(values, batch.column("cargo").to_pylist(), strict=True))
    for _, value, headers in records:
        expected = (
            ()
            if not output.headers
            else (
                ("row", str(values.index(value)).encode()),
                ("job", job_of[value].encode()),
                ("by", b"gerador"),
            )
        )
        assert headers == expected


def test_keys_are_framed_with_their_own_schema() -> None:
    """The schema id of a key is that of the key schema."""
    _, found = built(Output(format="json-schema", key_format="json-schema"))
    key, value, _ = next(record for some in found.values() for record in some)
    assert key.startswith(b'\0\0\0\0\x08"')
    assert value.startswith(b'\0\0\0\0\x07{"nome":')


@pytest.mark.parametrize("compression", [Compression.NONE, Compression.ZSTD])
def test_only_records_over_the_limit_fail(compression: Compression) -> None:
    """Rows whose batch, as it is sent, is over the topic's limit; every other row is sent."""
    spec = spec_for(fields={"nome": TextGenerator(alphabet="ab", length_min=0, length_max=600)})
    rows = StreamRows(spec, 42, Schedule.starting(0, MAX))
    common = {"spec": spec, "partitions": 1, "compression": compression}
    alone = RecordSliceBuilder(rows, Metrics("test"), batch_bytes_max=1, **common).build(0, 50)
    sizes = [len(batch.buffer) for batch in alone.batches]
    limit = sorted(sizes)[25]
    builder = RecordSliceBuilder(
        rows, Metrics("test"), batch_bytes_max=limit, message_bytes_max=limit, **common
    )
    found = [builder.build(a, b) for a, b in ((0, 7), (7, 50))]
    failed = [f.row for some in found for f in some.failures]
    assert failed == [row for row, size in enumerate(sizes) if size > limit]
    assert {f.reason for some in found for f in some.failures} == {"RecordTooLargeError"}
    assert f"max.message.bytes={limit}" in found[1].failures[0].message
    assert f"{sizes[failed[0]]:,} bytes" in next(f for s in found for f in s.failures).message
    whole: dict[int, list[Any]] = defaultdict(list)
    kept: dict[int, list[Any]] = defaultdict(list)
    collect(alone, whole)
    for some in found:
        collect(some, kept)
    assert kept[0] == [record for row, record in enumerate(whole[0]) if row not in failed]
    assert all(len(batch.buffer) <= limit for some in found for batch in some.batches)
