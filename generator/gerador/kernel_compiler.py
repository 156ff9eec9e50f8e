"""Compiles numba kernels at their first call, and names the array types that kernels accept."""

from __future__ import annotations

import threading
import warnings
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit, types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

Bool: TypeAlias = npt.NDArray[np.bool_]
U8: TypeAlias = npt.NDArray[np.uint8]
I32: TypeAlias = npt.NDArray[np.int32]
I64: TypeAlias = npt.NDArray[np.int64]
U32: TypeAlias = npt.NDArray[np.uint32]
U64: TypeAlias = npt.NDArray[np.uint64]
F64: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = I32 | I64
"""Integers of either width, for kernels that are compiled for both."""

as_i32: Final[Any] = types.int32
"""Inside kernels: convert or reinterpret a number. There, numba's types are called like casts."""
as_i64: Final[Any] = types.int64
as_u8: Final[Any] = types.uint8
as_u32: Final[Any] = types.uint32
as_u64: Final[Any] = types.uint64

IN_U8: Final = types.Array(types.uint8, 1, "C", readonly=True)
IN_U32: Final = types.Array(types.uint32, 1, "C", readonly=True)
IN_U64: Final = types.Array(types.uint64, 1, "C", readonly=True)
IN_I32: Final = types.Array(types.int32, 1, "C", readonly=True)
IN_I64: Final = types.Array(types.int64, 1, "C", readonly=True)
IN_F64: Final = types.Array(types.float64, 1, "C", readonly=True)
IN_TABLE_F64: Final = types.Array(types.float64, 2, "C", readonly=True)
OUT_U8: Final = types.Array(types.uint8, 1, "C")
OUT_U32: Final = types.Array(types.uint32, 1, "C")
OUT_U64: Final = types.Array(types.uint64, 1, "C")
OUT_I32: Final = types.Array(types.int32, 1, "C")
OUT_I64: Final = types.Array(types.int64, 1, "C")
OUT_F64: Final = types.Array(types.float64, 1, "C")
OUT_TABLE_I64: Final = types.Array(types.int64, 2, "C")

_CACHE_ERRORS: Final = (EOFError, OSError, RuntimeError, UnpicklingError)
"""What numba raises for a cache folder that is not writable, and for empty or damaged files."""

_Function = TypeVar("_Function", bound="Callable[..., Any]")


class Kernel:
    """A function that is compiled at its first call, for fixed types. Calls release the GIL.

    The machine code is cached next to the source, or in numba's cache folder if that is not
    writable. Without fast math: the same operations in the same order on every machine.
    """

    def __init__(self, function: Callable[..., Any], signatures: tuple[object, ...]) -> None:
        # numba's cache watches a kernel's own file only. The name of the cached file contains a
        # hash of all sources, taken at import, so that a changed inlined function is noticed.
        function.__qualname__ = f"{function.__name__}_{_hash_of_sources(function)}"
        self._function = function
        self._signatures = signatures
        self._lock = threading.Lock()
        self._compiled: Callable[..., Any] | None = None

    def __call__(self, *args: Any) -> Any:
        """Run the kernel. The first call of a process compiles it, or loads it from the cache."""
        return (self._compiled or self.compile())(*args)

    def compile(self) -> Callable[..., Any]:
        """Compile the kernel, or load it from the cache: some tenths of a second to 3 s once.

        If the cache cannot be read or written, the kernel is compiled without it, with a warning.
        """
        with self._lock:
            if self._compiled is None:
                try:
                    self._compiled = self._jit(cache=True)
                except _CACHE_ERRORS as e:
                    folder = Path(self._function.__code__.co_filename).parent / "__pycache__"
                    warnings.warn(
                        f"the kernel cache cannot be used ({type(e).__name__}: {e}); delete "
                        f"{folder} or set NUMBA_CACHE_DIR to a writable folder",
                        stacklevel=2,
                    )
                    self._compiled = self._jit(cache=False)
            return self._compiled

    def _jit(self, *, cache: bool) -> Callable[..., Any]:
        compiled: Callable[..., Any] = njit(
            list(self._signatures), cache=cache, nogil=True, boundscheck=False
        )(self._function)
        return compiled


def kernel(*signatures: object) -> Callable[[_Function], _Function]:
    """Make a function a `Kernel` for `signatures`. Kernels cannot call each other."""
    return cast("Callable[[_Function], _Function]", lambda function: Kernel(function, signatures))


def inlined(function: _Function) -> _Function:
    """Compile a function into every kernel that calls it."""
    return cast("_Function", njit(forceinline=True, nogil=True, boundscheck=False)(function))


def kernels_of(module: ModuleType) -> Iterator[Kernel]:
    """Yield the kernels that a module defines."""
    return (value for value in vars(module).values() if isinstance(value, Kernel))


def _hash_of_sources(function: Callable[..., Any]) -> str:
    return _hash_of_folder(Path(function.__code__.co_filename).parent)


@lru_cache(maxsize=8)
def _hash_of_folder(folder: Path) -> str:
    digest = blake2b(digest_size=6)
    for path in [Path(__file__), *sorted(folder.glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
