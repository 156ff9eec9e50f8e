"""Random characters: the compiled function equals indexing."""

from __future__ import annotations

import numpy as np
import pytest

from gerador.randomness import StreamSeeds
from gerador.values.regex.samplers import random_characters

SEEDS = StreamSeeds(7, "letras")


@pytest.mark.parametrize("size", [1, 2, 3, 10, 26, 27, 64, 95, 128])
@pytest.mark.parametrize("count", [0, 1, 1_001])
def test_random_characters_equal_indexing(size: int, count: int):
    """For any size of the alphabet, power of two or not, and any count."""
    alphabet = np.arange(size, dtype=np.uint8)[::-1].copy()
    found = random_characters(SEEDS.rng("x", 3), count, alphabet)
    assert (found == alphabet[SEEDS.rng("x", 3).index(count, size)]).all()
    assert len(found) == count
