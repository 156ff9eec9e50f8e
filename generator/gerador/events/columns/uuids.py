"""Columns of uuids: one an item, or one a generation; text or sixteen bytes.

Version 4, variant 1 (RFC 9562, section 5.4): 122 random bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from gerador.events.block import pick
from gerador.events.columns.column import Leaf, Positions, from_numpy, varying
from gerador.events.limits import BLOCK_ROWS
from gerador.events.runs import run_lengths
from gerador.events.seeds import WORDS_PER_COUNT
from gerador.scenario.fields import GenerationIdField, UuidField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make

UUID_BYTES: Final = 16
TEXT_BYTES: Final = 36
UUIDS_PER_COUNT: Final = WORDS_PER_COUNT // 2
# The five groups of a uuid's digits, the last one in two parts: each is copied as one number,
# from where it stands among the digits alone to where it stands in the text.
_GROUPS: Final = {"a": "<u8", "b": "<u4", "c": "<u4", "d": "<u4", "e": "<u8", "f": "<u4"}


def _layout(starts: list[int], size: int) -> np.dtype[np.void]:
    """Return the layout of a uuid's groups of hex digits at these bytes of `size`."""
    formats = list(_GROUPS.values())
    return np.dtype(
        {"names": list(_GROUPS), "formats": formats, "offsets": starts, "itemsize": size}
    )


_HEX: Final = np.frombuffer(bytes(range(256)).hex().encode(), np.uint8).reshape(256, 2)
_PAIRS: Final = _HEX.copy().view(np.uint16).ravel()
_DASH: Final = ord("-")
_IN_TEXT: Final = _layout([0, 9, 14, 19, 24, 32], TEXT_BYTES)
_IN_DIGITS: Final = _layout([0, 8, 12, 16, 20, 28], 2 * UUID_BYTES)


def uuid_bytes(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return (uuids, 16) uint8 from two random words each, version and variant set."""
    raw = words.astype("<u8", copy=False).view(np.uint8).reshape(-1, UUID_BYTES)
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    return raw


def uuid_text(raw: NDArray[np.uint8]) -> pa.StringArray:
    """Return the 36-character texts of (uuids, 16) bytes. Cost: no Python per uuid."""
    # Every byte is an index of the table, so clipping checks nothing and costs the least.
    digits = _PAIRS.take(raw, mode="clip").reshape(-1).view(_IN_DIGITS)
    text = np.full(len(raw) * TEXT_BYTES, _DASH, np.uint8)
    groups = text.view(_IN_TEXT)
    for name in _GROUPS:
        groups[name] = digits[name]
    offsets = np.arange(len(raw) + 1, dtype=np.int32) * TEXT_BYTES
    return varying(pa.string(), offsets, text)


@dataclass(frozen=True, slots=True)
class Uuids(Leaf):
    """A uuid of its own for each item."""

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts, or sixteen bytes each where the type says so."""
        raw = uuid_bytes(block.draws(self.path).words(2 * len(at)))
        return uuid_text(raw) if self.type == pa.string() else from_numpy(raw, self.type)


@dataclass(frozen=True, slots=True)
class GenerationIds(Leaf):
    """The uuid of the row's generation: a dictionary of the generations in the block.

    A generation's uuid is addressed by its number and not by the block, so that a generation
    that spans blocks has one.
    """

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return a dictionary array whose entries are the block's generations in order."""
        size = block.generation_rows
        lengths = run_lengths(block.first_row, BLOCK_ROWS, size)
        index = pick(np.repeat(np.arange(len(lengths), dtype=np.int16), lengths), at)
        texts = uuid_text(self._raw(block, block.first_row // size, len(lengths)))
        indices = from_numpy(index, self.type.index_type)
        return pa.DictionaryArray.from_arrays(indices, texts, safe=False)

    def _raw(self, block: Block, first: int, wanted: int) -> NDArray[np.uint8]:
        """Return the uuids of `wanted` generations from `first` on, (wanted, 16) uint8."""
        count, before = divmod(first, UUIDS_PER_COUNT)
        words = block.seeds.draws(self.path, 0, count=count).words(2 * (before + wanted))
        return uuid_bytes(words[2 * before :])


def generation_column(path: str) -> GenerationIds:
    """Return the column of generation ids, as a dictionary with int16 indices."""
    return GenerationIds(path, pa.dictionary(pa.int16(), pa.string()))


MAKERS: Final[Mapping[type, Make]] = {
    UuidField: lambda _, place, __: Uuids(place.path, place.type),
    GenerationIdField: lambda _, place, __: generation_column(place.path),
}
