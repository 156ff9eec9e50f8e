"""The IP address generator: IPv4 and IPv6."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import StringGenerator
from gerador.values.index_sampling import Permutation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


ADDRESSES_MAX: Final = 2**62
"""Maximum number of unique addresses: those of a network's last 62 bits."""


class IpGenerator(StringGenerator):
    """An address of an IPv4 or IPv6 network (``10.0.0.0/8``, ``2001:db8::/32``), equally likely.

    IPv6 addresses have the canonical form of RFC 5952.
    """

    main_parameter: ClassVar[str | None] = "network"
    equally_likely: ClassVar[bool] = True
    kind: Literal["ip"] = "ip"
    network: str = "0.0.0.0/0"
    """The network, such as 10.0.0.0/8 or 2001:db8::/32. Default: all of IPv4."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield an error if the network is invalid."""
        try:
            ip_network(self.network)
        except ValueError as e:
            yield (
                "network",
                f"{self.network!r} is not a network: {e}; example: 10.0.0.0/8",
            )

    def distinct_values(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return the number of addresses, at most 2**62."""
        return min(ip_network(self.network).num_addresses, ADDRESSES_MAX)

    def column(self, context: BuildContext, target: ColumnTarget) -> Ipv4Column | Ipv6Column:
        """Return the column of the field."""
        network = ip_network(self.network)
        kind = Ipv4Column if isinstance(network, IPv4Network) else Ipv6Column
        free = network.max_prefixlen - network.prefixlen
        unique = None
        if self.unique:
            unique = Permutation.of(
                context.seeds, target.path, self.distinct_values(target.avro_type)
            )
        return kind(target.path, target.type, int(network.network_address), free, unique)


GROUPS: Final = 8
GROUP_BITS: Final = 16
GROUP_MASK: Final = np.uint64(0xFFFF)
WORD_BITS: Final = 64
COLONS: Final = pa.scalar(":")


@dataclass(frozen=True, slots=True)
class Ipv4Column(BaseColumn):
    """2**`free_bits` addresses starting with `first`, equally likely."""

    first: int
    free_bits: int
    permutation: Permutation | None = None
    """If set, each row has another address."""

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) texts. Cost: about 40 ns each."""
        if self.permutation is not None:
            address = self.permutation(block.first_row + positions) + self.first
        else:
            address = block.rng(self.path).index(len(positions), 1 << self.free_bits) + self.first
        high = _octet_pairs().take(pa.array(address >> GROUP_BITS))
        low = _octet_pairs().take(pa.array(address & int(GROUP_MASK)))
        return pc.binary_join_element_wise(high, low, pa.scalar("."))


@dataclass(frozen=True, slots=True)
class Ipv6Column(BaseColumn):
    """2**`free_bits` addresses starting with `first`, equally likely, formatted as RFC 5952."""

    first: int
    free_bits: int
    permutation: Permutation | None = None
    """If set, each row has other last 62 bits."""

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) texts. Cost: about 600 ns each."""
        words = block.rng(self.path).words(2 * len(positions)).reshape(2, -1)
        if self.permutation is not None:
            fixed_mask = np.uint64((1 << WORD_BITS) - self.permutation.size)
            last = self.permutation(block.first_row + positions).view(np.uint64)
            words[1] = (words[1] & fixed_mask) | last
        groups = np.empty((GROUPS, len(positions)), np.int64)
        for number in range(GROUPS):
            half, index = divmod(number, GROUPS // 2)
            shift = np.uint64(WORD_BITS - GROUP_BITS * (index + 1))
            groups[number] = (self._half(words[half], half) >> shift) & GROUP_MASK
        return _format_ipv6(groups)

    def _half(self, words: NDArray[np.uint64], half: int) -> NDArray[np.uint64]:
        """Return one half of each address: the bits of the network, and random bits elsewhere."""
        below = WORD_BITS * (1 - half)
        free = min(max(self.free_bits - below, 0), WORD_BITS)
        mask = np.uint64((1 << free) - 1)
        return (words & mask) | np.uint64((self.first >> below) & ((1 << WORD_BITS) - 1))


def _format_ipv6(groups: NDArray[np.int64]) -> pa.Array:
    """Return the texts of (8, items) groups; the longest run of zeros (two or more) is ``::``."""
    start, length = _longest_zeros(groups)
    texts = [_hex_groups().take(pa.array(group)) for group in groups]
    code = start * (GROUPS + 1) + length
    parts, order, first = [], np.empty(len(code), np.int64), 0
    for run in np.unique(code):
        mine = np.flatnonzero(code == run)
        order[mine] = np.arange(first, first + len(mine))
        first += len(mine)
        rows = pa.array(mine)
        parts.append(_join_groups([t.take(rows) for t in texts], *divmod(int(run), GROUPS + 1)))
    return pa.concat_arrays(parts).take(pa.array(order))


def _join_groups(texts: list[pa.Array], start: int, length: int) -> pa.Array:
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
def _octet_pairs() -> pa.StringArray:
    """Return the texts of two octets: ``0.0`` to ``255.255``."""
    return pa.array([f"{n >> 8}.{n & 255}" for n in range(1 << GROUP_BITS)])


@cache
def _hex_groups() -> pa.StringArray:
    """Return the texts of a group: ``0`` to ``ffff``."""
    return pa.array([f"{n:x}" for n in range(1 << GROUP_BITS)])
