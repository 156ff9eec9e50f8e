"""Makes numba load the machine code that a container image contains.

numba keeps machine code only in folders that it can write to, also where it would only read; on
a read-only root it would refuse to load the kernels at all. Holds one locator, for the
environment variable NUMBA_CACHE_LOCATOR_CLASSES; no kernel and nothing of the program.
"""

from __future__ import annotations

from contextlib import suppress

from numba.core.caching import InTreeCacheLocator


class PackedCacheLocator(InTreeCacheLocator):
    """Machine code next to its source, also if that directory is not writable.

    Where it can (while the image is built) it is filled as always. Where it cannot, and another
    CPU or version is asked for than was packed, the kernel is compiled for this process only, with
    a warning: unset NUMBA_CACHE_LOCATOR_CLASSES then, and set NUMBA_CACHE_DIR to a writable folder.
    """

    def ensure_cache_path(self) -> None:
        """Make the folder, if it can be made."""
        with suppress(OSError):
            super().ensure_cache_path()  # type: ignore[no-untyped-call]
