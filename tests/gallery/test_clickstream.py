"""The visitors: they go from page to page along the edges of the file, at its odds."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pytest

from tests.gallery.made import columns, times_ms, whole
from tests.values.generated_rows import assert_share

VISITORS: Final = 5_000
TURNS: Final = 10
EDGES: Final[dict[str, dict[str, int]]] = {
    "inicio": {"busca": 55, "produto": 30, "saida": 15},
    "busca": {"produto": 60, "busca": 25, "saida": 15},
    "produto": {"produto": 30, "carrinho": 25, "busca": 25, "saida": 20},
    "carrinho": {"pagamento": 50, "produto": 25, "saida": 25},
    "pagamento": {"pago": 80, "saida": 20},
}
ENDS: Final = ("pago", "saida")


def clicks() -> dict[str, list[Any]]:
    """Return ten clicks of every visitor."""
    return columns("clickstream", "cliques", 0, VISITORS * TURNS)


def moves() -> Counter[tuple[str, str]]:
    """Return how often a page followed another at the same visitor."""
    pages = clicks()["pagina"]
    return Counter(move for v in range(VISITORS) for move in pairwise(pages[v::VISITORS]))


def test_visitors_take_turns_and_are_known():
    """Each click is of the next visitor, and each joins the table of visitors."""
    assert clicks()["visitante"] == list(range(VISITORS)) * TURNS
    assert whole("clickstream", "visitantes")["id"] == list(range(VISITORS))


def test_visits_begin_at_the_beginning():
    """The first page of each visitor, and the first after the end of a visit, is the home page."""
    assert set(clicks()["pagina"][:VISITORS]) == {"inicio"}
    assert {b for a, b in moves() if a in ENDS} == {"inicio"}


def test_pages_follow_by_declared_edges_alone():
    """Every transition is declared in the file, and every declared transition occurs."""
    declared = {(a, b) for a, edges in EDGES.items() for b in edges}
    assert {move for move in moves() if move[0] not in ENDS} == declared


@pytest.mark.parametrize("page", EDGES)
def test_edges_have_their_odds(page: str):
    """From each page, the next pages have the shares of their weights."""
    counts = {b: n for (a, b), n in moves().items() if a == page}
    for target, weight in EDGES[page].items():
        assert_share(counts[target], sum(counts.values()), weight / 100, f"{page} to {target}")


def test_a_product_stands_where_one_is_looked_at():
    """Pages of a product and the cart name one; no other does."""
    for page, product in zip(clicks()["pagina"], clicks()["produto"], strict=True):
        assert (product is not None) == (page in {"produto", "carrinho"})


def test_the_rate_swings():
    """The rate starts at the minimum of the sine and is higher after a minute (Poisson)."""
    times = times_ms("clickstream", "cliques", "momento", 0, VISITORS * TURNS)
    gaps = np.diff(times)
    assert np.all(gaps >= 0)
    first, later = gaps[:2_000].mean(), gaps[-2_000:].mean()
    assert 1_000 / 400 < first < 1_000 / 250
    assert later < first * 0.8
    assert 0.8 < gaps[:2_000].std() / first < 1.2
