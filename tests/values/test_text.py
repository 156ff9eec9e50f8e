"""Random texts: equally likely characters of the alphabet, independent of slices."""

from __future__ import annotations

from collections import Counter

import pytest

from gerador.values.text import TextGenerator
from tests.values.generated_rows import assert_share, column, table

ALPHABETS = ("x", "ab", "abcdefghijklmnopqrstuvwxyz012345", "aab", "0123456789", "abcdefgh" * 32)


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_characters_are_equally_likely(alphabet: str):
    """Whether or not the size divides 256; a repeated character counts twice."""
    declared = TextGenerator(length_min=3, length_max=9, alphabet=alphabet)
    texts = column(declared, "string", 20_000).to_pylist()
    lengths = Counter(map(len, texts))
    for length in range(3, 10):
        assert_share(lengths[length], len(texts), 1 / 7)
    characters = Counter("".join(texts))
    assert set(characters) == set(alphabet)
    for letter, count in characters.items():
        share = alphabet.count(letter) / len(alphabet)
        assert_share(count, characters.total(), share, letter)


@pytest.mark.parametrize("alphabet", ALPHABETS[:4])
def test_texts_do_not_depend_on_slices(alphabet: str):
    """Rows around the end of a block are the same in one call or one by one."""
    fields = {"x": TextGenerator(alphabet=alphabet)}
    whole = table({"x": "string"}, fields).rows(16_380, 16_390)["x"].to_pylist()
    made = table({"x": "string"}, fields)
    assert [made.rows(n, n + 1)["x"][0].as_py() for n in range(16_380, 16_390)] == whole
