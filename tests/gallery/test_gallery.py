"""What holds for every scenario of the gallery."""

from __future__ import annotations

import io
import json

import fastavro
import pytest

import gerador
from gerador.scenario import gallery
from tests.gallery.made import START, streams

NAMES = gallery.names()
BLOCK_END = 16_384
ROUND = 40
STREAMS = [(name, stream) for name in NAMES for stream in streams(name)]


def test_the_gallery_is_whole():
    """The scenarios that the documentation shows are there."""
    assert set(NAMES) == {"default", "ecommerce", "iot", "clickstream", "cards", "nexmark"}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_begins_with_how_it_is_run_and_says_what_it_is_good_for(name: str):
    """The first line is the command; the description is one for people."""
    assert gallery.text(name).startswith(f"# gerador run {name}")
    assert gallery.description(name).endswith(".")


@pytest.mark.parametrize(("name", "stream"), STREAMS)
def test_rows_are_the_same_in_any_cut(name: str, stream: str):
    """Rows around a block's end are the same asked for at once or in two parts, in new tables."""
    a, b = BLOCK_END - ROUND, BLOCK_END + ROUND
    cut = BLOCK_END + ROUND // 4
    whole = streams(name)[stream].rows(a, b)
    again = gerador.streams(name, seed=streams(name)[stream].seed, start=START)
    after = again[stream].rows(cut, b)  # the later part first
    assert again[stream].rows(a, cut).to_pylist() + after.to_pylist() == whole.to_pylist()


@pytest.mark.parametrize(("name", "stream"), STREAMS)
def test_another_reader_reads_what_is_encoded(name: str, stream: str):
    """The records are what fastavro decodes by the schema, with fields and key in them."""
    made = streams(name)[stream]
    schema = fastavro.parse_schema(json.loads(made.spec.schema.json))
    datums = made.encode(0, ROUND)
    rows = [fastavro.schemaless_reader(io.BytesIO(datums[i]), schema) for i in range(ROUND)]
    key = made.spec.key
    assert len(rows) == ROUND
    assert all(list(row) == made.schema.names for row in rows)
    assert key is None or all(row[key] is not None for row in rows)
