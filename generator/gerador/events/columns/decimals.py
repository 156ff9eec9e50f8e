"""Columns of decimals over the whole of their precision, up to 76 digits, without Python ints.

A magnitude is made of groups of nine decimal digits, folded into 32-bit limbs as one does long
multiplication on paper; then the sign is applied in two's complement, as Arrow stores it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import Leaf, Positions
from gerador.scenario.fields import DigitsField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make
    from gerador.events.seeds import Draws

GROUP_DIGITS: Final = 9
GROUP: Final = np.uint64(10**GROUP_DIGITS)
LIMB_BITS: Final = np.uint64(32)
LIMB: Final = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Decimals(Leaf):
    """Decimals of any digits up to the type's precision, either sign, equally likely.

    Zero is drawn twice as often as another value: from both signs.
    """

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) decimals. Cost: O(items · precision²), no Python per item."""
        draws = block.draws(self.path)
        negative = draws.chance(len(at), 0.5)
        limbs = self._magnitude(draws, len(at))
        negate(limbs, negative)
        data = np.ascontiguousarray(limbs.T).astype("<u4")
        return pa.Array.from_buffers(self.type, len(at), [None, pa.py_buffer(data)])

    def _magnitude(self, draws: Draws, items: int) -> NDArray[np.uint64]:
        """Return (limbs, items) uint64, least significant first, each below 2**32."""
        limbs = np.zeros((self.type.bit_width // 32, items), np.uint64)
        groups, digits = divmod(self.type.precision, GROUP_DIGITS)
        for size in [10**digits] + [int(GROUP)] * groups:
            carry = draws.index(items, size).view(np.uint64)
            for place in range(len(limbs)):
                limbs[place] *= GROUP
                limbs[place] += carry
                carry = limbs[place] >> LIMB_BITS
                limbs[place] &= LIMB
        return limbs


def negate(limbs: NDArray[np.uint64], negative: NDArray[np.bool_]) -> None:
    """Negate in place the items that are negative: invert every limb, then add one."""
    carry = negative.astype(np.uint64)
    limbs ^= carry * LIMB
    for place in range(len(limbs)):
        limbs[place] += carry
        carry = limbs[place] >> LIMB_BITS
        limbs[place] &= LIMB


MAKERS: Final[Mapping[type, Make]] = {
    DigitsField: lambda _, place, __: Decimals(place.path, place.type)
}
