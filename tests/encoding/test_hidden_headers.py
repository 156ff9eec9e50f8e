"""Record headers from hidden fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gerador
from gerador.encoding.batch_builder import build_record_batches
from gerador.encoding.record_batch import set_producer_state
from gerador.encoding.record_encoder import RecordEncoder
from gerador.service.slice_builder import join_chunks
from tests.contract.test_record_batch import read as read_batch

if TYPE_CHECKING:
    from pathlib import Path

BOUNDARY = 16_384
"""The first row of the second block."""
SCENARIO = """
seed: 5
streams:
  s:
    let:
      n: {sequence: 1}
      trace: {template: "t-{n}"}
      unused: uuid
      kind: {null: 50%, else: {choice: [a, b]}}
    fields: {id: {template: "x{n}"}}
    headers: {trace: {field: trace}, n: {field: n}, kind: {field: kind}}
"""


@pytest.mark.parametrize("is_joined", [False, True])
def test_headers_of_hidden_fields(tmp_path: Path, *, is_joined: bool):
    """Headers have the values of the row; the value has no hidden field, and unused ones go."""
    (file := tmp_path / "s.yaml").write_text(SCENARIO, "utf-8")
    stream = gerador.streams(file)["s"]
    chunks = list(stream._rows.chunks(BOUNDARY - 20, BOUNDARY + 20))
    chunks = join_chunks(chunks) if is_joined else chunks
    for chunk in chunks:
        assert chunk.columns.schema.names == ["id"]
        assert chunk.hidden is not None
        assert chunk.hidden.schema.names == ["n", "trace", "kind"]
    encoder = RecordEncoder(stream.spec, partitions=1)
    (batch,) = build_record_batches([encoder.encode(chunk) for chunk in chunks])
    set_producer_state(batch, 1, 0, 0)
    found = [dict(record.headers) for record in read_batch(batch)]
    numbers = range(BOUNDARY - 19, BOUNDARY + 21)
    assert [headers["trace"] for headers in found] == [f"t-{n}".encode() for n in numbers]
    assert [headers["n"] for headers in found] == [str(n).encode() for n in numbers]
    assert {headers["kind"] for headers in found} == {b"a", b"b", None}
