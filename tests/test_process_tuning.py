"""Process tuning: thread priority, malloc arenas, garbage collector."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gerador.process_tuning import (
    MALLOC_ARENAS_MAX,
    THREAD_NICENESS,
    limit_malloc_arenas,
    lower_thread_priority,
)

if TYPE_CHECKING:
    from pathlib import Path

NICENESS_MAX = 19


def niceness() -> int:
    """Return the niceness of the calling thread."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def test_lower_priority_affects_one_thread():
    """On Linux the niceness of the calling thread increases, not that of its parent."""
    before = niceness()
    with ThreadPoolExecutor(1, initializer=lower_thread_priority) as thread:
        inside = thread.submit(niceness).result()
    added = THREAD_NICENESS if sys.platform == "linux" else 0
    assert inside == min(NICENESS_MAX, before + added)
    assert niceness() == before


ARENAS = """
import ctypes
import sys
from threading import Barrier, Thread

from gerador.process_tuning import limit_malloc_arenas

if sys.argv[1] == "limited":
    assert limit_malloc_arenas()
barrier = Barrier(5)
C = ctypes.CDLL(None)
C.malloc.restype = C.fopen.restype = ctypes.c_void_p
threads = [Thread(target=lambda: (C.malloc(50_000), barrier.wait())) for _ in range(4)]
for thread in threads:
    thread.start()
barrier.wait()
file = ctypes.c_void_p(C.fopen(sys.argv[2].encode(), b"w"))
C.malloc_info(0, file)
C.fclose(file)
"""


@pytest.mark.parametrize("how", ["limited", "default"])
def test_malloc_arenas_are_limited(how: str, tmp_path: Path):
    """malloc_info reports one heap for four threads; by default it reports more."""
    if sys.platform != "linux":
        assert not limit_malloc_arenas()
        return
    report = tmp_path / "heaps.xml"
    subprocess.run([sys.executable, "-c", ARENAS, how, str(report)], check=True, timeout=60)
    assert (report.read_text().count("<heap nr=") == MALLOC_ARENAS_MAX) is (how == "limited")


def test_collector_thresholds_are_restored():
    """`freeze_gc` restores the default thresholds that `relax_gc` raised."""
    code = (
        "import gc; default = gc.get_threshold()\n"
        "from gerador.process_tuning import *\n"
        "relax_gc(); assert gc.get_threshold() == GC_THRESHOLDS_LOADING != default\n"
        "freeze_gc(); assert gc.get_threshold() == default; assert gc.get_freeze_count()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


PANDAS = """
import sys
from gerador.process_tuning import skip_pandas
skip_pandas()
import pyarrow as pa
pa.array([1])
assert "pandas" not in sys.modules
assert pa.array([1.5]).to_pandas().sum() == 1.5
import pandas as pd
assert pa.array(pd.Series([1.0, float("nan")])).null_count == 1
"""


def test_pandas_is_imported_only_for_conversions() -> None:
    """The first array does not import pandas; a conversion does, and then NaN is null."""
    assert subprocess.run([sys.executable, "-c", PANDAS], check=False).returncode == 0
