"""How far memory may grow: what is beyond is refused, and only for as long as it is bounded."""

from __future__ import annotations

import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from gerador import memory
from gerador.memory import limit_memory_growth

MIB = 1024 * 1024
LINUX = sys.platform == "linux"


def taken(mebibytes: int) -> bool:
    """Tell whether that much memory can be had."""
    try:
        return len(np.empty(mebibytes * MIB, np.uint8)) > 0
    except MemoryError:
        return False


def allowed() -> int:
    """Return how much data the process may have."""
    return resource.getrlimit(resource.RLIMIT_DATA)[0]


def test_more_than_the_bound_is_refused_meanwhile():
    """On Linux what goes beyond cannot be had; before, after and within the bound it can."""
    before = allowed()
    with limit_memory_growth(64 * MIB):
        assert taken(16)
        assert taken(256) is not LINUX
    assert taken(256)
    assert allowed() == before


def test_what_fails_inside_leaves_no_bound():
    """An error ends it too."""
    before = allowed()
    with pytest.raises(ZeroDivisionError), limit_memory_growth(64 * MIB):
        raise ZeroDivisionError
    assert allowed() == before


def test_who_enters_meanwhile_adds_nothing_for_good():
    """The bound of who is still inside goes from where it began, whoever came and went."""
    with limit_memory_growth(64 * MIB):
        held = np.empty(48 * MIB, np.uint8)
        with limit_memory_growth(64 * MIB):
            assert taken(48)
        assert taken(48) is not LINUX
        assert held.size


def test_a_bound_that_cannot_be_set_leaves_none(monkeypatch: pytest.MonkeyPatch):
    """Where nobody can tell what there is, no later bound stays either."""
    if not LINUX:
        return
    before = allowed()
    with monkeypatch.context() as patched:
        patched.setattr(memory, "_PAGES", Path("/nowhere"))
        with pytest.raises(OSError, match="nowhere"), limit_memory_growth(64 * MIB):
            raise AssertionError
    with limit_memory_growth(64 * MIB):
        pass
    assert allowed() == before


def test_threads_are_bounded_together_until_the_last_leaves():
    """Several at once, and none leaves a bound behind."""
    before, both = allowed(), Barrier(4)

    def inside(_: int) -> bool:
        with limit_memory_growth(128 * MIB):
            both.wait()
            bounded = allowed() != before
            both.wait()
        return bounded

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(inside, range(4))) == [LINUX] * 4
    assert allowed() == before
