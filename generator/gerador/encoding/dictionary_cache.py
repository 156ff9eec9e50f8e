"""A cache of encoded Arrow dictionaries, keyed by the memory of their values."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa


CACHED_DICTIONARIES_MAX: Final = 16
"""Encoded dictionaries that one encoder keeps; the least recently used one is dropped."""

_Encoded = TypeVar("_Encoded")


def cache_by_dictionary(
    encode: Callable[[pa.Array], _Encoded],
) -> Callable[[pa.Array], _Encoded]:
    """Return `encode` with a cache of its latest results. Safe to share between threads.

    The cache keeps the dictionaries alive. Their types have no children: those have offsets of
    their own, which the key leaves out.
    """
    cached = lru_cache(maxsize=CACHED_DICTIONARIES_MAX)(lambda key: encode(key.values))
    return lambda dictionary: cached(_DictionaryKey(dictionary))


class _DictionaryKey:
    """The values of a dictionary as a hash key: equal when they are the same memory.

    It keeps the memory alive, so that no other dictionary gets the same address.
    """

    __slots__ = ("_location", "values")

    def __init__(self, values: pa.Array) -> None:
        self.values = values
        addresses = tuple(b.address if b else 0 for b in values.buffers())
        self._location = (*addresses, values.offset, len(values))

    def __hash__(self) -> int:
        return hash(self._location)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _DictionaryKey) or self._location != other._location:
            return False
        return bool(self.values.type == other.values.type)
