"""Nexmark: published proportions, hot keys, and references to rows that were there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pytest

from tests.gallery.made import columns, streams, times_ms
from tests.values.generated_rows import assert_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECONDS: Final = 12
PER_SECOND: Final = {"person": 200, "auction": 600, "bid": 9_200}
TIME: Final = pa.timestamp("ms", tz="UTC")
TYPES: Final = {
    "person": {
        "id": pa.int64(), "name": pa.string(), "emailAddress": pa.string(),
        "creditCard": pa.string(), "city": pa.string(), "state": pa.string(), "dateTime": TIME,
        "extra": pa.string(),
    },
    "auction": {
        "id": pa.int64(), "itemName": pa.string(), "description": pa.string(),
        "initialBid": pa.int64(), "reserve": pa.int64(), "dateTime": TIME, "expires": TIME,
        "seller": pa.int64(), "category": pa.int64(), "extra": pa.string(),
    },
    "bid": {
        "auction": pa.int64(), "bidder": pa.int64(), "price": pa.int64(), "channel": pa.string(),
        "url": pa.string(), "dateTime": TIME, "extra": pa.string(),
    },
}  # fmt: skip
LOOKS: Final = [
    ("auction", "seller", "person", 1_000, 0.75),
    ("bid", "auction", "auction", 100, 0.5),
    ("bid", "bidder", "person", 1_000, 0.75),
]
"""Stream, field, referenced stream, number of recent rows, and share of hot references."""
FIRST_ID: Final = 1_000


def rows_of(stream: str) -> dict[str, list[Any]]:
    """Return the rows of twelve seconds."""
    return columns("nexmark", stream, 0, PER_SECOND[stream] * SECONDS)


def time_of(stream: str, field: str = "dateTime") -> NDArray[np.int64]:
    """Return their event times, or another time field, in milliseconds."""
    return times_ms("nexmark", stream, field, 0, PER_SECOND[stream] * SECONDS)


@pytest.mark.parametrize("stream", TYPES)
def test_fields_and_types_are_the_published_ones(stream: str):
    """Names, order and types are those of Nexmark's tables."""
    schema = streams("nexmark")[stream].schema
    assert {field.name: field.type for field in schema} == TYPES[stream]
    assert schema.names == list(TYPES[stream])


def test_event_times_keep_the_proportions():
    """At any moment there are one person, three auctions and forty-six bids in fifty events."""
    start = time_of("person")[0]
    for second in (1, 3, 7, 11):
        moment = start + second * 1_000 - 1
        there = {s: int(np.searchsorted(time_of(s), moment, "right")) for s in PER_SECOND}
        assert there == {s: pytest.approx(n * second, abs=10) for s, n in PER_SECOND.items()}
        assert there["auction"] == pytest.approx(3 * there["person"], abs=3)
        assert there["bid"] == pytest.approx(46 * there["person"], abs=46)


@pytest.mark.parametrize(("stream", "field", "other", "latest", "share"), LOOKS)
def test_references_point_to_the_latest_and_hot_rows(
    stream: str, field: str, other: str, latest: int, share: float
):
    """Each is to a row that was due before; the hot one of the moment has its share."""
    refers = np.array(rows_of(stream)[field]) - FIRST_ID
    due = np.searchsorted(time_of(other), time_of(stream), "right")
    assert np.all((refers < due) & (refers >= 0) & (refers >= due - latest))
    hot = refers == (due - 1) // 100 * 100
    full = due >= latest
    expected = share + (1 - share) / latest  # the others find it too, now and then
    assert_share(int(hot[full].sum()), int(full.sum()), expected)


def test_ids_count_from_a_thousand():
    """People and auctions are numbered on, as published."""
    for stream in ("person", "auction"):
        ids = rows_of(stream)["id"]
        assert ids == list(range(FIRST_ID, FIRST_ID + len(ids)))


def test_prices_are_spread_by_factors_of_ten():
    """From 1 to a million dollars in cents; a sixth of them between any two powers of ten."""
    prices = np.array(rows_of("bid")["price"])
    assert prices.min() >= 100 and prices.max() <= 10**8  # noqa: PT018 - a range
    for power in range(2, 8):
        within = (prices >= 10**power) & (prices < 10 ** (power + 1))
        assert abs(within.mean() - 1 / 6) < 0.01


def test_auctions_are_open_for_a_sixth_of_a_second():
    """They last as long as it takes to open a hundred, on the average; reserves are above bids."""
    auctions = rows_of("auction")
    lasts = time_of("auction", "expires") - time_of("auction")
    assert lasts.min() >= 1 and lasts.max() <= 333  # noqa: PT018 - a range
    assert 160 < lasts.mean() < 174
    assert np.all(np.array(auctions["reserve"]) > np.array(auctions["initialBid"]))
    assert set(auctions["category"]) == set(range(10, 15))


def test_half_of_the_bids_come_through_four_channels():
    """The others come through one of nine thousand."""
    hot = {"Google", "Facebook", "Baidu", "Apple"}
    channels = rows_of("bid")["channel"]
    assert_share(sum(c in hot for c in channels), len(channels), 0.5)
    assert all(c in hot or c.startswith("channel-") for c in channels)


@pytest.mark.parametrize(("stream", "published"), [("person", 200), ("auction", 500), ("bid", 100)])
def test_records_are_about_as_large_as_published(stream: str, published: int):
    """The mean size is that of the original's configuration, to which bids add channel and url."""
    datums = streams("nexmark")[stream].encode(0, 1_000)
    mean = sum(len(datums[i]) for i in range(1_000)) / 1_000
    beside = 70 if stream == "bid" else 0
    assert abs(mean - beside - published) < 0.2 * published
