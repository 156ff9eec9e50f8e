"""Round numbers to decimal steps and convert them to the Arrow type of the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from gerador.avro.arrow_types import number_dtype
from gerador.avro.literals import FLOAT_MAX
from gerador.values.arrow_arrays import fixed_width_array

if TYPE_CHECKING:
    from numpy.typing import NDArray


Bound: TypeAlias = "float | NDArray[np.float64]"

INT64_MAX: Final = 2.0**63 - 1_024
"""The largest double that int64 holds."""
SNAP_TOLERANCE: Final = 1e-6
"""Rounding error of products that are integers."""
DOUBLE_MAX: Final = 1e290
"""Maximum magnitude of random doubles, so that they stay finite when multiplied for rounding."""


def steps_to_array(steps: NDArray[np.int64], places: int, arrow_type: pa.DataType) -> pa.Array:
    """Return integers in units of 10**-places, (items,) int64, as numbers of a type.

    A double is the nearest one to the decimal number (IEEE 754 division rounds correctly), so
    that it prints with up to `places` decimal places. `places` is 0 for integers, dates, times
    and timestamps, and at most the scale for decimals. Strings contain the number.
    """
    if pa.types.is_decimal(arrow_type):
        return _decimal_array(steps, arrow_type.scale - places, arrow_type)
    if pa.types.is_floating(arrow_type):
        values = steps / 10.0**places
        return fixed_width_array(values.astype(number_dtype(arrow_type), copy=False), arrow_type)
    if pa.types.is_string(arrow_type):
        numbers = steps / 10.0**places if places else steps
        return pa.array(numbers).cast(arrow_type)
    narrow = steps if arrow_type.bit_width == 64 else steps.astype(np.int32)
    return fixed_width_array(np.ascontiguousarray(narrow), arrow_type)


def round_to_array(
    values: NDArray[np.float64],
    places: int,
    arrow_type: pa.DataType,
    bounds: tuple[Bound | None, Bound | None] = (None, None),
) -> pa.Array:
    """Return numbers, (items,) float64 without NaN, rounded to `places` as numbers of a type.

    They are clipped to the steps within `bounds`, one for all or (items,), and to the range of
    the type.
    """
    scale = 10.0**places
    steps = np.rint(np.clip(values, -DOUBLE_MAX, DOUBLE_MAX) * scale)
    low = None if bounds[0] is None else np.ceil(snap_to_integers(bounds[0] * scale))
    high = None if bounds[1] is None else np.floor(snap_to_integers(bounds[1] * scale))
    if low is not None or high is not None:
        steps = np.clip(steps, low, high)
    if pa.types.is_floating(arrow_type):
        numbers = steps / scale + 0.0  # -0.0 becomes 0.0
        if arrow_type == pa.float32():
            numbers = np.clip(numbers, -FLOAT_MAX, FLOAT_MAX).astype(np.float32)
        return fixed_width_array(numbers, arrow_type)
    step_max = min(_step_max(places, arrow_type), INT64_MAX)
    step_min = -step_max - 1 if arrow_type.bit_width == 32 else -step_max
    integers = np.clip(steps, step_min, step_max).astype(np.int64)
    return steps_to_array(integers, places, arrow_type)


def snap_to_integers(numbers: Bound) -> Any:
    """Round products that are integers except for a rounding error; return others unchanged."""
    integers = np.rint(numbers)
    return np.where(np.abs(numbers - integers) < SNAP_TOLERANCE, integers, numbers)


def _step_max(places: int, arrow_type: pa.DataType) -> float:
    if pa.types.is_decimal(arrow_type):
        return float(10 ** (arrow_type.precision - arrow_type.scale + places) - 1)
    return 2.0**31 - 1 if arrow_type.bit_width == 32 else INT64_MAX


def _decimal_array(steps: NDArray[np.int64], zeros: int, arrow_type: pa.DataType) -> pa.Array:
    """Return decimals whose unscaled values are steps * 10**zeros."""
    negative = steps < 0
    magnitude = np.abs(steps).view(np.uint64)
    limbs = np.zeros((arrow_type.bit_width // 32, len(steps)), np.uint64)
    limbs[0], limbs[1] = magnitude & LIMB_MASK, magnitude >> LIMB_BITS
    groups, digits = divmod(zeros, DIGIT_GROUP_SIZE)
    for factor in [np.uint64(10**digits)] * bool(digits) + [DIGIT_GROUP] * groups:
        multiply_limbs(limbs, factor, np.zeros(len(steps), np.uint64))
    negate_limbs(limbs, negative)
    data = np.ascontiguousarray(limbs.T).astype("<u4")
    return pa.Array.from_buffers(arrow_type, len(steps), [None, pa.py_buffer(data)])


DIGIT_GROUP_SIZE: Final = 9
DIGIT_GROUP: Final = np.uint64(10**DIGIT_GROUP_SIZE)
LIMB_BITS: Final = np.uint64(32)
LIMB_MASK: Final = np.uint64(0xFFFFFFFF)


def multiply_limbs(
    limbs: NDArray[np.uint64], factor: np.uint64, addend: NDArray[np.uint64]
) -> None:
    """Multiply numbers in place by `factor`, below 2**32, and add `addend`, (items,) uint64.

    `limbs` are the digits of the numbers to the base 2**32, (limbs, items), the lowest first.
    """
    carry = addend
    for i in range(len(limbs)):
        limbs[i] *= factor
        limbs[i] += carry
        carry = limbs[i] >> LIMB_BITS
        limbs[i] &= LIMB_MASK


def negate_limbs(limbs: NDArray[np.uint64], negative: NDArray[np.bool_]) -> None:
    """Negate numbers in place where `negative`, (items,) bool, in two's complement."""
    carry = negative.astype(np.uint64)
    limbs ^= carry * LIMB_MASK
    for i in range(len(limbs)):
        limbs[i] += carry
        carry = limbs[i] >> LIMB_BITS
        limbs[i] &= LIMB_MASK
