"""Numbers into the types of fields: from whole steps, and from doubles that are rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from gerador.events.columns.column import from_numpy
from gerador.events.columns.decimals import GROUP, GROUP_DIGITS, LIMB, LIMB_BITS, negate
from gerador.scenario.literal_scalars import FLOAT_MAX

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number: TypeAlias = "float | NDArray[np.float64]"

INT64_MAX: Final = 2.0**63 - 1_024
"""The largest double that int64 holds."""
MISSED: Final = 1e-6
"""How far from a whole number a product counts as one."""
DOUBLE_MAX: Final = 1e290
"""Doubles that are drawn are cut to it, so that a few digits more do not make an infinity."""


def from_steps(steps: NDArray[np.int64], places: int, arrow_type: pa.DataType) -> pa.Array:
    """Return (items,) int64 steps of 10**-places as numbers of a type.

    Doubles are the ones nearest to the decimal number (IEEE 754 division rounds correctly), so
    that they print with those decimals and no more. Of whole numbers, dates, times and timestamps
    `places` is 0; of decimals it is the scale at most. Text is the number's own.
    """
    if pa.types.is_decimal(arrow_type):
        return _decimals(steps, arrow_type.scale - places, arrow_type)
    if pa.types.is_floating(arrow_type):
        values = steps / 10.0**places
        return from_numpy(values.astype(arrow_type.to_pandas_dtype(), copy=False), arrow_type)
    if pa.types.is_string(arrow_type):
        numbers = steps / 10.0**places if places else steps
        return pa.array(numbers).cast(arrow_type)
    narrow = steps if arrow_type.bit_width == 64 else steps.astype(np.int32)
    return from_numpy(np.ascontiguousarray(narrow), arrow_type)


def rounded(
    values: NDArray[np.float64],
    places: int,
    arrow_type: pa.DataType,
    ends: tuple[Number | None, Number | None] = (None, None),
) -> pa.Array:
    """Return (items,) float64, of which none is NaN, rounded to steps of 10**-places as a type.

    They are cut to the steps within `ends`, one for all or (items,) each, and to what the type
    holds.
    """
    scale = 10.0**places
    steps = np.rint(np.clip(values, -DOUBLE_MAX, DOUBLE_MAX) * scale)
    low = None if ends[0] is None else np.ceil(_near(ends[0] * scale))
    high = None if ends[1] is None else np.floor(_near(ends[1] * scale))
    if low is not None or high is not None:
        steps = np.clip(steps, low, high)
    if pa.types.is_floating(arrow_type):
        numbers = steps / scale + 0.0  # 0.0 of both zeros
        if arrow_type == pa.float32():
            numbers = np.clip(numbers, -FLOAT_MAX, FLOAT_MAX).astype(np.float32)
        return from_numpy(numbers, arrow_type)
    least, most = _bounds(places, arrow_type)
    whole = np.clip(steps, max(least, -INT64_MAX), min(most, INT64_MAX)).astype(np.int64)
    return from_steps(whole, places, arrow_type)


def _near(numbers: Number) -> Any:
    """Return the whole numbers that products missed by their rounding, else the products."""
    whole = np.rint(numbers)
    return np.where(np.abs(numbers - whole) < MISSED, whole, numbers)


def _bounds(places: int, arrow_type: pa.DataType) -> tuple[float, float]:
    if pa.types.is_decimal(arrow_type):
        most = 10 ** (arrow_type.precision - arrow_type.scale + places) - 1
        return float(-most), float(most)
    if arrow_type.bit_width == 32:
        return -(2.0**31), 2.0**31 - 1
    return -INT64_MAX, INT64_MAX


def _decimals(steps: NDArray[np.int64], zeros: int, arrow_type: pa.DataType) -> pa.Array:
    """Return decimals whose unscaled values are the steps with so many zeros behind them."""
    negative = steps < 0
    magnitude = np.abs(steps).view(np.uint64)
    limbs = np.zeros((arrow_type.bit_width // 32, len(steps)), np.uint64)
    limbs[0], limbs[1] = magnitude & LIMB, magnitude >> LIMB_BITS
    groups, digits = divmod(zeros, GROUP_DIGITS)
    for factor in [np.uint64(10**digits)] * bool(digits) + [GROUP] * groups:
        carry = np.zeros(len(steps), np.uint64)
        for place in range(len(limbs)):
            limbs[place] *= factor
            limbs[place] += carry
            carry = limbs[place] >> LIMB_BITS
            limbs[place] &= LIMB
    negate(limbs, negative)
    data = np.ascontiguousarray(limbs.T).astype("<u4")
    return pa.Array.from_buffers(arrow_type, len(steps), [None, pa.py_buffer(data)])
