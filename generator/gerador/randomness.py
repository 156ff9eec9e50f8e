"""Random numbers by address: a pure function of seed, stream, field path and block.

The only module that uses `numpy.random`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]


KEY_PERSON: Final = b"gerador rows v1"
"""Personalization of the hash of addresses. A change gives all seeds other rows."""
WORDS_PER_COUNT: Final = 4
"""Words of Philox 4x64 per counter value."""
HALF_SIZE_MAX: Final = 1 << 16
"""Indices below sizes up to this take 32 random bits; larger ones 64."""
UNIT: Final = 2.0**-53
GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
MIX_SHIFTS: Final = (30, 27, 31)
MIX_FACTORS: Final = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""Step and finalizer of SplitMix64."""

_LOW: Final = np.uint64(0xFFFFFFFF)
_32: Final = np.uint64(32)
_11: Final = np.uint64(11)
_thread_local: Final = threading.local()


def address_key(seed: int, stream: str, path: str) -> NDArray[np.uint64]:
    """Return the 128-bit key of an address as (2,) uint64.

    The parts are hashed with their lengths, so that different addresses have different texts.
    """
    parts = [str(seed).encode(), stream.encode(), path.encode()]
    text = b"".join(len(part).to_bytes(4, "little") + part for part in parts)
    digest = blake2b(text, digest_size=16, person=KEY_PERSON).digest()
    return np.frombuffer(digest, "<u8").astype(np.uint64)


def _philox_words(key: Words, counter: Words, count: int) -> Words:
    """Return `count` words from `counter` on, (count,) uint64.

    Each thread reuses one bit generator: setting its state takes a tenth of creating one.
    """
    philox = getattr(_thread_local, "philox", None)
    if philox is None:
        philox = _thread_local.philox = np.random.Philox(key=0)
    state: dict[str, Any] = {
        "bit_generator": "Philox",
        "state": {"counter": counter, "key": key},
        "buffer": _NO_WORDS,
        "buffer_pos": WORDS_PER_COUNT,
        "has_uint32": 0,
        "uinteger": 0,
    }
    philox.state = state
    return philox.random_raw(count)


_NO_WORDS: Final = np.zeros(WORDS_PER_COUNT, np.uint64)


@dataclass(frozen=True, slots=True)
class StreamSeeds:
    """Random numbers of one stream by address. Keys are hashed once per path. Thread-safe."""

    seed: int
    stream: str
    _keys: dict[str, Words] = field(default_factory=dict, compare=False, repr=False)

    def key(self, path: str) -> Words:
        """Return the key of a field path, (2,) uint64."""
        key: Words | None = self._keys.get(path)
        if key is None:
            key = self._keys[path] = address_key(self.seed, self.stream, path)
        return key

    def rng(self, path: str, block: int, *, count: int = 0) -> Rng:
        """Return the random numbers of (path, block), from counter value `count` on."""
        return Rng(self.key(path), block, count)


def hash_ids(key: Words, *ids: NDArray[np.int64] | NDArray[np.uint64]) -> Words:
    """Return a random word for each item, addressed by ids instead of a position, (items,) uint64.

    `key` is that of an address, (2,) uint64; `ids` are (items,) of 64 bits each. Items with equal
    ids have equal words; all others are independent. Each id is mixed in by a step of SplitMix64
    (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014; constants
    of Stafford's "mix 13"). Cost: about 10 ns per item and id.
    """
    words: Words = np.broadcast_to(key[0], ids[0].shape)
    for item_ids in ids:
        words = _splitmix64(np.bitwise_xor(words, item_ids.view(np.uint64)))
    return _splitmix64(np.bitwise_xor(words, key[1]))


def _splitmix64(words: Words) -> Words:
    """Return the next word of each SplitMix64 state."""
    out = words + GOLDEN
    for shift, factor in zip(MIX_SHIFTS[:2], MIX_FACTORS, strict=True):
        out ^= out >> np.uint64(shift)
        out *= np.uint64(factor)
    out ^= out >> np.uint64(MIX_SHIFTS[2])
    return out


