"""Tune the Python process: garbage collector, thread switching and priority, malloc arenas."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from typing import Final

GC_THRESHOLDS_LOADING: Final = (50_000, 20, 100)
"""Collector thresholds while modules are imported (Python 3.11's default is 700 new objects).

Imports create hundreds of thousands of objects, almost none of them garbage: with the default, the
collector took a fifth of the start-up time.
"""
_GC_THRESHOLDS_DEFAULT: Final = gc.get_threshold()

MALLOC_ARENAS_MAX: Final = 1
"""Heaps of C's malloc (glibc); its default limit is eight per processor.

With one heap per thread, memory that a thread frees stays with that thread: a tenth of the memory
of a run at full speed. Python's lock lets nearly always only one thread allocate at a time.
"""
M_ARENA_MAX: Final = -8
"""Source: glibc, malloc.h."""

SWITCH_INTERVAL_S: Final = 0.0005
"""Longest wait of a thread for the interpreter lock; Python's default is ten times that.

The thread that generates rows needs the lock for microseconds between two kernels. While the event
loop copies megabytes, it would get the lock back only after 5 ms, a hundred times per slice.
"""

THREAD_NICENESS: Final = 10
"""Added to the niceness of threads that generate rows: a tenth of the event loop's weight."""


class _NoPandas:
    """An import hook that reports pandas as not installed."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def skip_pandas() -> None:
    """Import pyarrow, and keep its first `pa.array` from importing pandas: 0.3 s and 40 MB.

    pyarrow looks for pandas once, to recognize pandas objects as input; there are none here.
    Conversions to pandas still import it, and make pyarrow recognize pandas objects again.
    """
    import pyarrow as pa  # noqa: PLC0415 - used by some commands only

    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array(())
    finally:
        sys.meta_path.remove(_NoPandas)


def relax_gc() -> None:
    """Collect garbage less often while the program is imported, until `freeze_gc`."""
    gc.set_threshold(*GC_THRESHOLDS_LOADING)


def freeze_gc() -> None:
    """Collect garbage once, then exclude the remaining objects and restore the default thresholds.

    By the time a stream runs there are hundreds of thousands of objects (code, schemas, the API);
    each full collection would block the event loop for tenths of a second.
    """
    gc.set_threshold(*_GC_THRESHOLDS_DEFAULT)
    gc.unfreeze()  # objects of an earlier run in this process are garbage by now
    gc.collect()
    gc.freeze()


def limit_malloc_arenas() -> bool:
    """Let all threads allocate from MALLOC_ARENAS_MAX heaps; return whether libc supports it.

    Call it before threads are started: existing heaps stay.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and bool(mallopt(M_ARENA_MAX, MALLOC_ARENAS_MAX))


def shorten_switch_interval() -> None:
    """Let threads wait for the interpreter lock at most SWITCH_INTERVAL_S."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)


def lower_thread_priority() -> None:
    """Lower the priority of the calling thread, below the event loop and a broker's processes.

    Rows are generated ahead of delivery, so threads that deliver should not wait for a processor.
    Linux only: elsewhere niceness is per process.
    """
    if sys.platform == "linux":
        os.nice(THREAD_NICENESS)
