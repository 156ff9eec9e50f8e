"""Values of Faker providers, drawn once into a pool. The only module that uses Faker."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import pyarrow as pa
from pydantic import Field

from gerador.errors import SettingError, did_you_mean
from gerador.values.declaration import StringGenerator
from gerador.values.dictionary_columns import PlainPoolColumn, PoolColumn, pool_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from faker import Faker

    from gerador.avro.schema import AvroType
    from gerador.randomness import StreamSeeds
    from gerador.values.column import BuildContext, ColumnTarget


LOCALE: Final = "pt_BR"
POOL_ROWS_MAX: Final = 65_536


class FakerGenerator(StringGenerator):
    """Values of a Faker provider, drawn once into a pool of `pool_rows` (None: by provider).

    In a file also ``faker.name``; `args` are the provider's keyword arguments. On a string
    numbers, dates and booleans become text.
    """

    suits: ClassVar[frozenset[str]] = frozenset(
        {"string", "int", "long", "float", "double", "boolean"}
    )
    main: ClassVar[str | None] = "provider"
    kind: Literal["faker"] = "faker"
    provider: str
    """Name of the provider: name, city, license_plate, …"""
    locale: str = LOCALE
    """Language and country: pt_BR, en_US, …"""
    args: dict[str, Any] = Field(default_factory=dict)
    """The provider's keyword arguments."""
    pool_rows: int | None = None
    """Values that are drawn once and used again, 1 to 65,536; by the provider when not said."""

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield what makes no sense about the pool."""
        if self.pool_rows is not None and not 1 <= self.pool_rows <= POOL_ROWS_MAX:
            yield "pool_rows", f"pool_rows {self.pool_rows}; give 1 to {POOL_ROWS_MAX}"


POOL_ROWS: Final = {"name": 8_192, "city": 2_048, "job": 512}
"""Pool sizes by provider; powers of two, which are indexed without any bias."""
POOL_ROWS_DEFAULT: Final = 1_024
DATE_PROVIDERS: Final = "faker.providers.date_time"
_TEXT_FORMATS: Final[Mapping[type, Callable[[Any], str]]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: repr,
    Decimal: "{:f}".format,
    date: date.isoformat,
    time: time.isoformat,
}
"""What becomes text, and how: numbers as they are written, dates in ISO 8601."""
_NUMBER_TYPES: Final = ("numbers", (int, float, Decimal))
_ACCEPTED_TYPES: Final[Mapping[pa.DataType, tuple[str, tuple[type, ...]]]] = {
    pa.bool_(): ("booleans", (bool,)),
    pa.int32(): ("whole numbers", (int,)),
    pa.int64(): ("whole numbers", (int,)),
    pa.float32(): _NUMBER_TYPES,
    pa.float64(): _NUMBER_TYPES,
}
CLOCK_PROVIDERS: Final = frozenset({"credit_card_expire", "credit_card_full"})
"""Providers outside `DATE_PROVIDERS` that look at the clock as well."""


def draw_pool(
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
    faker = _faker_for_locale(locale)
    make = _provider_method(faker, provider, locale)
    faker.seed_instance(int.from_bytes(seeds.key(path).astype("<u8").tobytes(), "little"))
    count = rows or POOL_ROWS.get(provider, POOL_ROWS_DEFAULT)
    kind = arrow_type or pa.string()
    values = [
        _check_value(_call_provider(make, provider, args), provider, kind) for _ in range(count)
    ]
    return _pool_array(values, provider, kind)


def _call_provider(make: Callable[..., object], provider: str, args: Mapping[str, Any]) -> object:
    from faker.exceptions import BaseFakerException  # noqa: PLC0415 - loaded by now

    try:
        return make(**args)
    except (TypeError, ValueError, ArithmeticError, LookupError, BaseFakerException) as e:
        used = f"cannot be used with {dict(args)}" if args else "cannot be used bare"
        raise SettingError(f"faker provider {provider!r}: {used}: {e}") from e


def _check_value(value: object, provider: str, arrow_type: pa.DataType) -> Any:
    """Return a value of a kind that the type takes. Raises SettingError: of another."""
    wanted, taken = _ACCEPTED_TYPES.get(arrow_type, ("text", tuple(_TEXT_FORMATS)))
    if not isinstance(value, taken) or (isinstance(value, bool) and bool not in taken):
        made = type(value).__name__
        raise SettingError(
            f"faker provider {provider!r} makes {made}, not {wanted}; choose another"
        )
    return value


def _pool_array(values: list[Any], provider: str, arrow_type: pa.DataType) -> pa.Array:
    if arrow_type == pa.string():
        return pa.array([_value_text(value) for value in values], arrow_type)
    try:
        plain = [float(v) if isinstance(v, Decimal) else v for v in values]
        return pa.array(plain, arrow_type)
    except (pa.ArrowInvalid, OverflowError) as e:
        raise SettingError(
            f"faker provider {provider!r} makes numbers beyond {arrow_type}; bound its arguments"
        ) from e


def _value_text(value: object) -> str:
    return next(text(value) for kind, text in _TEXT_FORMATS.items() if isinstance(value, kind))


def _faker_for_locale(locale: str) -> Faker:
    from faker import Faker  # noqa: PLC0415 - 0.15 s that only streams with pools pay
    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415

    if locale not in AVAILABLE_LOCALES:
        raise SettingError(f"no faker locale {locale!r}{did_you_mean(locale, AVAILABLE_LOCALES)}")
    return Faker(locale)


def _provider_method(faker: Faker, provider: str, locale: str) -> Callable[[], object]:
    generator = faker.factories[0]
    known = [
        name
        for p in generator.providers
        for name in dir(p)
        if not name.startswith("_") and callable(getattr(generator, name, None))
    ]
    if _depends_on_today(generator.providers, provider):
        raise SettingError(
            f"faker provider {provider!r} depends on today's date; use a date or timestamp field"
        )
    if provider not in known:
        hint = did_you_mean(provider, known)
        raise SettingError(f"no faker provider {provider!r} in {locale}{hint}")
    return getattr(generator, provider)


def _depends_on_today(providers: Iterable[object], provider: str) -> bool:
    dated = (p for p in providers if type(p).__module__.startswith(DATE_PROVIDERS))
    return provider in CLOCK_PROVIDERS or any(provider in _declared_names(type(p)) for p in dated)


def _declared_names(kind: type) -> set[str]:
    """Return the names that a provider's class declares itself, without those of the base."""
    classes = (c for c in kind.__mro__ if c.__module__.startswith(DATE_PROVIDERS))
    return {name for c in classes for name in vars(c)}


def faker_column(
    making: BuildContext, place: ColumnTarget, declared: FakerGenerator
) -> PoolColumn | PlainPoolColumn:
    """Return the column of a Faker pool; the pool is drawn here and now.

    Raises SettingError: as `pools.pool`.
    """
    entries = draw_pool(
        making.seeds,
        place.path,
        declared.provider,
        declared.locale,
        declared.pool_rows,
        declared.args,
        place.type,
    )
    if pa.types.is_string(place.type):
        return pool_column(place.path, entries)
    return PlainPoolColumn(place.path, place.type, entries)
