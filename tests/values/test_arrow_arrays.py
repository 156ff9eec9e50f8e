"""Blocks that exceed the offsets of Arrow are rejected."""

from __future__ import annotations

import numpy as np
import pytest

from gerador.errors import DataError
from gerador.values.arrow_arrays import OFFSET_MAX, offsets_from_lengths


def test_offsets_are_limited():
    """Lengths up to the last 32-bit offset are accepted; the error names the field."""
    assert offsets_from_lengths(np.array([OFFSET_MAX - 1, 1]), "f")[-1] == OFFSET_MAX
    with pytest.raises(DataError, match=r"field 'a\.b\[\]': 2,147,483,648 bytes or items"):
        offsets_from_lengths(np.array([OFFSET_MAX, 1]), "a.b[]")
