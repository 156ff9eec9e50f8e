"""Columns of IP addresses of a network, as text, and of degrees on earth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.events.columns.column import Leaf, Positions
from gerador.events.columns.numbers import Stepped
from gerador.events.columns.permutation import Permutation
from gerador.scenario.fields import IpField, LatitudeField, LongitudeField
from gerador.scenario.fields.geo import DEGREE_DECIMALS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place

GROUPS: Final = 8
GROUP_BITS: Final = 16
GROUP_MASK: Final = np.uint64(0xFFFF)
WORD_BITS: Final = 64
COLONS: Final = pa.scalar(":")


@dataclass(frozen=True, slots=True)
class Ip4(Leaf):
    """Addresses from `first` on, 2**`free_bits` of them, equally likely."""

    first: int
    free_bits: int
    permutation: Permutation | None = None
    """With one, no two rows have the same address."""

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts. Cost: about 40 ns each."""
        if self.permutation is not None:
            address = self.permutation(block.first_row + at) + self.first
        else:
            address = block.draws(self.path).index(len(at), 1 << self.free_bits) + self.first
        high = _pairs().take(pa.array(address >> GROUP_BITS))
        low = _pairs().take(pa.array(address & int(GROUP_MASK)))
        return pc.binary_join_element_wise(high, low, pa.scalar("."))


@dataclass(frozen=True, slots=True)
class Ip6(Leaf):
    """Addresses from `first` on, 2**`free_bits` of them, written as RFC 5952 recommends."""

    first: int
    free_bits: int
    permutation: Permutation | None = None
    """With one, no two rows have the same last 62 bits."""

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts. Cost: about 600 ns each."""
        words = block.draws(self.path).words(2 * len(at)).reshape(2, -1)
        if self.permutation is not None:
            kept = np.uint64((1 << WORD_BITS) - self.permutation.size)
            last = self.permutation(block.first_row + at).view(np.uint64)
            words[1] = (words[1] & kept) | last
        groups = np.empty((GROUPS, len(at)), np.int64)
        for number in range(GROUPS):
            half, place = divmod(number, GROUPS // 2)
            shift = np.uint64(WORD_BITS - GROUP_BITS * (place + 1))
            groups[number] = (self._half(words[half], half) >> shift) & GROUP_MASK
        return _written(groups)

    def _half(self, words: NDArray[np.uint64], half: int) -> NDArray[np.uint64]:
        """Return 64 bits of every address: the network's, and random ones where they are free."""
        below = WORD_BITS * (1 - half)
        free = min(max(self.free_bits - below, 0), WORD_BITS)
        mask = np.uint64((1 << free) - 1)
        return (words & mask) | np.uint64((self.first >> below) & ((1 << WORD_BITS) - 1))


def _written(groups: NDArray[np.int64]) -> pa.Array:
    """Return (8, items) groups as texts: the longest run of zeros, two or more, is left out."""
    start, length = _longest_zeros(groups)
    texts = [_hex().take(pa.array(group)) for group in groups]
    code = start * (GROUPS + 1) + length
    made, place, first = [], np.empty(len(code), np.int64), 0
    for one in np.unique(code):
        mine = np.flatnonzero(code == one)
        place[mine] = np.arange(first, first + len(mine))
        first += len(mine)
        rows = pa.array(mine)
        made.append(_joined([t.take(rows) for t in texts], *divmod(int(one), GROUPS + 1)))
    return pa.concat_arrays(made).take(pa.array(place))


def _joined(texts: list[pa.Array], start: int, length: int) -> pa.Array:
    if not length:
        return pc.binary_join_element_wise(*texts, COLONS)
    empty = pa.repeat(pa.scalar(""), len(texts[0]))
    before, after = texts[:start] or [empty], texts[start + length :] or [empty]
    return pc.binary_join_element_wise(*before, empty, *after, COLONS)


def _longest_zeros(groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return start and length of each address's first longest run of two or more zero groups."""
    items = groups.shape[1]
    run, start, length = (np.zeros(items, np.int64) for _ in range(3))
    for number, group in enumerate(groups):
        run = np.where(group == 0, run + 1, 0)
        longer = (run > length) & (run > 1)
        start = np.where(longer, number + 1 - run, start)
        length = np.where(longer, run, length)
    return start, length


@cache
def _pairs() -> pa.StringArray:
    """Return the texts of two octets: ``0.0`` to ``255.255``."""
    return pa.array([f"{n >> 8}.{n & 255}" for n in range(1 << GROUP_BITS)])


@cache
def _hex() -> pa.StringArray:
    """Return the texts of a group: ``0`` to ``ffff``."""
    return pa.array([f"{n:x}" for n in range(1 << GROUP_BITS)])


def _ip(making: Making, place: Place, declared: IpField) -> Ip4 | Ip6:
    network = ip_network(declared.network)
    kind = Ip4 if isinstance(network, IPv4Network) else Ip6
    free = network.max_prefixlen - network.prefixlen
    unique = None
    if declared.unique:
        unique = Permutation.of(making.seeds, place.path, declared.space(place.avro_type))
    return kind(place.path, place.type, int(network.network_address), free, unique)


def _degrees(making: Making, place: Place, declared: LatitudeField | LongitudeField) -> Stepped:
    unique = None
    if declared.unique:
        unique = Permutation.of(making.seeds, place.path, declared.space(place.avro_type))
    scale = 10**DEGREE_DECIMALS
    return Stepped(place.path, place.type, *declared.steps, scale, permutation=unique)


MAKERS: Final[Mapping[type, Make]] = {
    IpField: _ip,
    LatitudeField: _degrees,
    LongitudeField: _degrees,
}
