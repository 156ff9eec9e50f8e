"""Scenario cards: share of fraud, fraud rings, and how frauds differ from other payments."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from tests.gallery.made import columns, whole
from tests.values.generated_rows import assert_share

ROWS: Final = 100_000
RINGS: Final = 3


def payments() -> list[dict[str, Any]]:
    """Return payments, a mapping each."""
    made = columns("cards", "transacoes", 0, ROWS)
    return [dict(zip(made, values, strict=True)) for values in zip(*made.values(), strict=True)]


def ring_of() -> dict[str, int]:
    """Return the ring of each card that belongs to one: the answer key."""
    made = whole("cards", "quadrilhas")
    return dict(zip(made["cartao"], made["quadrilha"], strict=True))


def test_cards_are_unique_and_rings_are_of_cards():
    """Three rings have forty cards each, which are customers' cards like all others."""
    numbers = whole("cards", "cartoes")["numero"]
    assert len(set(numbers)) == len(numbers) == 20_000
    assert len(ring_of()) == 120
    assert set(ring_of()) <= set(numbers)
    assert [list(ring_of().values()).count(ring) for ring in range(RINGS)] == [40] * RINGS


def test_payments_are_of_cards_that_exist():
    """Every payment joins the table of cards."""
    numbers = set(whole("cards", "cartoes")["numero"])
    assert all(p["cartao"] in numbers for p in payments())


def test_half_a_percent_is_fraud():
    """The share is the declared one, within binomial bounds."""
    assert_share(sum(p["fraude"] for p in payments()), ROWS, 0.005)


def test_fraud_is_what_rings_do():
    """Only cards of rings, online, in amounts just below 100, at five merchants of the ring."""
    places = defaultdict(set)
    rings = ring_of()
    for p in payments():
        if p["fraude"]:
            places[rings[p["cartao"]]].add(p["comerciante"])
            assert 90 <= p["valor"] < 100
            assert not p["presencial"]
    assert places == {r: {f"M{r * 5 + n:04}" for n in range(5)} for r in range(RINGS)}


def test_everybody_else_looks_ordinary():
    """Other payments go to all merchants, in amounts of a wide range, mostly in a shop."""
    others = [p for p in payments() if not p["fraude"]]
    assert len({p["comerciante"] for p in others}) == 3_000
    amounts = [p["valor"] for p in others]
    assert min(amounts) < 5
    assert max(amounts) > 2_000
    assert_share(sum(p["presencial"] for p in others), len(others), 0.62)
