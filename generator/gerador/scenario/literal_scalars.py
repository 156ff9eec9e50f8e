"""Values as JSON and YAML write them, read as values of types that hold no others."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from gerador.scenario.avro import Fixed, Logical, Primitive

if TYPE_CHECKING:
    from collections.abc import Callable

WHOLE: Final = {"int": 31, "long": 63}
SHOWN_CHARACTERS_MAX: Final = 60
FLOAT_MAX: Final = 3.4028234663852886e38
DURATION_MAX: Final = 2**31 - 1
"""Months and days of an Arrow interval; milliseconds may be as many as 32 bits say."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
PER_SECOND: Final = {"millis": 1_000, "micros": 1_000_000, "nanos": 1_000_000_000}
MICROSECOND: Final = timedelta(microseconds=1)


def scalar(value: Any, avro_type: Primitive | Fixed) -> Any:
    """Return what `value` says as a value of a primitive or fixed type: see `literals.literal`.

    Raises ValueError: it is none.
    """
    if avro_type.logical is not None:
        return _LOGICAL[_family(avro_type.logical)](value, avro_type)
    if isinstance(avro_type, Fixed):
        return _of_fixed(value, avro_type)
    return _plain(value, avro_type.name)


def shown(value: Any) -> str:
    """Return a value for a message, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[: SHOWN_CHARACTERS_MAX - 1] + "…"


def no(value: Any, what: str, way_out: str) -> ValueError:
    """Return the error for a value that is not what its type needs."""
    return ValueError(f"{shown(value)} is no {what}; {way_out}")


def _plain(value: Any, name: str) -> Any:
    """Read a value of a primitive type without a logical type."""
    if name in WHOLE:
        return _whole(value, name, -(2 ** WHOLE[name]), 2 ** WHOLE[name] - 1)
    if name in ("float", "double"):
        return _real(value, name)
    if name == "bytes":
        return _octets(value, name)
    kind, way_out = _EXACT[name]
    if not isinstance(value, kind):
        raise no(value, name, way_out)
    return value


_EXACT: Final[dict[str, tuple[type, str]]] = {
    "null": (type(None), "give null"),
    "boolean": (bool, "give true or false"),
    "string": (str, "put it between quotes"),
}


def _whole(value: Any, what: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise no(value, what, "give a whole number")
    if not low <= value <= high:
        raise no(value, what, f"give {low} to {high}")
    return value


def _real(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise no(value, name, "give a number")
    try:
        number = float(value)
    except OverflowError:
        raise no(value, name, "give a smaller one") from None
    if name == "float" and math.isfinite(number) and abs(number) > FLOAT_MAX:
        raise no(value, name, "give a smaller one")
    return number


def _octets(value: Any, what: str) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise no(value, what, "give text of code points up to 255")
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        raise no(value, what, "give text of code points up to 255") from None


def _of_fixed(value: Any, fixed: Fixed) -> bytes:
    octets = _octets(value, f"fixed {fixed.name!r}")
    if len(octets) != fixed.size:
        raise no(value, f"fixed {fixed.name!r}", f"give {fixed.size} bytes")
    return octets


def _uuid(value: Any, avro_type: Primitive | Fixed) -> Any:
    try:
        parsed = UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise no(value, "uuid", "write it like 123e4567-e89b-42d3-a456-426614174000") from None
    return parsed.bytes if isinstance(avro_type, Fixed) else str(parsed)


def _decimal(value: Any, avro_type: Primitive | Fixed) -> int:
    """Return the unscaled number; text that is no number is bytes, as a default writes them."""
    logical = avro_type.logical or Logical("decimal")
    what = f"decimal({logical.precision}, {logical.scale})"
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise no(value, what, "give a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return _unscaled(int.from_bytes(_octets(value, what), "big", signed=True), value, logical)
    if not number.is_finite():
        raise no(value, what, "give a number")
    sign, digits, exponent = number.as_tuple()
    shift = int(exponent) + logical.scale
    if shift > logical.precision or (shift < 0 and any(digits[shift:])):
        raise no(value, what, f"give {logical.scale} digits behind the point at most")
    whole = int("".join(map(str, digits)) or "0")
    unscaled = whole * 10**shift if shift >= 0 else whole // 10**-shift
    return _unscaled(-unscaled if sign else unscaled, value, logical)


def _unscaled(number: int, value: Any, logical: Logical) -> int:
    if abs(number) >= 10**logical.precision:
        what = f"decimal({logical.precision}, {logical.scale})"
        raise no(value, what, f"give {logical.precision} digits at most")
    return number


def _date(value: Any, _: Primitive | Fixed) -> int:
    if isinstance(value, str | datetime | date):
        return (_moment(value, "date") - EPOCH).days
    return _whole(value, "date", -(2**31), 2**31 - 1)


def _time(value: Any, avro_type: Primitive | Fixed) -> int:
    unit = _per_second(avro_type)
    if isinstance(value, str):
        try:
            at = time.fromisoformat(value)
        except ValueError:
            raise no(value, "time", "write it like 12:30:00") from None
        seconds = at.hour * 3_600 + at.minute * 60 + at.second
        return (seconds * 1_000_000 + at.microsecond) * unit // 1_000_000
    return _whole(value, "time", 0, 86_400 * unit - 1)


def _timestamp(value: Any, avro_type: Primitive | Fixed) -> int:
    if isinstance(value, str | datetime | date):
        micros = (_moment(value, "timestamp") - EPOCH) // MICROSECOND
        return _whole(
            micros * _per_second(avro_type) // 1_000_000, "timestamp", -(2**63), 2**63 - 1
        )
    return _whole(value, "timestamp", -(2**63), 2**63 - 1)


def _moment(value: str | datetime | date, what: str) -> datetime:
    """Return an instant of ISO 8601 text; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else value.isoformat())
    except ValueError:
        example = "2026-01-31" if what == "date" else "2026-01-31T12:30:00Z"
        raise no(value, what, f"write it like {example}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _duration(value: Any, _: Primitive | Fixed) -> tuple[int, int, int]:
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise no(value, "duration", "give [months, days, milliseconds]")
    months, days = (_whole(n, "duration", 0, DURATION_MAX) for n in value[:2])
    return months, days, _whole(value[2], "duration", 0, 2**32 - 1)


def _per_second(avro_type: Primitive | Fixed) -> int:
    name = avro_type.logical.name if avro_type.logical else ""
    return PER_SECOND[name.rpartition("-")[2]]


def _family(logical: Logical) -> str:
    families = (f for f in ("timestamp", "time") if f in logical.name)
    return next(families, logical.name)


_LOGICAL: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "uuid": _uuid,
    "decimal": _decimal,
    "date": _date,
    "time": _time,
    "timestamp": _timestamp,
    "duration": _duration,
}
