"""Memory growth limits: larger allocations fail, and only inside the context."""

from __future__ import annotations

import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from gerador import memory_limit
from gerador.memory_limit import limit_memory_growth

MIB = 1024 * 1024
LINUX = sys.platform == "linux"
LIMIT = 512 * MIB
HELD = 384
"""MiB; two exceed the limit by far, since memory of earlier tests may be freed meanwhile."""


def can_allocate(mebibytes: int) -> bool:
    """Return whether an allocation succeeds."""
    try:
        return len(np.empty(mebibytes * MIB, np.uint8)) > 0
    except MemoryError:
        return False


def data_limit() -> int:
    """Return the data limit of the process in bytes."""
    return resource.getrlimit(resource.RLIMIT_DATA)[0]


def test_allocations_beyond_the_limit_fail():
    """On Linux an allocation over the limit fails; smaller ones and later ones succeed."""
    before = data_limit()
    with limit_memory_growth(LIMIT):
        assert can_allocate(LIMIT // MIB // 4)
        assert can_allocate(LIMIT // MIB * 4) is not LINUX
    assert can_allocate(LIMIT // MIB * 4)
    assert data_limit() == before


def test_errors_restore_the_limit():
    """An error inside the context restores the limit."""
    before = data_limit()
    with pytest.raises(ZeroDivisionError), limit_memory_growth(LIMIT):
        raise ZeroDivisionError
    assert data_limit() == before


def test_nested_limits_do_not_add_up():
    """After an inner limit, the outer one still counts from its own start."""
    with limit_memory_growth(LIMIT):
        held = np.empty(HELD * MIB, np.uint8)
        with limit_memory_growth(LIMIT):
            assert can_allocate(HELD)
        assert can_allocate(HELD) is not LINUX
        assert held.size


def test_a_failed_limit_is_not_kept(monkeypatch: pytest.MonkeyPatch):
    """If the memory in use cannot be read, no limit is left, and later limits work."""
    if not LINUX:
        return
    before = data_limit()
    with monkeypatch.context() as patched:
        patched.setattr(memory_limit, "_STATM", Path("/nowhere"))
        with pytest.raises(OSError, match="nowhere"), limit_memory_growth(LIMIT):
            raise AssertionError
    with limit_memory_growth(LIMIT):
        pass
    assert data_limit() == before


def test_threads_share_the_limit():
    """Several threads are limited at once; after the last one the limit is restored."""
    before, barrier = data_limit(), Barrier(4)

    def is_limited(_: int) -> bool:
        with limit_memory_growth(128 * MIB):
            barrier.wait()
            limited = data_limit() != before
            barrier.wait()
        return limited

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(is_limited, range(4))) == [LINUX] * 4
    assert data_limit() == before
