"""Faker pools: reproducible, of the requested size and type; errors have a hint."""

from __future__ import annotations

import random
import re
from typing import Any

import pyarrow as pa
import pytest

from gerador.errors import SettingError
from gerador.randomness import StreamSeeds
from gerador.values.faker_pool import (
    POOL_ROWS,
    POOL_ROWS_DEFAULT,
    FakerGenerator,
    check_locale,
    draw_pool,
)
from tests.values.generated_rows import column

SEEDS = StreamSeeds(42, "s")


def test_a_pool_is_a_function_of_its_address():
    """The same address gives the same texts regardless of global random state; others differ."""
    random.seed(1)
    one = draw_pool(SEEDS, "a", "name", "pt_BR", 100)
    random.seed(2)
    assert draw_pool(StreamSeeds(42, "s"), "a", "name", "pt_BR", 100).equals(one)
    assert not draw_pool(SEEDS, "b", "name", "pt_BR", 100).equals(one)
    assert not draw_pool(StreamSeeds(43, "s"), "a", "name", "pt_BR", 100).equals(one)


def test_a_pool_does_not_use_global_randomness():
    """It neither seeds nor advances Python's own generator."""
    random.seed(1)
    expected = random.Random(1).random()  # noqa: S311 - nothing secret here
    draw_pool(SEEDS, "a", "name", "pt_BR", 10)
    assert random.random() == expected  # noqa: S311


def test_pool_sizes_depend_on_the_provider():
    """Without a size, a pool has the size of its provider, or the default size."""
    assert len(draw_pool(SEEDS, "a", "job", "pt_BR")) == POOL_ROWS["job"]
    assert len(draw_pool(SEEDS, "a", "color_name", "pt_BR")) == POOL_ROWS_DEFAULT


@pytest.mark.parametrize(
    ("provider", "locale", "message"),
    [
        ("nmae", "pt_BR", "did you mean 'name'"),
        ("name", "pt_BX", "did you mean 'pt_BR'"),
        ("profile", "pt_BR", "returns dict, not text"),
        ("__class__", "pt_BR", "unknown faker provider"),
        ("seed_instance", "pt_BR", "unknown faker provider"),
        ("numerify", "xx", "unknown locale 'xx'"),
        ("enum", "pt_BR", "failed without arguments"),
        ("binary", "pt_BR", "returns bytes, not text"),
        ("date", "pt_BR", "depends on the current date"),
        ("credit_card_expire", "en_US", "depends on the current date"),
    ],
)
def test_invalid_providers_are_rejected(provider: str, locale: str, message: str):
    """Unknown providers and locales, and providers without text values, are one-line errors."""
    with pytest.raises(SettingError, match=message) as error:
        draw_pool(SEEDS, "a", provider, locale, 4)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("provider", "args", "form"),
    [
        ("sentence", {"nb_words": 3, "variable_nb_words": False}, r"\w+ \w+ \w+\."),
        ("pyint", {"min_value": 10, "max_value": 99}, r"\d\d"),
        ("pydecimal", {"left_digits": 2, "right_digits": 2}, r"-?\d{1,2}\.\d{1,2}"),
        ("pybool", {}, "true|false"),
        ("latitude", {}, r"-?\d+(\.\d+)?"),
        ("numerify", {"text": "A-##"}, r"A-\d\d"),
    ],
)
def test_provider_arguments_and_texts(provider: str, args: dict[str, Any], form: str):
    """Numbers and booleans become text as in JSON."""
    texts = draw_pool(SEEDS, "a", provider, "pt_BR", 50, args).to_pylist()
    assert all(re.fullmatch(form, text) for text in texts)
    assert draw_pool(SEEDS, "a", provider, "pt_BR", 50, args).to_pylist() == texts


@pytest.mark.parametrize(
    ("provider", "args", "kind"),
    [
        ("pyint", {"max_value": 9}, pa.int32()),
        ("pyint", {"max_value": 2**40}, pa.int64()),
        ("pyfloat", {"min_value": 0, "max_value": 1}, pa.float64()),
        ("latitude", {}, pa.float32()),
        ("pybool", {}, pa.bool_()),
    ],
)
def test_numbers_and_booleans_keep_their_type(
    provider: str, args: dict[str, Any], kind: pa.DataType
):
    """If the field has that type, so have the pool and the column."""
    assert draw_pool(SEEDS, "a", provider, "pt_BR", 50, args, kind).type == kind
    names = {pa.int32(): "int", pa.int64(): "long", pa.float64(): "double", pa.float32(): "float"}
    field = FakerGenerator(provider=provider, args=args, pool_rows=50)
    drawn = column(field, names.get(kind, "boolean"), 1_000)
    assert drawn.type == kind
    assert len(set(drawn.to_pylist())) <= 50


@pytest.mark.parametrize(
    ("provider", "args", "kind", "message"),
    [
        ("name", {}, pa.int32(), "returns str, not integers; use another"),
        ("pybool", {}, pa.int32(), "returns bool, not integers; use another"),
        ("pyint", {}, pa.bool_(), "returns int, not booleans; use another"),
        (
            "pyint",
            {"min_value": 2**40, "max_value": 2**41},
            pa.int32(),
            "numbers that do not fit int32",
        ),
        ("sentence", {"words": 3}, None, "failed with arguments {'words': 3}: "),
        ("pyint", {"min_value": 5, "max_value": 1}, None, "failed with arguments"),
    ],
)
def test_invalid_arguments_and_types_are_rejected(
    provider: str, args: dict[str, Any], kind: pa.DataType | None, message: str
):
    """The error has the provider, and its arguments or the type that it returns."""
    with pytest.raises(SettingError, match=re.escape(message)):
        draw_pool(SEEDS, "a", provider, "pt_BR", 4, args, kind)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("pt", "pt_BR"),
        ("PT", "pt_BR"),
        ("pt-br", "pt_BR"),
        ("br", "pt_BR"),
        ("EN", "en_US"),
        ("us", "en_US"),
        ("pt_BX", "pt_BR"),
        ("portuguese", None),
    ],
)
def test_an_unknown_locale_has_a_suggestion(text: str, meant: str | None):
    """A language or a country suggests its locale; the form of locales is always named."""
    with pytest.raises(SettingError) as error:
        check_locale(text, f"--locale={text}")
    hint = f"did you mean {meant!r}? Expected" if meant else "expected"
    advice = f"{hint} a language and a country, such as pt_BR or en_US"
    assert str(error.value) == f"--locale={text}: unknown locale {text!r}; {advice}"
