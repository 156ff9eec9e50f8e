"""The Faker generator: values of a provider, generated once into a pool.

The only module that imports Faker.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import pyarrow as pa
from pydantic import Field

from gerador.errors import SettingError, did_you_mean
from gerador.values.declaration import StringGenerator
from gerador.values.dictionary_columns import ChoiceColumn, choice_column
from gerador.values.faker_isolation import isolated, lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from faker import Faker

    from gerador.avro.schema import AvroType
    from gerador.randomness import StreamSeeds
    from gerador.values.column import BuildContext, ColumnTarget
    from gerador.values.declaration import ValueGenerator


DEFAULT_LOCALE: Final = "en_US"
"""Locale of fields for which neither the field, its stream nor the scenario sets one."""
_COMMON: Final = ("pt_BR", "en_US")
POOL_ROWS_MAX: Final = 65_536


class FakerGenerator(StringGenerator):
    """Values of a Faker provider, from a pool of `pool_rows` values.

    Short form in a file: ``faker.name``. On strings, numbers, dates and booleans become text.
    """

    types: ClassVar[frozenset[str]] = frozenset(
        {"string", "int", "long", "float", "double", "boolean"}
    )
    main_parameter: ClassVar[str | None] = "provider"
    kind: Literal["faker"] = "faker"
    provider: str
    """Name of the provider: name, city, license_plate, …"""
    locale: str | None = None
    """Language and country, such as pt_BR or en_US. Default: that of the stream or scenario."""
    args: dict[str, Any] = Field(default_factory=dict)
    """Keyword arguments of the provider."""
    pool_rows: int | None = None
    """Number of values in the pool, 1 to 65,536. Default: by provider."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield an error of the size of the pool."""
        if self.pool_rows is not None and not 1 <= self.pool_rows <= POOL_ROWS_MAX:
            yield "pool_rows", f"pool_rows {self.pool_rows} is outside [1, {POOL_ROWS_MAX}]"

    def column(self, context: BuildContext, target: ColumnTarget) -> ChoiceColumn:
        """Return the column; generates the pool. Raises SettingError: as `draw_pool`."""
        entries = draw_pool(
            context.seeds,
            target.path,
            self.provider,
            self.locale or DEFAULT_LOCALE,
            self.pool_rows,
            self.args,
            target.type,
        )
        return choice_column(target.path, entries)


POOL_ROWS: Final = {"name": 8_192, "city": 2_048, "job": 512}
"""Pool sizes by provider; powers of two can be indexed without bias."""
POOL_ROWS_DEFAULT: Final = 1_024
_TEXT_FORMATS: Final[Mapping[type, Callable[[Any], str]]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: repr,
    Decimal: "{:f}".format,
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
}
"""How values become text; dates and times in ISO 8601."""
_NUMBER_TYPES: Final = ("numbers", (int, float, Decimal))
_ACCEPTED_TYPES: Final[Mapping[pa.DataType, tuple[str, tuple[type, ...]]]] = {
    pa.bool_(): ("booleans", (bool,)),
    pa.int32(): ("integers", (int,)),
    pa.int64(): ("integers", (int,)),
    pa.float32(): _NUMBER_TYPES,
    pa.float64(): _NUMBER_TYPES,
}


def draw_pool(
    seeds: StreamSeeds,
    path: str,
    provider: str,
    locale: str,
    rows: int | None = None,
    args: Mapping[str, Any] = MappingProxyType({}),
    arrow_type: pa.DataType | None = None,
) -> pa.Array:
    """Return `rows` values of a Faker provider, a pure function of seeds, path and arguments.

    Strings, unless `arrow_type` is a type of numbers or booleans. The provider's current time is
    `faker_isolation.NOW`.

    Cost: 5 to 20 microseconds per value, and 0.15 s for the first import of Faker.

    Raises SettingError: unknown locale or provider, invalid arguments, or values that do not fit
    the type.
    """
    faker = _faker_for_locale(locale)
    method = _provider_method(faker, provider, locale)
    faker.seed_instance(int.from_bytes(seeds.key(path).astype("<u8").tobytes(), "little"))
    count = rows or POOL_ROWS.get(provider, POOL_ROWS_DEFAULT)
    kind = arrow_type or pa.string()
    with isolated(faker.random):
        values = [
            _check_value(_call_provider(method, provider, args), provider, kind)
            for _ in range(count)
        ]
    return _pool_array(values, provider, kind)


