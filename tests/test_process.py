"""What threads are told about their place among others."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gerador.process import (
    MALLOC_ARENAS_MAX,
    THREAD_NICENESS,
    limit_malloc_arenas,
    lower_thread_priority,
)

if TYPE_CHECKING:
    from pathlib import Path

NICENESS_MAX = 19


def niceness() -> int:
    """Return the niceness of the thread that asks."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def test_a_thread_that_gives_way_does_so_alone():
    """On Linux its own niceness grows; the thread that started it, and other systems, do not."""
    before = niceness()
    with ThreadPoolExecutor(1, initializer=lower_thread_priority) as thread:
        inside = thread.submit(niceness).result()
    given = THREAD_NICENESS if sys.platform == "linux" else 0
    assert inside == min(NICENESS_MAX, before + given)
    assert niceness() == before


HEAPS = """
import ctypes
import sys
from threading import Barrier, Thread

from gerador.process import share_the_heap

if sys.argv[1] == "shared":
    assert share_the_heap()
all_hold = Barrier(5)
C = ctypes.CDLL(None)
C.malloc.restype = C.fopen.restype = ctypes.c_void_p
threads = [Thread(target=lambda: (C.malloc(50_000), all_hold.wait())) for _ in range(4)]
for thread in threads:
    thread.start()
all_hold.wait()
file = ctypes.c_void_p(C.fopen(sys.argv[2].encode(), b"w"))
C.malloc_info(0, file)
C.fclose(file)
"""


@pytest.mark.parametrize("how", ["shared", "own"])
def test_threads_share_the_heap(how: str, tmp_path: Path):
    """As C tells its heaps while four threads hold memory; without a word there are more."""
    if sys.platform != "linux":
        assert not limit_malloc_arenas()
        return
    told = tmp_path / "heaps.xml"
    subprocess.run([sys.executable, "-c", HEAPS, how, str(told)], check=True, timeout=60)
    assert (told.read_text().count("<heap nr=") == MALLOC_ARENAS_MAX) is (how == "shared")


def test_the_collector_is_told_when_the_load_begins_and_when_it_is_over():
    """Its figures are Python's own again once what stays is loaded."""
    code = (
        "import gc; own = gc.get_threshold()\n"
        "from gerador.process import *\n"
        "collect_seldom(); assert gc.get_threshold() == COLLECTED_AFTER != own\n"
        "spare_the_collector(); assert gc.get_threshold() == own; assert gc.get_freeze_count()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
