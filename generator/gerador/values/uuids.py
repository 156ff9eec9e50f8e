"""UUIDs: a random one for each value, or one for each generation of rows."""

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
    from gerador.values.column import Block


UUID_TYPE: Final = {"type": "string", "logicalType": "uuid"}


class UuidGenerator(ValueGenerator):
    """A random uuid, version 4, for each value."""

    suits: ClassVar[frozenset[str]] = frozenset({"string", "uuid", "uuid on fixed"})
    kind: Literal["uuid"] = "uuid"

    def natural_type(self) -> Any:
        """Return a uuid on string."""
        return UUID_TYPE

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return how many there are by their random bits: no two are met alike."""
        return 2**122


class GenerationIdGenerator(ValueGenerator):
    """One random uuid for each generation of rows."""

    suits: ClassVar[frozenset[str]] = frozenset({"string", "uuid"})
    kind: Literal["generation_id"] = "generation_id"

    def natural_type(self) -> Any:
        """Return a uuid on string."""
        return UUID_TYPE


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
    return variable_width_array(pa.string(), offsets, text)


@dataclass(frozen=True, slots=True)
class UuidColumn(BaseColumn):
    """A uuid of its own for each item."""

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts, or sixteen bytes each where the type says so."""
        raw = uuid_bytes(block.draws(self.path).words(2 * len(at)))
        return uuid_text(raw) if self.type == pa.string() else fixed_width_array(raw, self.type)


@dataclass(frozen=True, slots=True)
class GenerationIdColumn(BaseColumn):
    """The uuid of the row's generation: a dictionary of the generations in the block.

    A generation's uuid is addressed by its number and not by the block, so that a generation
    that spans blocks has one.
    """

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return a dictionary array whose entries are the block's generations in order."""
        size = block.generation_rows
        lengths = run_lengths(block.first_row, BLOCK_ROWS, size)
        index = take_rows(np.repeat(np.arange(len(lengths), dtype=np.int16), lengths), at)
        texts = uuid_text(self._raw(block, block.first_row // size, len(lengths)))
        indices = fixed_width_array(index, self.type.index_type)
        return pa.DictionaryArray.from_arrays(indices, texts, safe=False)

    def _raw(self, block: Block, first: int, wanted: int) -> NDArray[np.uint8]:
        """Return the uuids of `wanted` generations from `first` on, (wanted, 16) uint8."""
        count, before = divmod(first, UUIDS_PER_COUNT)
        words = block.seeds.draws(self.path, 0, count=count).words(2 * (before + wanted))
        return uuid_bytes(words[2 * before :])


def generation_id_column(path: str) -> GenerationIdColumn:
    """Return the column of generation ids, as a dictionary with int16 indices."""
    return GenerationIdColumn(path, pa.dictionary(pa.int16(), pa.string()))
