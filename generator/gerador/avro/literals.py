"""Parse JSON and YAML values as values of an Avro type."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from gerador.avro.schema import (
    Array,
    Enum,
    Fixed,
    LogicalType,
    Map,
    Primitive,
    Record,
    Recursion,
    Union,
    branch_name,
)
from gerador.errors import did_you_mean
from gerador.units import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.avro.schema import AvroType


class UnionValue(NamedTuple):
    """A value of a union: the position of its branch, and the value parsed as that branch."""

    position: int
    value: Any


def parse_literal(value: Any, avro_type: AvroType) -> Any:
    """Parse `value` as a value of `avro_type`.

    Returns None, bool, int, float, str or bytes; dates, times and timestamps as integers in the
    unit of the type; a decimal as its unscaled integer; a duration as three integers; arrays as
    lists; maps and records as dicts (records with all fields); unions as `UnionValue`, but plain
    nullable types as the value or None.

    Raises ValueError: not a value of the type.
    """
    match avro_type:
        case Union():
            return _parse_union(value, avro_type)
        case Record():
            return _parse_record(value, avro_type)
        case Array():
            if not isinstance(value, list | tuple):
                raise invalid_literal(value, "array", "give a list")
            return [parse_literal(v, avro_type.items) for v in value]
        case Map():
            if not (isinstance(value, dict) and all(isinstance(k, str) for k in value)):
                raise invalid_literal(value, "map", "give a mapping with text keys")
            return {k: parse_literal(v, avro_type.values) for k, v in value.items()}
        case Enum():
            return _parse_enum(value, avro_type)
        case _:
            return parse_scalar(value, avro_type)


def _parse_enum(value: Any, enum: Enum) -> str:
    if not isinstance(value, str) or value not in enum.symbols:
        hint = did_you_mean(str(value), enum.symbols)
        raise ValueError(f"{format_value(value)} is not a symbol of {enum.name!r}{hint}")
    return value


def _parse_union(value: Any, union: Union) -> Any:
    if union.null_branch is not None:
        if value is None:
            return None
        wrapped = _wrapped_branch(value, union)
        return parse_literal(value if wrapped is None else wrapped.value, union.value)
    for position, branch in enumerate(union.branches):
        try:
            return UnionValue(position, parse_literal(value, branch))
        except ValueError:
            continue
    wrapped = _wrapped_branch(value, union)
    if wrapped is None:
        names = ", ".join(branch_name(b) for b in union.branches)
        raise invalid_literal(value, f"union of {names}", "give a value of one of them")
    return UnionValue(
        wrapped.position, parse_literal(wrapped.value, union.branches[wrapped.position])
    )


def _wrapped_branch(value: Any, union: Union) -> UnionValue | None:
    """Return the branch and the value of ``{branch name: value}``; None for other values."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((name, inner),) = value.items()
    return next(
        (UnionValue(i, inner) for i, b in enumerate(union.branches) if branch_name(b) == name), None
    )


def _parse_record(value: Any, record: Record) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid_literal(value, f"record {record.name!r}", "give a mapping of its fields")
    names = [f.name for f in record.fields]
    for name in value:
        if name not in names:
            hint = did_you_mean(str(name), names)
            raise ValueError(
                f"{format_value(value)}: record {record.name!r} has no field {name!r}{hint}"
            )
    found = {}
    for field in record.fields:
        if field.name not in value and "default" not in field.attributes:
            raise ValueError(f"{format_value(value)} has no value for field {field.name!r}; add it")
        given = value.get(field.name, field.attributes.get("default"))
        try:
            found[field.name] = parse_literal(given, field.type)
        except ValueError as e:
            raise ValueError(f"field {field.name!r}: {e}") from None
    return found


INTEGER_BITS: Final = {"int": 31, "long": 63}
SHOWN_CHARACTERS_MAX: Final = 60
FLOAT_MAX: Final = 3.4028234663852886e38
DURATION_MAX: Final = 2**31 - 1
"""Maximum months and days of an Arrow interval; milliseconds are unsigned 32-bit."""
UNITS_PER_SECOND: Final = {"millis": 1_000, "micros": 1_000_000, "nanos": 1_000_000_000}
MICROSECOND: Final = timedelta(microseconds=1)


def parse_scalar(value: Any, avro_type: Primitive | Fixed) -> Any:
    """Parse `value` as a value of a primitive or fixed type, as `parse_literal` does.

    Raises ValueError: not a value of the type.
    """
    if isinstance(avro_type, Recursion):
        what = f"{avro_type.record!r} at this depth"
        raise invalid_literal(value, what, "nest the record less deep")
    if avro_type.logical is not None:
        return _LOGICAL_PARSERS[_logical_family(avro_type.logical)](value, avro_type)
    if isinstance(avro_type, Fixed):
        return _parse_fixed(value, avro_type)
    return _parse_primitive(value, avro_type.name)


