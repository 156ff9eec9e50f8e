"""How far the process's memory may grow while something computes that nobody knows the size of.

Linux only: elsewhere nothing is bounded. Knows nothing of what computes.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGES: Final = Path("/proc/self/statm")
_DATA: Final = 5
"""Which of its numbers are the pages of data (proc_pid_statm(5))."""


class _Growth:
    """The limit of the process's data, while some thread's growth is bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads = 0
        self._before = resource.RLIM_INFINITY

    def enter(self, bytes_max: int) -> None:
        """Allow what there is, and `bytes_max` more."""
        with self._lock:
            soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
            if not self._threads:
                self._before = soft
            self._threads += 1
            _allow(_data_bytes() + bytes_max, hard, self._before)

    def leave(self) -> None:
        """Allow what was allowed before, when the last thread leaves."""
        with self._lock:
            self._threads -= 1
            if not self._threads:
                _, hard = resource.getrlimit(resource.RLIMIT_DATA)
                resource.setrlimit(resource.RLIMIT_DATA, (self._before, hard))


_growth: Final = _Growth() if sys.platform == "linux" else None


@contextmanager
def growth_limited(bytes_max: int) -> Iterator[None]:
    """Let the process's data grow by no more than about `bytes_max` meanwhile.

    What asks for more is told that there is none (MemoryError, or a library's own word for it), in
    this thread or, for as long as the bound is reached, in another. Several threads may be bounded
    at once: the last one to enter says how far. Processes that are started meanwhile inherit it.

    Source: setrlimit(2), RLIMIT_DATA, which counts private writable memory since Linux 4.7.
    Cost: 30 microseconds.
    """
    if _growth is None:
        yield
        return
    _growth.enter(bytes_max)
    try:
        yield
    finally:
        _growth.leave()


def _data_bytes() -> int:
    return int(_PAGES.read_text("ascii").split()[_DATA]) * os.sysconf("SC_PAGE_SIZE")


def _allow(data_bytes: int, hard: int, most: int) -> None:
    """Set the limit, but no further than `hard`, and than what was allowed before."""
    ends = [end for end in (data_bytes, hard, most) if end != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(ends), hard))
