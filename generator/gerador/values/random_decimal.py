"""Random decimals of the full precision of their type, up to 76 digits."""

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
    multiply_limbs,
    negate_limbs,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.randomness import Rng
    from gerador.values.column import Block, BuildContext, ColumnTarget


class DecimalGenerator(ValueGenerator):
    """A random decimal with as many digits as the type's precision, positive or negative.

    The default of decimals; scenario files cannot name it.
    """

    types: ClassVar[frozenset[str]] = frozenset({"decimal"})
    kind: Literal["random_decimal"] = "random_decimal"

    def column(self, context: BuildContext, target: ColumnTarget) -> RandomDecimalColumn:  # noqa: ARG002
        """Return the column of the field."""
        return RandomDecimalColumn(target.path, target.type)


@dataclass(frozen=True, slots=True)
class RandomDecimalColumn(BaseColumn):
    """Decimals of up to the type's precision, positive or negative, equally likely.

    Zero is twice as likely as other values, since it has both signs.
    """

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) decimals. Cost: O(items · precision²), no Python per item."""
        rng = block.rng(self.path)
        negative = rng.bernoulli(len(positions), 0.5)
        limbs = self._magnitude(rng, len(positions))
        negate_limbs(limbs, negative)
        data = np.ascontiguousarray(limbs.T).astype("<u4")
        return pa.Array.from_buffers(self.type, len(positions), [None, pa.py_buffer(data)])

    def _magnitude(self, rng: Rng, items: int) -> NDArray[np.uint64]:
        """Return (limbs, items) uint64, least significant first, each below 2**32."""
        limbs = np.zeros((self.type.bit_width // 32, items), np.uint64)
        groups, digits = divmod(self.type.precision, DIGIT_GROUP_SIZE)
        for size in [10**digits] + [int(DIGIT_GROUP)] * groups:
            multiply_limbs(limbs, DIGIT_GROUP, rng.index(items, size).view(np.uint64))
        return limbs
