"""Generators of UUIDs: one for each value, or one for each generation of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa

from gerador.limits import BLOCK_ROWS
from gerador.randomness import WORDS_PER_COUNT
from gerador.schedule.arrivals import run_lengths
from gerador.values.arrow_arrays import fixed_width_array, variable_width_array
from gerador.values.column import BaseColumn, Positions, take_rows
from gerador.values.declaration import ValueGenerator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


UUID_TYPE: Final = {"type": "string", "logicalType": "uuid"}


class UuidGenerator(ValueGenerator):
    """A random UUID (version 4) for each value."""

    types: ClassVar[frozenset[str]] = frozenset({"string", "uuid", "uuid on fixed"})
    equally_likely: ClassVar[bool] = True
    kind: Literal["uuid"] = "uuid"

    def default_type(self) -> Any:
        """Return uuid on string."""
        return UUID_TYPE

    def distinct_values(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return the number of UUIDs by their random bits; a repetition is very unlikely."""
        return 2**122

    def column(self, context: BuildContext, target: ColumnTarget) -> UuidColumn:  # noqa: ARG002
        """Return the column of the field."""
        return UuidColumn(target.path, target.type)


class GenerationIdGenerator(ValueGenerator):
    """One random UUID for each generation of rows."""

    types: ClassVar[frozenset[str]] = frozenset({"string", "uuid"})
    kind: Literal["generation_id"] = "generation_id"

    def default_type(self) -> Any:
        """Return uuid on string."""
        return UUID_TYPE

    def column(self, context: BuildContext, target: ColumnTarget) -> GenerationIdColumn:  # noqa: ARG002
        """Return the column of generation ids, as a dictionary with int16 indices."""
        return GenerationIdColumn(target.path, pa.dictionary(pa.int16(), pa.string()))


UUID_BYTES: Final = 16
TEXT_BYTES: Final = 36
UUIDS_PER_COUNT: Final = WORDS_PER_COUNT // 2
# The five groups of a UUID's digits, the last one in two parts. Each is copied as one integer
# from its place in the 32 digits to its place in the text.
_GROUPS: Final = {"a": "<u8", "b": "<u4", "c": "<u4", "d": "<u4", "e": "<u8", "f": "<u4"}


def _layout(starts: list[int], size: int) -> np.dtype[np.void]:
    """Return the layout of the groups at these byte offsets of a text of `size` bytes."""
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
    """Return (uuids, 16) uint8 from two random words each, with version and variant set."""
    raw = words.astype("<u8", copy=False).view(np.uint8).reshape(-1, UUID_BYTES)
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    return raw


def uuid_text(raw: NDArray[np.uint8]) -> pa.StringArray:
    """Return the 36-character texts of (uuids, 16) bytes. Cost: no Python per UUID."""
    # Every byte is a valid index of the table; mode "clip" skips the bounds check.
    digits = _PAIRS.take(raw, mode="clip").reshape(-1).view(_IN_DIGITS)
    text = np.full(len(raw) * TEXT_BYTES, _DASH, np.uint8)
    groups = text.view(_IN_TEXT)
    for name in _GROUPS:
        groups[name] = digits[name]
    offsets = np.arange(len(raw) + 1, dtype=np.int32) * TEXT_BYTES
    return variable_width_array(pa.string(), offsets, text)


@dataclass(frozen=True, slots=True)
class UuidColumn(BaseColumn):
    """A UUID for each item."""

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) texts, or 16 bytes each if the type is fixed."""
        raw = uuid_bytes(block.rng(self.path).words(2 * len(positions)))
        return uuid_text(raw) if self.type == pa.string() else fixed_width_array(raw, self.type)


@dataclass(frozen=True, slots=True)
class GenerationIdColumn(BaseColumn):
    """The UUID of the row's generation: a dictionary of the generations in the block.

    The randomness is addressed by generation and not by block, so that a generation in several
    blocks has one UUID.
    """

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return a dictionary array; its entries are the block's generations in order."""
        size = block.generation_rows
        lengths = run_lengths(block.first_row, BLOCK_ROWS, size)
        index = take_rows(np.repeat(np.arange(len(lengths), dtype=np.int16), lengths), positions)
        texts = uuid_text(self._raw(block, block.first_row // size, len(lengths)))
        indices = fixed_width_array(index, self.type.index_type)
        return pa.DictionaryArray.from_arrays(indices, texts, safe=False)

    def _raw(self, block: Block, first: int, wanted: int) -> NDArray[np.uint8]:
        """Return the UUIDs of `wanted` generations starting with `first`, (wanted, 16) uint8."""
        count, before = divmod(first, UUIDS_PER_COUNT)
        words = block.seeds.rng(self.path, 0, count=count).words(2 * (before + wanted))
        return uuid_bytes(words[2 * before :])