def _call_provider(method: Callable[..., object], provider: str, args: Mapping[str, Any]) -> object:
    try:
        return method(**args)
    except Exception as e:  # providers raise anything: bank of en_US, NotImplementedError
        call = f"with arguments {dict(args)}" if args else "without arguments"
        reason = " ".join(str(e).split()) or type(e).__name__
        raise SettingError(f"faker provider {provider!r} failed {call}: {reason}") from e


def _check_value(value: object, provider: str, arrow_type: pa.DataType) -> Any:
    """Return `value`. Raises SettingError: not valid for the type."""
    expected, accepted = _ACCEPTED_TYPES.get(arrow_type, ("text", tuple(_TEXT_FORMATS)))
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        actual = type(value).__name__
        raise SettingError(
            f"faker provider {provider!r} returns {actual}, not {expected}; use another provider"
        )
    return value


def _pool_array(values: list[Any], provider: str, arrow_type: pa.DataType) -> pa.Array:
    if arrow_type == pa.string():
        return pa.array([_value_text(value) for value in values], arrow_type)
    try:
        numbers = [float(v) if isinstance(v, Decimal) else v for v in values]
        return pa.array(numbers, arrow_type)
    except (pa.ArrowInvalid, OverflowError) as e:
        raise SettingError(
            f"faker provider {provider!r} returns numbers that do not fit {arrow_type}; "
            "limit them by args"
        ) from e


def _value_text(value: object) -> str:
    return next(text(value) for kind, text in _TEXT_FORMATS.items() if isinstance(value, kind))


def check_locale(locale: str, given: str | None = None) -> None:
    """Check that Faker has a locale; `given` is the setting in the message: ``--locale=pt``.

    Raises SettingError: unknown; suggests the closest one.
    """
    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415 - takes 0.15 s

    if locale in AVAILABLE_LOCALES:
        return
    same = _locale_of(locale, AVAILABLE_LOCALES)
    advice = "expected a language and a country, such as pt_BR or en_US"
    hint = did_you_mean(locale, AVAILABLE_LOCALES, advice, closest=same)
    raise SettingError(f"{f'{given}: ' if given else ''}unknown locale {locale!r}{hint}")


def _locale_of(text: str, locales: Iterable[str]) -> str | None:
    """Return the locale of a language (``en``) or country (``br``), in any case; None: unknown."""
    wanted = text.replace("-", "_").lower()
    found = [name for name in locales if wanted in (name.lower(), *name.lower().split("_"))]
    # A language is preferred to a country, and a common locale to the first of the alphabet.
    return min(found, key=lambda n: (not n.startswith(wanted), n not in _COMMON, n), default=None)


def with_locale(fields: Mapping[str, ValueGenerator], locale: str) -> dict[str, ValueGenerator]:
    """Return generators by field; Faker generators without a locale have this one."""
    return {path: _with_locale(generator, locale) for path, generator in fields.items()}


def _with_locale(generator: ValueGenerator, locale: str) -> ValueGenerator:
    if isinstance(generator, FakerGenerator) and generator.locale is None:
        return generator.model_copy(update={"locale": locale})
    return generator


def without_locale(generator: ValueGenerator, locale: str) -> ValueGenerator:
    """Return a generator that inherits its locale if it is this one."""
    if isinstance(generator, FakerGenerator) and generator.locale == locale:
        return generator.model_copy(update={"locale": None})
    return generator


def _faker_for_locale(locale: str) -> Faker:
    from faker import Faker  # noqa: PLC0415 - takes 0.15 s

    check_locale(locale)
    with lock:
        return Faker(locale)


def is_provider(name: str) -> bool:
    """Return whether Faker has a provider of this name, in its default locale."""
    return name in _provider_names(_faker_for_locale(DEFAULT_LOCALE))


def _provider_names(faker: Faker) -> list[str]:
    generator = faker.factories[0]
    return [
        name
        for p in generator.providers
        for name in dir(p)
        if not name.startswith("_") and callable(getattr(generator, name, None))
    ]


def _provider_method(faker: Faker, provider: str, locale: str) -> Callable[[], object]:
    generator, known = faker.factories[0], _provider_names(faker)
    if provider not in known:
        hint = did_you_mean(provider, known)
        raise SettingError(f"unknown faker provider {provider!r} for locale {locale}{hint}")
    return getattr(generator, provider)
