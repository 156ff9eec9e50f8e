"""Pools of text: values that Faker makes once, to be indexed ever after. The only door to Faker.

A pool of P values drawn from a provider that can make K gives at most min(P, K) distinct values,
whatever the number of rows: `nome` has about 7,400 distinct names in its 8,192. Among n rows a
given entry stands n / P times on average; entries that Faker itself drew twice, twice as often,
so Faker's own weights (frequent surnames) are kept. Use a larger pool for more distinct values:
Faker makes 50,000 to 200,000 values a second, once a start.

Providers that look at today's date would make other rows tomorrow and are refused.
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from gerador.errors import SettingError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from faker import Faker

    from gerador.events.seeds import StreamSeeds

POOL_ROWS: Final = {"name": 8_192, "city": 2_048, "job": 512}
"""Pool sizes by provider; powers of two, which are indexed without any bias."""
POOL_ROWS_DEFAULT: Final = 1_024
DATE_PROVIDERS: Final = "faker.providers.date_time"
_TEXT: Final[Mapping[type, Callable[[Any], str]]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: repr,
    Decimal: "{:f}".format,
    date: date.isoformat,
    time: time.isoformat,
}
"""What becomes text, and how: numbers as they are written, dates in ISO 8601."""
_NUMBERS: Final = ("numbers", (int, float, Decimal))
_TAKEN: Final[Mapping[pa.DataType, tuple[str, tuple[type, ...]]]] = {
    pa.bool_(): ("booleans", (bool,)),
    pa.int32(): ("whole numbers", (int,)),
    pa.int64(): ("whole numbers", (int,)),
    pa.float32(): _NUMBERS,
    pa.float64(): _NUMBERS,
}
DATED: Final = frozenset({"credit_card_expire", "credit_card_full"})
"""Providers outside `DATE_PROVIDERS` that look at the clock as well."""


def pool(
    seeds: StreamSeeds,
    path: str,
    provider: str,
    locale: str,
    rows: int | None = None,
    args: Mapping[str, Any] = MappingProxyType({}),
    arrow_type: pa.DataType | None = None,
) -> pa.Array:
    """Return `rows` values of a Faker provider, a pure function of the address and arguments.

    Text unless `arrow_type` is one of numbers or booleans; numbers, dates and booleans become
    text where text is wanted.

    Cost: 5 to 20 microseconds a value, and 0.15 s for the first import of Faker.

    Raises SettingError: unknown locale or provider, arguments that it does not take, or values
    that the type does not.
    """
    faker = _faker(locale)
    make = _provider(faker, provider, locale)
    faker.seed_instance(int.from_bytes(seeds.key(path).astype("<u8").tobytes(), "little"))
    count = rows or POOL_ROWS.get(provider, POOL_ROWS_DEFAULT)
    kind = arrow_type or pa.string()
    values = [_taken(_made(make, provider, args), provider, kind) for _ in range(count)]
    return _typed(values, provider, kind)


def _made(make: Callable[..., object], provider: str, args: Mapping[str, Any]) -> object:
    from faker.exceptions import BaseFakerException  # noqa: PLC0415 - loaded by now

    try:
        return make(**args)
    except (TypeError, ValueError, ArithmeticError, LookupError, BaseFakerException) as e:
        used = f"cannot be used with {dict(args)}" if args else "cannot be used bare"
        raise SettingError(f"faker provider {provider!r}: {used}: {e}") from e


def _taken(value: object, provider: str, arrow_type: pa.DataType) -> Any:
    """Return a value of a kind that the type takes. Raises SettingError: of another."""
    wanted, taken = _TAKEN.get(arrow_type, ("text", tuple(_TEXT)))
    if not isinstance(value, taken) or (isinstance(value, bool) and bool not in taken):
        made = type(value).__name__
        raise SettingError(
            f"faker provider {provider!r} makes {made}, not {wanted}; choose another"
        )
    return value


def _typed(values: list[Any], provider: str, arrow_type: pa.DataType) -> pa.Array:
    if arrow_type == pa.string():
        return pa.array([_text(value) for value in values], arrow_type)
    try:
        plain = [float(v) if isinstance(v, Decimal) else v for v in values]
        return pa.array(plain, arrow_type)
    except (pa.ArrowInvalid, OverflowError) as e:
        raise SettingError(
            f"faker provider {provider!r} makes numbers beyond {arrow_type}; bound its arguments"
        ) from e


def _text(value: object) -> str:
    return next(text(value) for kind, text in _TEXT.items() if isinstance(value, kind))


def _faker(locale: str) -> Faker:
    from faker import Faker  # noqa: PLC0415 - 0.15 s that only streams with pools pay
    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415

    if locale not in AVAILABLE_LOCALES:
        raise SettingError(f"no faker locale {locale!r}{did_you_mean(locale, AVAILABLE_LOCALES)}")
    return Faker(locale)


def _provider(faker: Faker, provider: str, locale: str) -> Callable[[], object]:
    generator = faker.factories[0]
    known = [
        name
        for p in generator.providers
        for name in dir(p)
        if not name.startswith("_") and callable(getattr(generator, name, None))
    ]
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