def format_value(value: Any) -> str:
    """Return a value as JSON for a message, at most `SHOWN_CHARACTERS_MAX` characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[: SHOWN_CHARACTERS_MAX - 1] + "…"


def invalid_literal(value: Any, what: str, hint: str) -> ValueError:
    """Return the error for a value that its type does not accept."""
    return ValueError(f"{format_value(value)} is not a valid {what}; {hint}")


def _parse_primitive(value: Any, name: str) -> Any:
    """Parse a value of a primitive type without a logical type."""
    if name in INTEGER_BITS:
        return _parse_integer(value, name, -(2 ** INTEGER_BITS[name]), 2 ** INTEGER_BITS[name] - 1)
    if name in ("float", "double"):
        return _parse_float(value, name)
    if name == "bytes":
        return _parse_bytes(value, name)
    python_type, hint = _EXACT_TYPES[name]
    if not isinstance(value, python_type):
        raise invalid_literal(value, name, hint)
    return value


_EXACT_TYPES: Final[dict[str, tuple[type, str]]] = {
    "null": (type(None), "give null"),
    "boolean": (bool, "give true or false"),
    "string": (str, "quote it"),
}


def _parse_integer(value: Any, what: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid_literal(value, what, "give an integer")
    if not low <= value <= high:
        raise invalid_literal(value, what, f"give {low} to {high}")
    return value


def _parse_float(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_literal(value, name, "give a number")
    try:
        number = float(value)
    except OverflowError:
        raise invalid_literal(value, name, "give a smaller number") from None
    if name == "float" and math.isfinite(number) and abs(number) > FLOAT_MAX:
        raise invalid_literal(value, name, "give a smaller number")
    return number


def _parse_bytes(value: Any, what: str) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise invalid_literal(value, what, "give text of characters U+0000 to U+00FF")
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        raise invalid_literal(value, what, "give text of characters U+0000 to U+00FF") from None


def _parse_fixed(value: Any, fixed: Fixed) -> bytes:
    data = _parse_bytes(value, f"fixed {fixed.name!r}")
    if len(data) != fixed.size:
        raise invalid_literal(value, f"fixed {fixed.name!r}", f"give {fixed.size} bytes")
    return data


def _parse_uuid(value: Any, avro_type: Primitive | Fixed) -> Any:
    try:
        parsed = UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise invalid_literal(
            value, "uuid", "write 123e4567-e89b-42d3-a456-426614174000, for example"
        ) from None
    return parsed.bytes if isinstance(avro_type, Fixed) else str(parsed)


def _parse_decimal(value: Any, avro_type: Primitive | Fixed) -> int:
    """Return the unscaled integer; text that is not a number is bytes, as in Avro defaults."""
    logical = avro_type.logical or LogicalType("decimal")
    what = f"decimal({logical.precision}, {logical.scale})"
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise invalid_literal(value, what, "give a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return _check_precision(
            int.from_bytes(_parse_bytes(value, what), "big", signed=True), value, logical
        )
    if not number.is_finite():
        raise invalid_literal(value, what, "give a number")
    sign, digits, exponent = number.as_tuple()
    shift = int(exponent) + logical.scale
    if shift > logical.precision or (shift < 0 and any(digits[shift:])):
        raise invalid_literal(value, what, f"give at most {logical.scale} decimals")
    whole = int("".join(map(str, digits)) or "0")
    unscaled = whole * 10**shift if shift >= 0 else whole // 10**-shift
    return _check_precision(-unscaled if sign else unscaled, value, logical)


def _check_precision(number: int, value: Any, logical: LogicalType) -> int:
    if abs(number) >= 10**logical.precision:
        what = f"decimal({logical.precision}, {logical.scale})"
        raise invalid_literal(value, what, f"give at most {logical.precision} digits")
    return number


def _parse_date(value: Any, _: Primitive | Fixed) -> int:
    if isinstance(value, str | datetime | date):
        return (_parse_iso(value, "date") - EPOCH).days
    return _parse_integer(value, "date", -(2**31), 2**31 - 1)


def _parse_time(value: Any, avro_type: Primitive | Fixed) -> int:
    unit = _units_per_second(avro_type)
    if isinstance(value, str):
        try:
            parsed = time.fromisoformat(value)
        except ValueError:
            raise invalid_literal(value, "time", "write 12:30:00, for example") from None
        seconds = parsed.hour * 3_600 + parsed.minute * 60 + parsed.second
        return (seconds * 1_000_000 + parsed.microsecond) * unit // 1_000_000
    return _parse_integer(value, "time", 0, 86_400 * unit - 1)


def _parse_timestamp(value: Any, avro_type: Primitive | Fixed) -> int:
    if isinstance(value, str | datetime | date):
        micros = (_parse_iso(value, "timestamp") - EPOCH) // MICROSECOND
        return _parse_integer(
            micros * _units_per_second(avro_type) // 1_000_000, "timestamp", -(2**63), 2**63 - 1
        )
    return _parse_integer(value, "timestamp", -(2**63), 2**63 - 1)


def _parse_iso(value: str | datetime | date, what: str) -> datetime:
    """Parse ISO 8601 text; without a UTC offset it is UTC."""
    try:
        parsed = datetime.fromisoformat(value if isinstance(value, str) else value.isoformat())
    except ValueError:
        example = "2026-01-31" if what == "date" else "2026-01-31T12:30:00Z"
        raise invalid_literal(value, what, f"write {example}, for example") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _parse_duration(value: Any, _: Primitive | Fixed) -> tuple[int, int, int]:
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise invalid_literal(value, "duration", "give [months, days, milliseconds]")
    months, days = (_parse_integer(n, "duration", 0, DURATION_MAX) for n in value[:2])
    return months, days, _parse_integer(value[2], "duration", 0, 2**32 - 1)


def _units_per_second(avro_type: Primitive | Fixed) -> int:
    name = avro_type.logical.name if avro_type.logical else ""
    return UNITS_PER_SECOND[name.rpartition("-")[2]]


def _logical_family(logical: LogicalType) -> str:
    families = (f for f in ("timestamp", "time") if f in logical.name)
    return next(families, logical.name)


_LOGICAL_PARSERS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "uuid": _parse_uuid,
    "decimal": _parse_decimal,
    "date": _parse_date,
    "time": _parse_time,
    "timestamp": _parse_timestamp,
    "duration": _parse_duration,
}
