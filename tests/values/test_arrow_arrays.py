"""What a block cannot hold is refused before it is made."""

from __future__ import annotations

import numpy as np
import pytest

from gerador.errors import DataError
from gerador.values.arrow_arrays import OFFSET_MAX, offsets_from_lengths


def test_offsets_reach_as_far_as_they_reach():
    """Lengths up to the last 32-bit offset are taken, one more is refused by field."""
    assert offsets_from_lengths(np.array([OFFSET_MAX - 1, 1]), "f")[-1] == OFFSET_MAX
    with pytest.raises(DataError, match=r"field 'a\.b\[\]': 2,147,483,648 bytes or items"):
        offsets_from_lengths(np.array([OFFSET_MAX, 1]), "a.b[]")
