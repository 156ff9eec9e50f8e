"""Decimals over the whole precision of their type, up to 76 digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pyarrow as pa

from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import ValueGenerator
from gerador.values.quantization import (
    DIGIT_GROUP,
    DIGIT_GROUP_SIZE,
    LIMB_BITS,
    LIMB_MASK,
    negate_limbs,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.randomness import Rng
    from gerador.values.column import Block


class DecimalGenerator(ValueGenerator):
    """A decimal of any digits that its precision allows, either sign."""

    suits: ClassVar[frozenset[str]] = frozenset({"decimal"})
    kind: Literal["digits"] = "digits"


@dataclass(frozen=True, slots=True)
class RandomDecimalColumn(BaseColumn):
    """Decimals of any digits up to the type's precision, either sign, equally likely.

    Zero is drawn twice as often as another value: from both signs.
    """

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) decimals. Cost: O(items · precision²), no Python per item."""
        draws = block.draws(self.path)
        negative = draws.chance(len(at), 0.5)
        limbs = self._magnitude(draws, len(at))
        negate_limbs(limbs, negative)
        data = np.ascontiguousarray(limbs.T).astype("<u4")
        return pa.Array.from_buffers(self.type, len(at), [None, pa.py_buffer(data)])

    def _magnitude(self, draws: Rng, items: int) -> NDArray[np.uint64]:
        """Return (limbs, items) uint64, least significant first, each below 2**32."""
        limbs = np.zeros((self.type.bit_width // 32, items), np.uint64)
        groups, digits = divmod(self.type.precision, DIGIT_GROUP_SIZE)
        for size in [10**digits] + [int(DIGIT_GROUP)] * groups:
            carry = draws.index(items, size).view(np.uint64)
            for place in range(len(limbs)):
                limbs[place] *= DIGIT_GROUP
                limbs[place] += carry
                carry = limbs[place] >> LIMB_BITS
                limbs[place] &= LIMB_MASK
        return limbs
