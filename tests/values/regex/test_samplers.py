"""Letters of an alphabet: the compiled way gives what indices into it would give."""

from __future__ import annotations

import numpy as np
import pytest

from gerador.randomness import StreamSeeds
from gerador.values.regex.samplers import random_characters

SEEDS = StreamSeeds(7, "letras")


@pytest.mark.parametrize("size", [1, 2, 3, 10, 26, 27, 64, 95, 128])
@pytest.mark.parametrize("count", [0, 1, 1_001])
def test_letters_are_those_that_indices_would_pick(size: int, count: int):
    """Of any alphabet, powers of two or not, as many as were asked for."""
    alphabet = np.arange(size, dtype=np.uint8)[::-1].copy()
    found = random_characters(SEEDS.rng("x", 3), count, alphabet)
    assert (found == alphabet[SEEDS.rng("x", 3).index(count, size)]).all()
    assert len(found) == count
