"""Base of generators with a state per key: key ids, steps, and random numbers of a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, NamedTuple, Protocol

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
"""Types of keys."""
EVERY_MIN_S: Final = 0.001
EVERY_MAX_S: Final = 366 * 86_400
"""Minimum and maximum step in event time: a millisecond, a year."""


class PerKeyGenerator(ValueGenerator):
    """A generator whose state advances in steps for each key.

    A step is `every` seconds of event time since the start of the stream, at an instant of its own
    for each key, or else a row of the key, whose field must be of kind `round_robin`.
    """

    referenced_types: ClassVar[frozenset[str]] = KEY_TYPES
    key: str
    """The field of the row that is the key."""
    every: Annotated[DurationS, Field(ge=EVERY_MIN_S, le=EVERY_MAX_S)] | None = None
    """Event time of a step in seconds, or text such as 10m. Default: a step per row of the key."""

    def references(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the field that is the key."""
        yield "key", self.key

    def depends_on_event_time(self) -> bool:
        """Return whether steps are spans of event time."""
        return self.every is not None

    def reference_errors(
        self, name: str, avro_type: AvroType, generator: ValueGenerator
    ) -> Iterator[str]:
        """Yield an error if the field cannot be the key."""
        yield from super().reference_errors(name, avro_type, generator)
        if self.every is None and not isinstance(generator, RoundRobinGenerator):
            kind = RoundRobinGenerator.model_fields["kind"].default
            yield (
                f"field {name!r} is of kind {generator.kind!r}; "
                f"add every: 1s, the event time of a step, or use a key of kind {kind!r}"
            )


class KeySteps(NamedTuple):
    """The id of the key of each item, (items,) uint64, and its step, (items,) int64 from 0."""

    key: NDArray[np.uint64]
    step: NDArray[np.int64]


class KeyStepper(Protocol):
    """Computes the step of each item's key."""

    def __call__(self, block: Block, positions: Positions) -> KeySteps:
        """Return the keys and steps of the items of `positions`."""
        ...


