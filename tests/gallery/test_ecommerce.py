"""Scenario ecommerce: joins of its streams, with the declared share of missing references."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np
import pytest

from tests.gallery.made import columns, times_ms, whole
from tests.values.generated_rows import assert_share

ROWS: Final = 30_000
FIRST: Final = 10_000
"""Where all of the 5,000 orders that a payment looks at are there."""
NEVER: Final = 2**40
"""Orders are numbered from 1 on; missing orders have much higher numbers."""
PLACES: Final = {
    "SP": {"São Paulo", "Campinas", "Santos", "Ribeirão Preto", "Guarulhos"},
    "RJ": {"Rio de Janeiro", "Niterói"},
    "MG": {"Belo Horizonte", "Uberlândia"},
    "RS": {"Porto Alegre", "Caxias do Sul"},
    "PR": {"Curitiba", "Londrina"},
    "BA": {"Salvador", "Feira de Santana"},
    "PE": {"Recife"},
    "CE": {"Fortaleza"},
}


def shop(stream: str) -> dict[str, list[Any]]:
    """Return rows of an endless stream."""
    return columns("ecommerce", stream, 0, ROWS)


def test_customers_are_people_of_places():
    """Each has an address and an id of its own, and lives in a city of its state."""
    customers = whole("ecommerce", "clientes")
    assert len(set(customers["id"])) == len(set(customers["email"])) == 20_000
    assert all(c in PLACES[uf] for c, uf in zip(customers["cidade"], customers["uf"], strict=True))
    for name, email in zip(customers["nome"][:200], customers["email"], strict=False):
        first = name.split()[0]
        assert email.startswith(f"{first.lower()}.") or not first.isascii()
    assert all(e.isascii() and e.count("@") == 1 and ".." not in e for e in customers["email"])
    assert_share(sum(customers["vip"]), 20_000, 0.05)


def test_products_are_unique_and_cost_what_their_kind_costs():
    """No two have the same number; a book is cheaper than a coffee machine."""
    products = whole("ecommerce", "produtos")
    assert len(set(products["sku"])) == 2_000
    assert all(3 <= price <= 1_500 for price in products["preco"])
    price: dict[str, list[float]] = {}
    for kind, of_it in zip(products["categoria"], products["preco"], strict=True):
        price.setdefault(kind, []).append(of_it)
    median = {kind: float(np.median(of_it)) for kind, of_it in price.items()}
    assert min(median, key=median.__getitem__) == "livro"
    assert max(median, key=median.__getitem__) == "cafeteira"


def test_orders_find_their_customers_but_for_the_declared_share():
    """One in a hundred is of a customer who does not exist; the others have their state."""
    customers, orders = whole("ecommerce", "clientes"), shop("pedidos")
    home = dict(zip(customers["id"], customers["uf"], strict=True))
    found = [(home[who], uf) for who, uf in _pairs(orders, "cliente_id", "uf") if who in home]
    assert_share(ROWS - len(found), ROWS, 0.01)
    assert all(at_home == uf for at_home, uf in found)


def test_some_customers_buy_more_than_others():
    """Orders prefer customers by a Zipf law: the most frequent one has hundreds."""
    counts = Counter(shop("pedidos")["cliente_id"]).most_common()
    assert counts[0][1] > 5 * counts[100][1]


def test_an_order_is_the_sum_of_its_items():
    """Items are products at their prices, and the total is theirs."""
    products, orders = whole("ecommerce", "produtos"), shop("pedidos")
    price = dict(zip(products["sku"], products["preco"], strict=True))
    for items, total in _pairs(orders, "itens", "total"):
        assert 1 <= len(items) <= 20
        assert all(price[item["sku"]] == item["preco"] for item in items)
        assert all(1 <= item["quantidade"] <= 12 for item in items)
        assert total == pytest.approx(sum(i["preco"] * i["quantidade"] for i in items), abs=0.006)


def test_payments_are_of_orders_that_were_there_but_for_the_declared_share():
    """Two in a hundred reference an order that is never sent; the others to one of the latest."""
    many = columns("ecommerce", "pagamentos", 0, 2 * ROWS)["pedido_id"]
    assert_share(sum(order >= NEVER for order in many), len(many), 0.02)
    rows = slice(FIRST, 20_000)
    refers = np.array(shop("pagamentos")["pedido_id"])[rows]
    orders = np.array(shop("pedidos")["id"])
    comes = refers < NEVER
    ordered = times_ms("ecommerce", "pedidos", "momento", 0, ROWS)
    paid = times_ms("ecommerce", "pagamentos", "momento", FIRST, 20_000)
    due = np.searchsorted(ordered, paid, "right")
    assert np.all(refers[comes] <= orders[due[comes] - 1])
    assert np.all(refers[comes] > orders[due[comes] - 1] - 5_000)


def test_a_payment_is_of_the_orders_total():
    """A payment has the total of its order."""
    totals = dict(_pairs(shop("pedidos"), "id", "total"))
    paid = [p for p in _pairs(shop("pagamentos"), "pedido_id", "valor") if p[0] in totals]
    assert len(paid) > ROWS * 0.9
    assert all(totals[order] == value for order, value in paid)


def test_only_credit_is_paid_in_instalments():
    """Payments in several instalments are by credit card: 40% of all payments."""
    payments = shop("pagamentos")
    parts = {meio for meio, n in _pairs(payments, "meio", "parcelas") if n > 1}
    assert parts == {"credito"}
    assert_share(payments["meio"].count("credito"), ROWS, 0.4)
    assert_share(sum(payments["aprovado"]), ROWS, 0.94)


def _pairs(rows: dict[str, list[Any]], a: str, b: str) -> list[tuple[Any, Any]]:
    return list(zip(rows[a], rows[b], strict=True))
