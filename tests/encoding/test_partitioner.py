"""Partitions are those of Java's default partitioner, or a pure function of the row index."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from aiokafka.partitioner import murmur2 as second_murmur2
from hypothesis import given
from hypothesis import strategies as st

from gerador.encoding.encoded_values import EncodedValues
from gerador.encoding.keys import encode_keys
from gerador.encoding.partitioner import murmur2_hashes, partitions_by_key, partitions_by_row

VECTORS = Path(__file__).parents[1] / "vectors" / "murmur2.json"


def test_javas_vectors() -> None:
    """The hashes are equal to those of Kafka's own unit test."""
    vectors = json.loads(VECTORS.read_text())["hashes"]
    keys = EncodedValues.from_list([key.encode() for key in vectors])
    assert murmur2_hashes(keys).tolist() == list(vectors.values())


@given(st.lists(st.binary(max_size=40)), st.integers(1, 1000))
def test_a_second_implementation_agrees(keys: list[bytes], partition_count: int) -> None:
    """Aiokafka's murmur2 and modulus put every key into the same partition."""
    expected = [(second_murmur2(key) & 0x7FFFFFFF) % partition_count for key in keys]
    found = partitions_by_key(encode_keys(pa.array(keys, pa.binary()), "k"), 0, partition_count)
    assert found.dtype == np.int32
    assert found.tolist() == expected


@given(st.integers(0, 2**62), st.integers(0, 300), st.integers(1, 100))
def test_rows_without_a_key_are_assigned_by_row_index(
    first: int, rows: int, partition_count: int
) -> None:
    """Row ``n`` is in partition ``n % partition_count``, for any slice."""
    found = partitions_by_row(first, rows, partition_count)
    assert found.dtype == np.int32
    assert found.tolist() == [n % partition_count for n in range(first, first + rows)]


@given(st.lists(st.none() | st.sampled_from(["a", "b", "ccc", ""])), st.integers(0, 9))
def test_a_dictionary_of_keys_has_the_partitions_of_its_texts(
    keys: list[str | None], first: int
) -> None:
    """Hashing each entry once changes no partition; rows without a key are assigned by index."""
    column = pa.array(keys, pa.string())
    plain = encode_keys(column, "k")
    pooled = encode_keys(column.dictionary_encode(), "k")
    expected = partitions_by_key(plain, first, 7).tolist()
    assert partitions_by_key(pooled, first, 7).tolist() == expected
    for row, key in enumerate(keys):
        if key is None:
            assert expected[row] == (first + row) % 7


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(["a", "é"]), [b"a", "é".encode()]),
        (pa.array(["a", "é"], pa.large_string()), [b"a", "é".encode()]),
        (pa.array(["a", "é"], pa.string_view()), [b"a", "é".encode()]),
        (pa.array([b"\0", b"\xff"]), [b"\0", b"\xff"]),
        (pa.array([b"\0", b"\xff"], pa.binary_view()), [b"\0", b"\xff"]),
        (pa.array([b"ab", b"cd"], pa.binary(2)), [b"ab", b"cd"]),
        (pa.array([1, -20], pa.int32()), [b"1", b"-20"]),
        (pa.array([2**63, 0], pa.uint64()), [b"9223372036854775808", b"0"]),
        (pa.DictionaryArray.from_arrays(pa.array([1, 0]), pa.array([7, 8])), [b"8", b"7"]),
        (pa.array(["x", "a", "é"])[1:], [b"a", "é".encode()]),
        (pa.array([b"xx", b"ab", b"cd"], pa.binary(2))[1:], [b"ab", b"cd"]),
    ],
)
def test_keys_are_written_as_javas_serializers_write_them(
    column: pa.Array, expected: list[bytes]
) -> None:
    """Text as UTF-8, integers as decimal text, bytes unchanged; also slices."""
    assert list(EncodedValues.of(encode_keys(column, "k"))) == expected


def test_all_keys_null() -> None:
    """A dictionary without entries is valid when all keys are null."""
    keys = encode_keys(pa.array([None, None], pa.string()).dictionary_encode(), "k")
    assert len(keys) == 2
    assert keys.is_null is not None
    assert keys.is_null.all()