@dataclass(frozen=True, slots=True)
class RowStepper:
    """Steps of `every_rows` rows."""

    key: FieldReference
    every_rows: int

    def __call__(self, block: Block, positions: Positions) -> KeySteps:
        """Return the keys and steps of the items of `positions`."""
        key = key_ids(self.key.values(block, positions))
        return KeySteps(key, (block.first_row + positions) // self.every_rows)


@dataclass(frozen=True, slots=True)
class EventTimeStepper:
    """Steps of `every_ms` of event time.

    The first step of a key starts a random time in [0, `delay_ms`) after the start of the stream,
    so that keys do not change together. Until then the key is at step 0.
    """

    path: str
    key: FieldReference
    every_ms: int
    delay_ms: int

    def __call__(self, block: Block, positions: Positions) -> KeySteps:
        """Return the keys and steps of the items of `positions`."""
        key = key_ids(self.key.values(block, positions))
        rng = KeyRng(block.seeds.key(f"{self.path}~phase"), key)
        delay = rng.integers(len(key), 0, self.delay_ms - 1)
        elapsed = take_rows(block.event_time_ms, positions) - block.start_ms
        return KeySteps(key, np.maximum(elapsed - delay, 0) // self.every_ms)


def key_stepper(
    context: BuildContext, path: str, generator: PerKeyGenerator, *, cycle_steps: float = 1.0
) -> KeyStepper:
    """Return the stepper of the field at `path`.

    Keys that advance by event time start within the first `cycle_steps` steps, 1 or more.
    """
    key = context.reference(path, generator.key)
    if generator.every is not None:
        every_ms = max(1, round(generator.every * 1_000))
        return EventTimeStepper(path, key, every_ms, round(every_ms * cycle_steps))
    keys = context.fields[key.path]
    assert isinstance(keys, RoundRobinGenerator)  # noqa: S101 - `reference_errors` rejects others
    return RowStepper(key, keys.count)


NULL_ID: Final = 0x6E756C6C
"""The id of a null key, an arbitrary number."""
_EMPTY_BYTES: Final = np.zeros(1, np.uint8)


def key_ids(values: pa.Array) -> NDArray[np.uint64]:
    """Return the ids of keys, (items,) uint64: integers and times as they are, others hashed.

    `values` is an array of one of KEY_TYPES, or a dictionary of it. Cost: O(items) hashes, or
    O(entries) for a dictionary with fewer entries than items.
    """
    if isinstance(values, pa.DictionaryArray):
        return _dictionary_ids(values)
    ids = _plain_ids(values)
    if values.null_count:
        ids = np.where(pc.is_null(values).to_numpy(zero_copy_only=False), NULL_ID, ids)
    return ids.astype(np.uint64, copy=False)


def _dictionary_ids(values: pa.DictionaryArray) -> NDArray[np.uint64]:
    if len(values.dictionary) > len(values):
        return key_ids(values.dictionary_decode())
    entries = np.append(key_ids(values.dictionary), np.uint64(NULL_ID))
    index = (
        values.indices.fill_null(len(values.dictionary)) if values.null_count else values.indices
    )
    return entries[index.to_numpy(zero_copy_only=False)]


def _plain_ids(values: pa.Array) -> NDArray[np.uint64]:
    """Return the ids of keys that are not a dictionary; any number for null."""
    if at_.is_boolean(values.type):
        return values.cast(pa.uint8()).fill_null(0).to_numpy().astype(np.uint64)
    if at_.is_string(values.type) or at_.is_binary(values.type):
        _, offsets, data = values.buffers()
        item_offsets = np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4)
        return _hash_bytes(item_offsets.astype(np.int64), data)
    width = values.type.bit_width // 8
    _, data = values.buffers()
    if width in (4, 8) and not at_.is_fixed_size_binary(values.type):
        dtype = np.int32 if width == 4 else np.int64
        integers = np.frombuffer(data, dtype, len(values), values.offset * width)
        return integers.astype(np.int64).view(np.uint64)
    return _hash_bytes((np.arange(len(values) + 1, dtype=np.int64) + values.offset) * width, data)


def _hash_bytes(offsets: NDArray[np.int64], data: pa.Buffer | None) -> NDArray[np.uint64]:
    from gerador.values.kernels.fnv1a import fnv1a  # noqa: PLC0415 - loads numba

    hashes = np.empty(len(offsets) - 1, np.uint64)
    fnv1a(offsets, np.frombuffer(data, np.uint8) if data else _EMPTY_BYTES, hashes)
    return hashes


@dataclass(frozen=True, slots=True, eq=False)
class KeyRngSource:
    """Random numbers for the items of a block that are equal for equal `keys`, (items,) uint64."""

    seeds: StreamSeeds
    keys: NDArray[np.uint64]

    def rng(self, path: str) -> Rng:
        """Return the random numbers of a path, which all rows of a key share."""
        return KeyRng(self.seeds.key(path), self.keys)


class KeyRng(Rng):
    """Random words by key: call number n returns word n of the key of each item."""

    __slots__ = ("_keys",)

    def __init__(self, key: NDArray[np.uint64], keys: NDArray[np.uint64]) -> None:
        super().__init__(key, 0)
        self._keys = keys

    def words(self, items: int) -> NDArray[np.uint64]:
        """Return (items,) uint64 of fair bits. Cost: about 20 ns per item."""
        call = np.full(items, self._count, np.int64)
        self._count += 1
        return hash_ids(self._key, self._keys, call)

    def bits(self, items: int, bits: int) -> NDArray[np.unsignedinteger]:
        """Return (items,) unsigned integers of `bits` fair bits, each from a word of its key."""
        return (self.words(items) >> np.uint64(64 - bits)).astype(f"u{bits // 8}")
