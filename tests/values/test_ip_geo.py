"""IP addresses and geographic coordinates."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from gerador.errors import SettingError
from gerador.values.geo import LatitudeGenerator, LongitudeGenerator
from gerador.values.ip import IpGenerator
from tests.values.generated_rows import assert_share, column, table

if TYPE_CHECKING:
    from gerador.values import AnyGenerator

NETWORKS = [
    "0.0.0.0/0", "10.0.0.0/8", "192.168.1.0/24", "192.168.1.7/32", "203.0.113.128/25",
    "::/0", "2001:db8::/32", "2001:db8::/112", "2001:db8:0:1::/64", "fe80::/10", "::/127",
    "1:0:0:2::/96", "0:1::/120",
]  # fmt: skip


@pytest.mark.parametrize("network", NETWORKS)
def test_addresses_are_in_their_network_and_canonical(network: str):
    """The text of each address equals that of Python's ipaddress (RFC 5952 for IPv6)."""
    wanted = ipaddress.ip_network(network)
    texts = column(IpGenerator(network=network), "string", rows=5_000).to_pylist()
    addresses = [ipaddress.ip_address(text) for text in texts]
    assert all(address in wanted for address in addresses)
    assert texts == [str(address) for address in addresses]


@pytest.mark.parametrize("network", ["10.0.0.0/8", "2001:db8::/40"])
def test_addresses_are_equally_likely(network: str):
    """Each half of the network has half of the addresses."""
    first, _ = ipaddress.ip_network(network).subnets()
    texts = column(IpGenerator(network=network), "string", rows=20_000).to_pylist()
    assert_share(sum(ipaddress.ip_address(t) in first for t in texts), 20_000, 0.5)


@pytest.mark.parametrize("network", ["10.0.0.0/8", "::/0"])
def test_addresses_do_not_depend_on_slices(network: str):
    """Rows are the same in one call or two, alone or with other fields."""
    fields = {"x": IpGenerator(network=network)}
    whole = table({"x": "string"}, fields).rows(16_000, 17_000)["x"]
    other = table({"a": "int", "x": "string"}, fields)
    parts = [other.rows(16_000, 16_390)["x"], other.rows(16_390, 17_000)["x"]]
    assert pa.concat_arrays(parts).equals(whole)


@pytest.mark.parametrize("network", ["10.0.0.1/8", "hosts", "10.0.0.0/33"])
def test_invalid_networks_are_rejected(network: str):
    """The error has Python's reason and an example."""
    with pytest.raises(SettingError, match=r"is not a network: .*; example: 10\.0\.0\.0/8"):
        column(IpGenerator(network=network), "string")


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        (LatitudeGenerator(), -90.0, 90.0),
        (LongitudeGenerator(), -180.0, 180.0),
        (LatitudeGenerator(min=-23.7, max=-23.4), -23.7, -23.4),
        (LongitudeGenerator(min=-46.9, max=-46.3), -46.9, -46.3),
    ],
)
def test_degrees_are_in_their_range(
    field: LatitudeGenerator | LongitudeGenerator, low: float, high: float
):
    """With six decimals, both ends included; each half has half of the values."""
    degrees = column(field, "double", rows=20_000)
    assert low <= pc.min(degrees).as_py() <= low + (high - low) / 100
    assert high - (high - low) / 100 <= pc.max(degrees).as_py() <= high
    assert all(round(d, 6) == d for d in degrees.to_pylist())
    below = pc.sum(pc.less(degrees, (low + high) / 2)).as_py()
    assert_share(below, 20_000, 0.5)


def test_reversed_and_invalid_degrees_are_rejected():
    """A reversed range is an error of the stream; degrees out of range one of the declaration."""
    with pytest.raises(SettingError, match=r"min 5\.0 is above max 4\.0"):
        column(LatitudeGenerator(min=5, max=4))
    with pytest.raises(ValueError, match="less than or equal to 90"):
        LatitudeGenerator(max=91)


@pytest.mark.parametrize(
    ("field", "kind", "rows"),
    [
        (IpGenerator(network="10.1.0.0/16", unique=True), "string", 65_536),
        (IpGenerator(network="2001:db8::/112", unique=True), "string", 65_536),
        (IpGenerator(network="2001:db8::/32", unique=True), "string", 50_000),
        (LatitudeGenerator(min=1.0, max=1.00999, unique=True), "double", 9_991),
    ],
)
def test_unique_values_are_distinct(field: AnyGenerator, kind: str, rows: int):
    """Each value occurs once and is in range."""
    found = table({"x": kind}, {"x": field}, rows=rows).rows(0, rows)["x"].to_pylist()
    assert len(set(found)) == rows
    if isinstance(field, IpGenerator):
        network = ipaddress.ip_network(field.network)
        assert all(ipaddress.ip_address(text) in network for text in found[:2_000])
