"""Keys from dictionaries: each entry is encoded and hashed once, and cached."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from gerador.avro.schema import Primitive
from gerador.encoding.encoded_values import EncodedValues
from gerador.encoding.keys import KeyEncoder
from gerador.encoding.partitioner import partitions_by_key

PARTITIONS = 7
TEXTS = [f"cliente {n}" for n in range(50)]


def keys_of(encoder: KeyEncoder, column: pa.Array) -> tuple[list[bytes], list[int]]:
    """Return the keys of a column, and their partitions."""
    keys = encoder.encode(column)
    return list(EncodedValues.of(keys)), partitions_by_key(keys, 0, PARTITIONS).tolist()


@pytest.mark.parametrize("form", ["string", "avro", "json"])
def test_dictionaries_have_the_same_keys_as_texts(form: str):
    """Also a dictionary that is used again, a slice of it, and another of the same length."""
    encoder = KeyEncoder(Primitive("string"), "k", form, b"")
    dictionary, rng = pa.array(TEXTS), np.random.default_rng(1)
    for entries in (dictionary, dictionary, dictionary[10:], pa.array(TEXTS[::-1]), dictionary):
        indices = pa.array(rng.integers(0, len(entries), 200), pa.int32())
        column = pa.DictionaryArray.from_arrays(indices, entries)
        fresh = KeyEncoder(Primitive("string"), "k", form, b"")
        assert keys_of(encoder, column) == keys_of(fresh, column.dictionary_decode())


def test_cached_entries_are_used_again():
    """The second rows of a dictionary have the entries of the first, with their hashes."""
    encoder, dictionary = KeyEncoder(Primitive("string"), "k", "string", b""), pa.array(TEXTS)
    first, second = (
        encoder.encode(pa.DictionaryArray.from_arrays(pa.array(rows, pa.int32()), dictionary))
        for rows in ([1, 2], [3])
    )
    partitions_by_key(first, 0, PARTITIONS)
    assert second.entries is first.entries
    assert second.entries.hashes is not None
