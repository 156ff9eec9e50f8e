"""Python's own machinery and its threads, told what this program is like."""

from __future__ import annotations

import gc
import os
import sys
from typing import Final

SWITCH_INTERVAL_S: Final = 0.0005
"""Longest wait of a thread for the interpreter's lock; Python's own default is ten times that.

The thread that makes rows needs the lock for microseconds between two kernels. While the event
loop copies megabytes it would get it back only after 5 ms, a hundred times a slice.
"""


def hand_over_quickly() -> None:
    """Let threads wait for each other no longer than SWITCH_INTERVAL_S."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)


THREAD_NICENESS: Final = 10
"""What a thread that makes rows adds to its niceness: a tenth of the event loop's weight."""


def give_way() -> None:
    """Let this thread run after others: the event loop's, and a broker's on the same machine.

    Rows are made ahead of what the brokers take, so that whoever waits for a processor to deliver
    them should not wait for more to be made. Linux only: elsewhere niceness is the process's.
    """
    if sys.platform == "linux":
        os.nice(THREAD_NICENESS)


def spare_the_collector() -> None:
    """Collect once, then let what is left be looked at no more.

    What is loaded by the time a stream runs (code, schemas, the API) is hundreds of thousands of
    objects; walking them again and again would hold up the event loop for tenths of a second.
    """
    gc.unfreeze()  # what an earlier run in this process left behind is garbage by now
    gc.collect()
    gc.freeze()
