"""Pools of text: values that Faker makes once, to be indexed ever after. The only door to Faker.

A pool of P values drawn from a provider that can make K gives at most min(P, K) distinct values,
whatever the number of rows: `nome` has about 7,400 distinct names in its 8,192. Among n rows a
given entry stands n / P times on average; entries that Faker itself drew twice, twice as often,
so Faker's own weights (frequent surnames) are kept. Use a larger pool for more distinct values:
Faker makes 50,000 to 200,000 values a second, once a start.

Providers that look at today's date or at the machine are not reproducible and none is a default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from generator.errors import SettingError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from faker import Faker

    from generator.events.seeds import StreamSeeds

POOL_ROWS: Final = {"name": 8_192, "city": 2_048, "job": 512}
"""Pool sizes by provider; powers of two, which are indexed without any bias."""
POOL_ROWS_DEFAULT: Final = 1_024


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
    try:
        values = [make() for _ in range(count)]
    except TypeError as e:
        raise SettingError(f"faker provider {provider!r}: cannot be used bare: {e}") from e
    if not all(isinstance(v, str) for v in values):
        made = type(values[0]).__name__
        raise SettingError(f"faker provider {provider!r} makes {made}, not text; choose another")
    return pa.array(values, pa.string())


def _faker(locale: str) -> Faker:
    from faker import Faker  # noqa: PLC0415 - 0.15 s that only streams with pools pay
    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415

    if locale not in AVAILABLE_LOCALES:
        raise SettingError(f"no faker locale {locale!r}{did_you_mean(locale, AVAILABLE_LOCALES)}")
    return Faker(locale)


def _provider(faker: Faker, provider: str, locale: str) -> Callable[[], object]:
    generator = faker.factories[0]
    known = [n for p in generator.providers for n in dir(p) if not n.startswith("_")]
    if provider not in known:
        hint = did_you_mean(provider, known)
        raise SettingError(f"no faker provider {provider!r} in {locale}{hint}")
    return getattr(generator, provider)
