"""Pools of Faker's text: reproducible, of the asked size, refused with a hint."""

from __future__ import annotations

import random

import pytest

from generator.errors import SettingError
from generator.events.pools import POOL_ROWS, POOL_ROWS_DEFAULT, pool
from generator.events.seeds import StreamSeeds

SEEDS = StreamSeeds(42, "s")


def test_a_pool_is_a_function_of_its_address():
    """The same address makes the same texts whatever the global randomness; others differ."""
    random.seed(1)
    one = pool(SEEDS, "a", "name", "pt_BR", 100)
    random.seed(2)
    assert pool(StreamSeeds(42, "s"), "a", "name", "pt_BR", 100).equals(one)
    assert not pool(SEEDS, "b", "name", "pt_BR", 100).equals(one)
    assert not pool(StreamSeeds(43, "s"), "a", "name", "pt_BR", 100).equals(one)


def test_a_pool_leaves_the_global_randomness_alone():
    """Drawing a pool does not seed or advance Python's own generator."""
    random.seed(1)
    expected = random.Random(1).random()  # noqa: S311 - nothing secret here
    pool(SEEDS, "a", "name", "pt_BR", 10)
    assert random.random() == expected  # noqa: S311


def test_sizes_are_by_provider():
    """Without a size a pool has its provider's, or the default one."""
    assert len(pool(SEEDS, "a", "job", "pt_BR")) == POOL_ROWS["job"]
    assert len(pool(SEEDS, "a", "color_name", "pt_BR")) == POOL_ROWS_DEFAULT


@pytest.mark.parametrize(
    ("provider", "locale", "told"),
    [
        ("nmae", "pt_BR", "did you mean 'name'"),
        ("name", "pt_BX", "did you mean 'pt_BR'"),
        ("pyint", "pt_BR", "makes int, not text"),
        ("__class__", "pt_BR", "no faker provider"),
        ("seed_instance", "pt_BR", "no faker provider"),
        ("numerify", "xx", "no faker locale 'xx'"),
        ("enum", "pt_BR", "cannot be used bare"),
        ("binary", "pt_BR", "makes bytes, not text"),
        ("date", "pt_BR", "depends on today's date"),
        ("credit_card_expire", "en_US", "depends on today's date"),
    ],
)
def test_what_is_no_pool_of_text_is_refused(provider: str, locale: str, told: str):
    """An unknown provider or locale, or one that makes no text by itself: one line."""
    with pytest.raises(SettingError, match=told) as refused:
        pool(SEEDS, "a", provider, locale, 4)
    assert "\n" not in str(refused.value)
