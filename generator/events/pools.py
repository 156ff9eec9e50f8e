"""Pools of text: values that Faker makes once, to be indexed ever after. The only door to Faker.

A pool of P values drawn from a provider that can make K gives at most min(P, K) distinct values,
whatever the number of rows: `nome` has about 7,400 distinct names in its 8,192. Among n rows a
given entry stands n / P times on average; entries that Faker itself drew twice, twice as often,
so Faker's own weights (frequent surnames) are kept. Use a larger pool for more distinct values:
Faker makes 50,000 to 200,000 values a second, once a start.

Providers that look at today's date would make other rows tomorrow and are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from generator.errors import SettingError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from faker import Faker

    from generator.events.seeds import StreamSeeds

POOL_ROWS: Final = {"name": 8_192, "city": 2_048, "job": 512}
"""Pool sizes by provider; powers of two, which are indexed without any bias."""
POOL_ROWS_DEFAULT: Final = 1_024
DATE_PROVIDERS: Final = "faker.providers.date_time"
DATED: Final = frozenset({"credit_card_expire", "credit_card_full"})
"""Providers outside `DATE_PROVIDERS` that look at the clock as well."""


def pool(
    seeds: StreamSeeds, path: str, provider: str, locale: str, rows: int | None = None
) -> pa.StringArray:
    """Return `rows` texts of a Faker provider, a pure function of the address and arguments.

    Cost: 5 to 20 microseconds a text, and 0.15 s for the first import of Faker.

    Raises SettingError: unknown locale or provider, one that needs arguments, or makes no text.
    """
    faker = _faker(locale)
    make = _provider(faker, provider, locale)
    faker.seed_instance(int.from_bytes(seeds.key(path).astype("<u8").tobytes(), "little"))
    count = rows or POOL_ROWS.get(provider, POOL_ROWS_DEFAULT)
    return pa.array([_text(make, provider) for _ in range(count)], pa.string())


def _text(make: Callable[[], object], provider: str) -> str:
    from faker.exceptions import BaseFakerException  # noqa: PLC0415 - loaded by now

    try:
        value = make()
    except (TypeError, BaseFakerException) as e:
        raise SettingError(f"faker provider {provider!r}: cannot be used bare: {e}") from e
    if not isinstance(value, str):
        made = type(value).__name__
        raise SettingError(f"faker provider {provider!r} makes {made}, not text; choose another")
    return value


def _faker(locale: str) -> Faker:
    from faker import Faker  # noqa: PLC0415 - 0.15 s that only streams with pools pay
    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415

    if locale not in AVAILABLE_LOCALES:
        raise SettingError(f"no faker locale {locale!r}{did_you_mean(locale, AVAILABLE_LOCALES)}")
    return Faker(locale)


def _provider(faker: Faker, provider: str, locale: str) -> Callable[[], object]:
    generator = faker.factories[0]
    known = [n for p in generator.providers for n in dir(p) if not n.startswith("_")]
    if _looks_at_the_clock(generator.providers, provider):
        raise SettingError(
            f"faker provider {provider!r} depends on today's date; use a date or timestamp field"
        )
    if provider not in known:
        hint = did_you_mean(provider, known)
        raise SettingError(f"no faker provider {provider!r} in {locale}{hint}")
    return getattr(generator, provider)


def _looks_at_the_clock(providers: Iterable[object], provider: str) -> bool:
    dated = (p for p in providers if type(p).__module__.startswith(DATE_PROVIDERS))
    return provider in DATED or any(provider in _declared(type(p)) for p in dated)


def _declared(kind: type) -> set[str]:
    """Return the names that a provider's class declares itself, without those of the base."""
    classes = (c for c in kind.__mro__ if c.__module__.startswith(DATE_PROVIDERS))
    return {name for c in classes for name in vars(c)}
