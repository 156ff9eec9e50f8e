"""What was computed from a dictionary's entries, kept while blocks share the dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

_Made = TypeVar("_Made")


class Remembered(Generic[_Made]):
    """The result of a pure function for the last dictionary. Safe to use from several threads.

    A dictionary is known again by its memory, which is kept alive here, so that an address stands
    for the same entries.
    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: tuple[tuple[int, ...], pa.Array, _Made] | None = None

    def get(self, dictionary: pa.Array, make: Callable[[pa.Array], _Made]) -> _Made:
        """Return what `make` makes of the entries, of plain text or numbers."""
        addresses = (b.address if b else 0 for b in dictionary.buffers())
        place = (*addresses, dictionary.offset, len(dictionary))
        last = self._last
        if last is not None and last[0] == place and last[1].type == dictionary.type:
            return last[2]
        made = make(dictionary)
        self._last = (place, dictionary, made)
        return made
