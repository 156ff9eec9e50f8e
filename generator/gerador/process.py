"""Tune the Python process: garbage collector, thread switch interval, thread priority, malloc arenas."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from typing import Final

GC_THRESHOLDS_LOADING: Final = (50_000, 20, 100)
"""How many new objects the collector waits for while modules are loaded (Python 3.11's own figure
is 700); the second and third are rounds of the generation before.

Loading makes objects by the hundred thousand, and next to none of them is garbage: to walk them
again and again was a fifth of the start.
"""
_GC_THRESHOLDS_DEFAULT: Final = gc.get_threshold()
"""Python's own figures."""
MALLOC_ARENAS_MAX: Final = 1
"""Heaps that C's malloc keeps, on glibc; its own limit is eight for each processor.

With one for each thread, what a thread freed is kept for that thread alone: a tenth of the memory
that a run at full speed held. Python's lock lets one thread allocate at a time nearly always.
"""
M_ARENA_MAX: Final = -8
"""glibc, malloc.h."""


def relax_gc() -> None:
    """Let the collector look less often, until `freeze_gc`: a program is being loaded."""
    gc.set_threshold(*GC_THRESHOLDS_LOADING)


def limit_malloc_arenas() -> bool:
    """Let all threads allocate from HEAPS_MAX heaps; tell whether this C library takes that.

    To be called before there are threads: heaps that are there stay.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and bool(mallopt(M_ARENA_MAX, MALLOC_ARENAS_MAX))


SWITCH_INTERVAL_S: Final = 0.0005
"""Longest wait of a thread for the interpreter's lock; Python's own default is ten times that.

The thread that makes rows needs the lock for microseconds between two kernels. While the event
loop copies megabytes it would get it back only after 5 ms, a hundred times a slice.
"""


def shorten_switch_interval() -> None:
    """Let threads wait for each other no longer than SWITCH_INTERVAL_S."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)


THREAD_NICENESS: Final = 10
"""What a thread that makes rows adds to its niceness: a tenth of the event loop's weight."""


def lower_thread_priority() -> None:
    """Let this thread run after others: the event loop's, and a broker's on the same machine.

    Rows are made ahead of what the brokers take, so that whoever waits for a processor to deliver
    them should not wait for more to be made. Linux only: elsewhere niceness is the process's.
    """
    if sys.platform == "linux":
        os.nice(THREAD_NICENESS)


def freeze_gc() -> None:
    """Collect once, then let what is left be looked at no more.

    What is loaded by the time a stream runs (code, schemas, the API) is hundreds of thousands of
    objects; walking them again and again would hold up the event loop for tenths of a second.
    """
    gc.set_threshold(*_GC_THRESHOLDS_DEFAULT)
    gc.unfreeze()  # what an earlier run in this process left behind is garbage by now
    gc.collect()
    gc.freeze()
