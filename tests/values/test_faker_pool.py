"""Faker pools: reproducible, of the requested size and type; errors have a hint."""

from __future__ import annotations

import random
import re
import sys
import threading
from datetime import date
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
from tests.values.faker_purity import digests_in_two_worlds
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


def test_no_provider_is_impure():
    """Two processes with other global random numbers, hashes, dates and zones draw the same values.

    These locales have the providers that were found impure, besides those of all locales.
    `python -m tests.values.faker_purity` compares all locales.
    """
    one, other = digests_in_two_worlds(["en_US", "es_ES", "es_MX", "it_IT", "uk_UA"])
    assert len(one) > 1_250
    assert {name for name in one if one[name] != other[name]} == set()
    rejected = {name for name, found in one.items() if found.startswith("rejected")}
    assert not rejected & {"es_ES nif", "it_IT city", "en_US date_of_birth", "es_MX curp"}


@pytest.mark.parametrize(
    ("provider", "locale", "form"),
    [
        ("nif", "es_ES", r"\d{8}[A-Z]"),
        ("pesel", "pl_PL", r"\d{11}"),
        ("ssn", "th_TH", r"[\d-]+"),
        ("license_plate", "uk_UA", r"[^\W\d]{2}\d{4}[^\W\d]{2}"),
        ("date_of_birth", "en_US", r"(19|20)\d\d-\d\d-\d\d"),
        ("date_this_month", "en_US", r"2026-01-\d\d"),
        ("date_time_this_year", "en_US", r"2026-01-01T00:00:00"),
        ("past_date", "en_US", r"2025-12-\d\d"),
        ("passport_full", "en_US", r"(?s).*\d{4}.*"),
    ],
)
def test_the_current_time_of_providers_is_fixed(provider: str, locale: str, form: str):
    """For providers, it is 2026-01-01T00:00:00Z, whatever the day and the time zone."""
    texts = draw_pool(SEEDS, "a", provider, locale, 20).to_pylist()
    assert all(re.fullmatch(form, text) for text in texts), texts


def test_other_code_keeps_its_clock_and_its_random_numbers():
    """What is replaced for a pool is restored in Faker's modules, also after an error."""
    from faker.providers.date_time import Provider  # noqa: PLC0415
    from faker.providers.ssn import es_ES  # noqa: PLC0415

    with pytest.raises(SettingError):
        draw_pool(SEEDS, "a", "nif", "es_ES", 4, {"unknown": 1})
    assert es_ES.random is random
    assert Provider._parse_date("today") == date.today()  # noqa: DTZ011


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
        ("bank", "es_ES", "failed without arguments: The Provider provider does not have"),
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


def test_pools_while_another_thread_imports_modules():
    """The modules of the process may change while a pool is drawn."""
    stop = threading.Event()

    def change_modules() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            name = f"tests.no_module_{number}"
            sys.modules[name] = sys
            if number > 50:
                del sys.modules[f"tests.no_module_{number - 50}"]

    thread, interval_s = threading.Thread(target=change_modules), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread.start()
    try:
        for _ in range(200):
            draw_pool(StreamSeeds(1, "s"), "p", "name", "en_US", 1)
    finally:
        stop.set()
        thread.join()
        sys.setswitchinterval(interval_s)
        for name in [n for n in sys.modules.copy() if n.startswith("tests.no_module_")]:
            del sys.modules[name]