class Rng:
    """The random numbers of one address, in order.

    Each call starts at a new counter value: its result depends only on the number and sizes of
    the calls before. Used by one thread.
    """

    __slots__ = ("_block", "_count", "_key")

    def __init__(self, key: Words, block: int, count: int = 0) -> None:
        self._key = key
        self._block = block
        self._count = count

    def words(self, items: int) -> Words:
        """Return (items,) uint64 of fair bits. Cost: about 7 ns per item."""
        counter = np.array([self._count, 0, self._block, 0], np.uint64)
        self._count += -(-items // WORDS_PER_COUNT)
        return _philox_words(self._key, counter, items)

    def generator(self) -> np.random.Generator:
        """Return a numpy generator of this address, for functions of other packages.

        Its random words depend only on the address. Its distributions may change with numpy.
        """
        counter = np.array([self._count, 0, self._block, 0], np.uint64)
        return np.random.Generator(np.random.Philox(key=self._key, counter=counter))

    def bits(self, items: int, bits: int) -> NDArray[np.unsignedinteger]:
        """Return (items,) unsigned integers of 8, 16 or 32 fair bits, which are parts of words."""
        per_word = 64 // bits
        words = self.words(-(-items // per_word)).astype("<u8", copy=False)
        return words.view(f"<u{bits // 8}")[:items]

    def bytes(self, items: int) -> NDArray[np.uint8]:
        """Return (items,) uint8 of fair bits."""
        return self.bits(items, 8).astype(np.uint8, copy=False)

    def index(self, items: int, size: int) -> NDArray[np.int64]:
        """Return (items,) int64 in [0, size); `size` is in [1, 2**32].

        Powers of two up to 2**16 are exact. For other sizes, probabilities differ from 1/size by
        less than 2**-32 (multiply-shift: D. Lemire, "Fast Random Integer Generation in an
        Interval", 2019, without rejection).
        """
        if size <= HALF_SIZE_MAX and size & (size - 1) == 0:
            shift = np.uint16(17 - size.bit_length())
            return self.bits(items, 16).astype(np.int64) >> shift
        if size <= HALF_SIZE_MAX:
            product = self.bits(items, 32).astype(np.uint64)
            product *= np.uint64(size)
            product >>= _32
            return product.view(np.int64)
        return _multiply_shift(self.words(items), size).view(np.int64)

    def integers(self, items: int, low: int, high: int) -> NDArray[np.int64]:
        """Return (items,) int64 in [low, high], both inclusive.

        Probabilities are as exact as those of `index`; in ranges wider than 2**32, to 2**-32 of
        the probability.
        """
        size = high - low + 1
        if size <= 1 << 32:
            return self.index(items, size) + low
        wide = _multiply_shift_64(self.words(items), size)
        return (wide + np.uint64(low % (1 << 64))).view(np.int64)

    def unit(self, items: int) -> NDArray[np.float64]:
        """Return (items,) float64 in [0.0, 1.0), multiples of 2**-53."""
        return (self.words(items) >> _11).astype(np.float64) * UNIT

    def bernoulli(self, items: int, share: float) -> NDArray[np.bool_]:
        """Return (items,) bool, true with the probability `share`, exact to 2**-32."""
        return self.bits(items, 32).astype(np.uint64) < np.uint64(round(share * 2**32))


def _multiply_shift(words: Words, size: int) -> Words:
    """Return floor(words * size / 2**64) for sizes up to 2**32."""
    low = words & _LOW
    low *= np.uint64(size)
    low >>= _32
    high = words >> _32
    high *= np.uint64(size)
    high += low
    high >>= _32
    return high


def _multiply_shift_64(words: Words, size: int) -> Words:
    """Return floor(words * size / 2**64) for sizes up to 2**64, by four 32-bit products."""
    if size == 1 << 64:
        return words
    size_low, size_high = np.uint64(size & 0xFFFFFFFF), np.uint64(size >> 32)
    low, high = words & _LOW, words >> _32
    middle = high * size_low + ((low * size_low) >> _32)
    cross = low * size_high + (middle & _LOW)
    return high * size_high + (middle >> _32) + (cross >> _32)
