"""What threads are told about their place among others."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from generator.interpreter import THREAD_NICENESS, give_way

NICENESS_MAX = 19


def niceness() -> int:
    """Return the niceness of the thread that asks."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def test_a_thread_that_gives_way_does_so_alone():
    """On Linux its own niceness grows; the thread that started it, and other systems, do not."""
    before = niceness()
    with ThreadPoolExecutor(1, initializer=give_way) as thread:
        inside = thread.submit(niceness).result()
    given = THREAD_NICENESS if sys.platform == "linux" else 0
    assert inside == min(NICENESS_MAX, before + given)
    assert niceness() == before
