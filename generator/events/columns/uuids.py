"""Columns of uuids: one an item, or one a generation; text or sixteen bytes.

Version 4, variant 1 (RFC 9562, section 5.4): 122 random bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from generator.events.block import EVERY_ROW, pick
from generator.events.columns.column import Leaf, Positions, from_numpy, varying
from generator.events.seeds import WORDS_PER_COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from generator.events.block import Block

UUID_BYTES: Final = 16
TEXT_BYTES: Final = 36
UUIDS_PER_COUNT: Final = WORDS_PER_COUNT // 2
_HEX: Final = np.frombuffer(bytes(range(256)).hex().encode(), np.uint8).reshape(256, 2)
_PAIRS: Final = _HEX.copy().view(np.uint16).ravel()
_DASH: Final = ord("-")
# Where each of the five groups of a uuid's text starts, and which bytes it writes.
_GROUPS: Final = ((0, 0, 4), (9, 4, 6), (14, 6, 8), (19, 8, 10), (24, 10, 16))


def uuid_bytes(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return (uuids, 16) uint8 from two random words each, version and variant set."""
    raw = words.astype("<u8", copy=False).view(np.uint8).reshape(-1, UUID_BYTES)
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    return raw


def uuid_text(raw: NDArray[np.uint8]) -> pa.StringArray:
    """Return the 36-character texts of (uuids, 16) bytes. Cost: no Python per uuid."""
    pairs = _PAIRS[raw].view(np.uint8)
    text = np.full((len(raw), TEXT_BYTES), _DASH, np.uint8)
    for start, first, after in _GROUPS:
        text[:, start : start + 2 * (after - first)] = pairs[:, 2 * first : 2 * after]
    offsets = np.arange(len(raw) + 1, dtype=np.int32) * TEXT_BYTES
    return varying(pa.string(), offsets, text.reshape(-1))


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
        first, phase = divmod(block.first_row, size)
        last = (block.first_row + len(EVERY_ROW) - 1) // size
        index = (pick(EVERY_ROW, at) + phase) // size
        indices = from_numpy(index.astype(np.int16), self.type.index_type)
        texts = uuid_text(self.raw(block, first, last))
        return pa.DictionaryArray.from_arrays(indices, texts, safe=False)

    def raw(self, block: Block, first: int, last: int) -> NDArray[np.uint8]:
        """Return the uuids of generations [first, last] as (generations, 16) uint8."""
        count, before = divmod(first, UUIDS_PER_COUNT)
        wanted = last - first + 1
        words = block.seeds.draws(self.path, 0, count=count).words(2 * (before + wanted))
        return uuid_bytes(words[2 * before :])


def generation_column(path: str) -> GenerationIds:
    """Return the column of generation ids, as a dictionary with int16 indices."""
    return GenerationIds(path, pa.dictionary(pa.int16(), pa.string()))
