"""Makes numba load the kernels that were compiled when a container image was built.

numba uses a cache only in a folder that it can write to, even to load from it: with a read-only
root file system, it would compile all kernels again. The environment variable
NUMBA_CACHE_LOCATOR_CLASSES selects the locator in this module.
"""

from __future__ import annotations

from contextlib import suppress

from numba.core.caching import InTreeCacheLocator


class PackedCacheLocator(InTreeCacheLocator):
    """The cache next to the source of a kernel, also if that folder is not writable.

    While the image is built, the folder is writable and numba fills it. Later, a kernel that is
    not in the cache (for another CPU or numba version) is compiled for this process only, with a
    warning: unset NUMBA_CACHE_LOCATOR_CLASSES, and set NUMBA_CACHE_DIR to a writable folder.
    """

    def ensure_cache_path(self) -> None:
        """Create the folder and check that it is writable; ignore a failure."""
        with suppress(OSError):
            super().ensure_cache_path()  # type: ignore[no-untyped-call]
