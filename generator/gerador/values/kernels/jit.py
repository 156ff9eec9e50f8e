"""Decorators that compile kernels for fixed types, and the random words that kernels use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit, types

if TYPE_CHECKING:
    from collections.abc import Callable


F64: TypeAlias = npt.NDArray[np.float64]
I32: TypeAlias = npt.NDArray[np.int32]
I64: TypeAlias = npt.NDArray[np.int64]
U32: TypeAlias = npt.NDArray[np.uint32]
U64: TypeAlias = npt.NDArray[np.uint64]

IN_U8: Final = types.Array(types.uint8, 1, "C", readonly=True)
IN_U32: Final = types.Array(types.uint32, 1, "C", readonly=True)
IN_I32: Final = types.Array(types.int32, 1, "C", readonly=True)
IN_I64: Final = types.Array(types.int64, 1, "C", readonly=True)
IN_U64: Final = types.Array(types.uint64, 1, "C", readonly=True)
IN_F64: Final = types.Array(types.float64, 1, "C", readonly=True)
TABLE_F64: Final = types.Array(types.float64, 2, "C", readonly=True)
OUT_U8: Final = types.Array(types.uint8, 1, "C")
OUT_I32: Final = types.Array(types.int32, 1, "C")
OUT_I64: Final = types.Array(types.int64, 1, "C")
OUT_U32: Final = types.Array(types.uint32, 1, "C")
OUT_U64: Final = types.Array(types.uint64, 1, "C")
OUT_F64: Final = types.Array(types.float64, 1, "C")

as_u64: Final[Any] = types.uint64
"""Inside kernels: widen or reinterpret a number. numba's types are called like casts there."""
as_i32: Final[Any] = types.int32

_Function = TypeVar("_Function", bound="Callable[..., Any]")


def kernel(*signatures: object) -> Callable[[_Function], _Function]:
    """Compile a function for `signatures` when its module is imported.

    The machine code is cached beside the source (or in numba's cache folder where that is not
    writable), so that only the first import compiles. The GIL is released while it runs. No fast
    math: the same operations in the same order on every machine.
    """
    compiled = njit(list(signatures), cache=True, nogil=True, boundscheck=False)
    return cast("Callable[[_Function], _Function]", compiled)


def inlined(function: _Function) -> _Function:
    """Compile a function into every kernel that calls it; see the cache's note in `word`."""
    return cast("_Function", njit(forceinline=True, nogil=True, boundscheck=False)(function))


@inlined
def word(state: int, count: int) -> int:
    """Return the word number `count` of a SplitMix64 generator in `state` (see `seeds.hashed`).

    numba's cache of a kernel watches the kernel's own file only: after a change to an inlined
    function, remove the `__pycache__` folder of this package.
    """
    out = as_u64(state + as_u64(count + 1) * as_u64(0x9E3779B97F4A7C15))
    out = as_u64((out ^ (out >> as_u64(30))) * as_u64(0xBF58476D1CE4E5B9))
    out = as_u64((out ^ (out >> as_u64(27))) * as_u64(0x94D049BB133111EB))
    return as_u64(out ^ (out >> as_u64(31)))


@inlined
def unit(bits: int) -> float:
    """Return a word as a double in (0.0, 1.0): the middles of 2**53 equal parts."""
    return ((bits >> as_u64(11)) + 0.5) * 2.0**-53
