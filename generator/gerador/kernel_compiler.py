"""Decorators that compile numba kernels when their module is imported, and the array types that kernels accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit, types

if TYPE_CHECKING:
    from collections.abc import Callable


Bool: TypeAlias = npt.NDArray[np.bool_]
U8: TypeAlias = npt.NDArray[np.uint8]
I32: TypeAlias = npt.NDArray[np.int32]
I64: TypeAlias = npt.NDArray[np.int64]
F64: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = I32 | I64
"""Whole numbers of either width that kernels are compiled for."""

as_i64: Final[Any] = types.int64
"""Inside kernels: widen or reinterpret a number. numba's types are called like casts there."""
as_u8: Final[Any] = types.uint8
as_u32: Final[Any] = types.uint32
as_u64: Final[Any] = types.uint64
as_i32: Final[Any] = types.int32

IN_U8: Final = types.Array(types.uint8, 1, "C", readonly=True)
IN_I32: Final = types.Array(types.int32, 1, "C", readonly=True)
IN_I64: Final = types.Array(types.int64, 1, "C", readonly=True)
IN_F64: Final = types.Array(types.float64, 1, "C", readonly=True)
OUT_U8: Final = types.Array(types.uint8, 1, "C")
OUT_I32: Final = types.Array(types.int32, 1, "C")
OUT_I64: Final = types.Array(types.int64, 1, "C")
TABLE_I64: Final = types.Array(types.int64, 2, "C")

_Function = TypeVar("_Function", bound="Callable[..., Any]")


def kernel(*signatures: object) -> Callable[[_Function], _Function]:
    """Compile a function for `signatures` when its module is imported.

    The machine code is cached beside the source (or in numba's cache folder where that is not
    writable), so that only the first import compiles. The GIL is released while it runs.
    """
    compiled = njit(list(signatures), cache=True, nogil=True, boundscheck=False)
    return cast("Callable[[_Function], _Function]", compiled)


def inlined(function: _Function) -> _Function:
    """Compile a function into every kernel that calls it.

    numba's cache of a kernel watches the kernel's own file only: after a change to an inlined
    function, remove the `__pycache__` folder of this package.
    """
    return cast("_Function", njit(forceinline=True, nogil=True, boundscheck=False)(function))
