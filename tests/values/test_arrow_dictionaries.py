"""Decoded slices equal slices of decoded arrays."""

from __future__ import annotations

import pyarrow as pa
import pytest

from gerador.values.arrow_dictionaries import decode_dictionaries, decode_slice

TEXTS = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1, 0, 1], pa.int32()), ["a", "bc"])
OFFSETS = pa.array([0, 2, 2, 3, 6], pa.int32())
LISTS = pa.ListArray.from_arrays(OFFSETS, TEXTS)
STRUCTS = pa.StructArray.from_arrays([LISTS, TEXTS[:4]], ["l", "t"])
MAPS = pa.MapArray.from_arrays(OFFSETS, pa.array(list("uvwxyz")), TEXTS)
CODES, PLACES = pa.array([0, 1, 1, 0], pa.int8()), pa.array([0, 0, 1, 1], pa.int32())
UNIONS = pa.UnionArray.from_dense(CODES, PLACES, [TEXTS, pa.array([7, 8])], ["t", "n"])
TEXT, TEXT_LIST = pa.string(), pa.list_(pa.field("item", pa.string()))
CASES = {
    "text": (TEXTS, TEXT),
    "list": (LISTS, TEXT_LIST),
    "struct": (STRUCTS, pa.struct([("l", TEXT_LIST), ("t", TEXT)])),
    "map": (MAPS, pa.map_(TEXT, TEXT)),
    "union": (UNIONS, pa.dense_union([pa.field("t", TEXT), pa.field("n", pa.int64())])),
    "already": (OFFSETS, pa.int32()),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("first", "rows"), [(0, 4), (0, 1), (1, 2), (2, 2), (3, 1), (2, 0)])
def test_a_decoded_slice(name: str, first: int, rows: int):
    """Dictionaries at any depth, nulls and empty lists are decoded to the requested type."""
    values, wanted = CASES[name]
    found = decode_slice(values, wanted, first, rows)
    found.validate(full=True)
    assert found.type == wanted
    assert found.to_pylist() == decode_dictionaries(values, wanted).slice(first, rows).to_pylist()
    assert len(found) == rows
