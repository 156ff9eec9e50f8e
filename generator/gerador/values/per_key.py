"""What generators with a state per key share: the key's identity, its step, and parameters drawn once per key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as at_
from pydantic import Field

from gerador.randomness import Rng, hash_ids
from gerador.values.column import take_rows
from gerador.values.counters import RoundRobinGenerator
from gerador.values.declaration import DurationS, ValueGenerator

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.randomness import StreamSeeds
    from gerador.values.column import Block, BuildContext, FieldReference, Positions


KEY_TYPES: Final = frozenset({
    "boolean", "int", "long", "decimal", "string", "enum", "uuid", "uuid on fixed", "bytes",
    "fixed", "date", "time", "timestamp",
})  # fmt: skip
"""Words of the types that can be the key of a walk or a machine."""
EVERY_MIN_S: Final = 0.001
EVERY_MAX_S: Final = 366 * 86_400
"""Shortest and longest step by event time: a millisecond, a year."""


class PerKeyGenerator(ValueGenerator):
    """What goes in steps of its own for each key.

    `per` names the field of the row that is the key. A step is one row of the key where `per`
    is of kind `turns`, else a span of `every` seconds of event time, counted from 1970.
    """

    referenced_types: ClassVar[frozenset[str]] = KEY_TYPES
    per: str
    """The field of the row that is the key."""
    every: Annotated[DurationS, Field(ge=EVERY_MIN_S, le=EVERY_MAX_S)] | None = None
    """Seconds of event time that a step takes, or a text such as 10m; without it per takes
    turns."""

    def references(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the field that is the key."""
        yield "per", self.per

    def depends_on_event_time(self) -> bool:
        """Return whether steps are spans of event time."""
        return self.every is not None

    def reference_errors(
        self, name: str, avro_type: AvroType, declared: ValueGenerator
    ) -> Iterator[str]:
        """Yield what is wrong about the key."""
        yield from super().reference_errors(name, avro_type, declared)
        if self.every is None and not isinstance(declared, RoundRobinGenerator):
            yield (
                f"field {name!r} is of kind {declared.kind!r}, whose rows do not take turns; "
                "add every: 1s, the event time that a step takes"
            )


class KeySteps(NamedTuple):
    """Of each item the number that names its key, (items,) uint64, and its step, (items,) int64.

    Steps count from 0: the key's rows before this one, or whole spans of time since 1970.
    """

    key: NDArray[np.uint64]
    step: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class KeyStepper:
    """The steps of the keys in a field: one for each turn, or one for each `every_ms`.

    Exactly one of `turns` (keys that take turns) and `every_ms` is more than 0.
    """

    per: FieldReference
    turns: int
    every_ms: int

    def __call__(self, block: Block, positions: Positions) -> KeySteps:
        """Return the steps of the items of `positions`."""
        key = key_ids(self.per.values(block, positions))
        if self.every_ms:
            return KeySteps(key, take_rows(block.event_time_ms, positions) // self.every_ms)
        return KeySteps(key, (block.first_row + positions) // self.turns)


def key_stepper(making: BuildContext, path: str, declared: PerKeyGenerator) -> KeyStepper:
    """Return the steps of the keys that the field at `path` goes by."""
    per = making.reference(path, declared.per)
    if declared.every is not None:
        return KeyStepper(per, 0, max(1, round(declared.every * 1_000)))
    turns = making.fields[per.path]
    assert isinstance(turns, RoundRobinGenerator)  # noqa: S101 - validation refused other kinds without `every`
    return KeyStepper(per, turns.of, 0)


NULL_ID: Final = 0x6E756C6C
"""What stands for null: any number would do."""


def key_ids(values: pa.Array) -> NDArray[np.uint64]:
    """Return (items,) uint64: whole numbers, dates and the like as they are, texts by a hash.

    `values` is an Arrow array of a type that `KEY_WORDS` names, or a dictionary of it. Cost:
    O(items); of a dictionary that is shorter than the items, O(its entries) and a look-up.
    """
    if isinstance(values, pa.DictionaryArray):
        return _dictionary_ids(values)
    numbers = _key_numbers(values)
    if values.null_count:
        numbers = np.where(pc.is_null(values).to_numpy(zero_copy_only=False), NULL_ID, numbers)
    return numbers.astype(np.uint64, copy=False)


def _dictionary_ids(values: pa.DictionaryArray) -> NDArray[np.uint64]:
    if len(values.dictionary) > len(values):
        return key_ids(values.dictionary_decode())
    entries = np.append(key_ids(values.dictionary), np.uint64(NULL_ID))
    index = (
        values.indices.fill_null(len(values.dictionary)) if values.null_count else values.indices
    )
    return entries[index.to_numpy(zero_copy_only=False)]


def _key_numbers(values: pa.Array) -> NDArray[np.uint64]:
    if at_.is_boolean(values.type):
        return values.cast(pa.uint8()).fill_null(0).to_numpy().astype(np.uint64)
    if at_.is_string(values.type) or at_.is_binary(values.type):
        _, offsets, data = values.buffers()
        bounds = np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4)
        return _hash_bytes(bounds.astype(np.int64), data)
    width = values.type.bit_width // 8
    _, data = values.buffers()
    if width in (4, 8) and not at_.is_fixed_size_binary(values.type):
        kind = np.int32 if width == 4 else np.int64
        return (
            np.frombuffer(data, kind, len(values), values.offset * width)
            .astype(np.int64)
            .view(np.uint64)
        )
    bounds = (np.arange(len(values) + 1, dtype=np.int64) + values.offset) * width
    return _hash_bytes(bounds, data)


def _hash_bytes(bounds: NDArray[np.int64], data: pa.Buffer | None) -> NDArray[np.uint64]:
    from gerador.values.kernels.text import fnv1a  # noqa: PLC0415 - see `events.kernels`

    out = np.empty(len(bounds) - 1, np.uint64)
    octets = np.frombuffer(data, np.uint8) if data is not None and data.size else _EMPTY_BYTES
    fnv1a(bounds, octets, out)
    return out


_EMPTY_BYTES: Final = np.zeros(1, np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class KeyRngSource:
    """Draws for the items of a block that are equal wherever `keys`, (items,) uint64, are."""

    seeds: StreamSeeds
    keys: NDArray[np.uint64]

    def rng(self, path: str) -> Rng:
        """Return the randomness of a path, which all rows of a key share."""
        return KeyRng(self.seeds.key(path), self.keys)


class KeyRng(Rng):
    """Words by key: call number n of an address gives each item word n of its key."""

    __slots__ = ("_keys",)

    def __init__(self, key: NDArray[np.uint64], keys: NDArray[np.uint64]) -> None:
        super().__init__(key, 0)
        self._keys = keys

    def words(self, items: int) -> NDArray[np.uint64]:
        """Return (items,) uint64, every bit fair. Cost: about 20 ns an item."""
        call = np.full(items, self._count, np.int64)
        self._count += 1
        return hash_ids(self._key, self._keys, call)

    def bits(self, items: int, bits: int) -> NDArray[np.unsignedinteger]:
        """Return (items,) unsigned integers of so many bits, each from the key's own word."""
        return (self.words(items) >> np.uint64(64 - bits)).astype(f"u{bits // 8}")
