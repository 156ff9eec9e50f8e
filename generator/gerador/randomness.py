"""Randomness by address: random words are a pure function of seed, stream, field path and block. The only module that uses numpy's random module."""

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
"""Personalisation of the key's hash; it changes only when the same seed shall mean other rows."""
WORDS_PER_COUNT: Final = 4
"""Words that Philox 4x64 makes for each value of its counter."""
HALF_SIZE_MAX: Final = 1 << 16
"""Sizes up to this are drawn from 32 bits a value; above, from 64."""
UNIT: Final = 2.0**-53
GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
MIX_SHIFTS: Final = (30, 27, 31)
MIX_FACTORS: Final = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""SplitMix64's step and finaliser."""

_LOW: Final = np.uint64(0xFFFFFFFF)
_32: Final = np.uint64(32)
_11: Final = np.uint64(11)
_thread_local: Final = threading.local()


def address_key(seed: int, stream: str, path: str) -> NDArray[np.uint64]:
    """Return the 128-bit key of an address as (2,) uint64.

    The parts are hashed with their lengths, so that no two addresses run together.
    """
    parts = [str(seed).encode(), stream.encode(), path.encode()]
    text = b"".join(len(p).to_bytes(4, "little") + p for p in parts)
    digest = blake2b(text, digest_size=16, person=KEY_PERSON).digest()
    return np.frombuffer(digest, "<u8").astype(np.uint64)


def _philox_words(key: Words, counter: Words, count: int) -> Words:
    """Return `count` words that follow `counter` under `key`.

    One bit generator a thread is set to each address anew: that costs a tenth of making one.
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
    """The addresses of one stream's randomness; keys are hashed once a path."""

    seed: int
    stream: str
    _keys: dict[str, Words] = field(default_factory=dict, compare=False, repr=False)

    def key(self, path: str) -> Words:
        """Return the key of a field path, (2,) uint64."""
        known: Words | None = self._keys.get(path)
        if known is None:
            known = self._keys[path] = address_key(self.seed, self.stream, path)
        return known

    def rng(self, path: str, block: int, *, count: int = 0) -> Rng:
        """Return the draws of (path, block); `count` starts that many counter values in."""
        return Rng(self.key(path), block, count)


def hash_ids(key: Words, *ids: NDArray[np.int64] | NDArray[np.uint64]) -> Words:
    """Return (items,) uint64 words of items that are named by whole numbers, not by position.

    `key` is an address's, (2,) uint64; `ids` are (items,) each, 64 bits wide. Equal names have
    equal words; of any others they look independent. Each name is mixed in by a step of
    SplitMix64, whose finaliser lets every bit reach every other (Steele, Lea, Flood: "Fast
    Splittable Pseudorandom Number Generators", OOPSLA 2014; constants of Stafford's "mix 13").
    Cost: about 10 ns an item and name.
    """
    words: Words = np.broadcast_to(key[0], ids[0].shape)
    for number in ids:
        words = _splitmix64(np.bitwise_xor(words, number.view(np.uint64)))
    return _splitmix64(np.bitwise_xor(words, key[1]))


def _splitmix64(words: Words) -> Words:
    """Return the next word of each SplitMix64 state, arithmetic modulo 2**64."""
    out = words + GOLDEN
    for shift, factor in zip(MIX_SHIFTS[:2], MIX_FACTORS, strict=True):
        out ^= out >> np.uint64(shift)
        out *= np.uint64(factor)
    out ^= out >> np.uint64(MIX_SHIFTS[2])
    return out


class Rng:
    """The words of one address, handed out in order.

    Each call starts at a fresh counter value, so that what a call returns depends on the
    sizes of the calls before it and on nothing else. Not shared between threads.
    """

    __slots__ = ("_block", "_count", "_key")

    def __init__(self, key: Words, block: int, count: int = 0) -> None:
        self._key = key
        self._block = block
        self._count = count

    def words(self, items: int) -> Words:
        """Return (items,) uint64, every bit fair. Cost: about 7 ns an item."""
        counter = np.array([self._count, 0, self._block, 0], np.uint64)
        self._count += -(-items // WORDS_PER_COUNT)
        return _philox_words(self._key, counter, items)

    def generator(self) -> np.random.Generator:
        """Return a numpy generator over this address, for functions that are not of this package.

        Its words are as pure as all others here; its distributions are numpy's, which may change
        from one release of numpy to another.
        """
        counter = np.array([self._count, 0, self._block, 0], np.uint64)
        return np.random.Generator(np.random.Philox(key=self._key, counter=counter))

    def bits(self, items: int, bits: int) -> NDArray[np.unsignedinteger]:
        """Return (items,) unsigned integers of 8, 16 or 32 fair bits, cut from whole words."""
        per_word = 64 // bits
        words = self.words(-(-items // per_word)).astype("<u8", copy=False)
        return words.view(f"<u{bits // 8}")[:items]

    def bytes(self, items: int) -> NDArray[np.uint8]:
        """Return (items,) fair bytes."""
        return self.bits(items, 8).astype(np.uint8, copy=False)

    def index(self, items: int, size: int) -> NDArray[np.int64]:
        """Return (items,) integers in [0, size), `size` in [1, 2**32].

        Powers of two up to 2**16 are exact. For others a value's probability differs from
        1/size by less than 2**-32 (multiply-shift, Lemire 2019 without the rejection).
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
        """Return (items,) int64 in [low, high], both ends included.

        Bias as `index`; a range wider than 2**32 is drawn from 64 bits by two such steps, where
        a value's probability differs from its share by less than 2**-32 of that share.
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
        """Return (items,) bool, each true with probability `share` to within 2**-32."""
        return self.bits(items, 32).astype(np.uint64) < np.uint64(round(share * 2**32))


def _multiply_shift(words: Words, size: int) -> Words:
    """Return floor(words * size / 2**64) for size up to 2**32: the high half of the product."""
    low = words & _LOW
    low *= np.uint64(size)
    low >>= _32
    high = words >> _32
    high *= np.uint64(size)
    high += low
    high >>= _32
    return high


def _multiply_shift_64(words: Words, size: int) -> Words:
    """Return floor(words * size / 2**64) for size up to 2**64, by four 32-bit products."""
    if size == 1 << 64:
        return words
    size_low, size_high = np.uint64(size & 0xFFFFFFFF), np.uint64(size >> 32)
    low, high = words & _LOW, words >> _32
    middle = high * size_low + ((low * size_low) >> _32)
    cross = low * size_high + (middle & _LOW)
    return high * size_high + (middle >> _32) + (cross >> _32)
