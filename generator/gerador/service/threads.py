"""The threads that make rows: of each stream one for what goes out, one for who looks at it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from gerador.interpreter import give_way

ROWS_THREAD: Final = "rows-"
"""How the names of threads that make rows begin."""
LOOKS_THREAD: Final = f"{ROWS_THREAD}again-"
"""How the names of those begin that make rows again for who looks at them."""


def rows_thread(stream: str) -> ThreadPoolExecutor:
    """Return the thread that makes a stream's rows; it starts with its first work."""
    return _thread(ROWS_THREAD, stream)


def looks_thread(stream: str) -> ThreadPoolExecutor:
    """Return the thread that makes a stream's rows again, one look after the other.

    A stream whose rows take long holds up who looks at it, and neither itself nor the others.
    """
    return _thread(LOOKS_THREAD, stream)


def _thread(prefix: str, stream: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix=f"{prefix}{stream}", initializer=give_way)
