"""Whether declarations fit a schema: every path exists, every kind suits its type.

Judges only; it changes nothing and fills nothing in.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from generator.errors import SettingError, did_you_mean
from generator.scenario.avro import (
    Array,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    branch_or_union,
)
from generator.scenario.model import (
    GENERATION_ROWS_MAX,
    BooleanField,
    BytesField,
    FakerField,
    FieldSpec,
    LengthField,
    StreamSpec,
    TextField,
    UniformField,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH_MAX: Final = 1_024
"""Characters of a text, bytes, items of an array or entries of a map."""
POOL_ROWS_MAX: Final = 65_536
DECIMALS_MAX: Final = 9
STEPS_MAX: Final = 2**53
"""Values that a uniform double or float may take: what a double tells apart."""
WHOLE_BOUNDS: Final = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}


def check_stream(spec: StreamSpec) -> None:
    """Refuse a stream whose declarations do not fit its schema.

    Raises SettingError: one line that names the stream, the path and the way out.
    """
    where = f"stream {spec.name!r}"
    if not 1 <= spec.generation_rows <= GENERATION_ROWS_MAX:
        raise SettingError(
            f"{where}: generations of {spec.generation_rows} rows; give 1 to {GENERATION_ROWS_MAX}"
        )
    if not spec.schema.root.fields:
        raise SettingError(f"{where}: record {spec.schema.name!r} has no fields; give it one")
    paths = dict(field_paths(spec.schema.root))
    for path, declared in spec.fields.items():
        if path not in paths:
            raise SettingError(f"{where}: no field {path!r}{did_you_mean(path, paths)}")
        _check_field(f"{where}: field {path!r}", declared, paths[path])
    _check_key(where, spec)


def field_paths(avro_type: AvroType, path: str = "") -> Iterator[tuple[str, AvroType]]:
    """Yield each path that a declaration may name, with its type (a union for a nullable one).

    Branches of a union of several types stand under ``path<branch>``.
    """
    if path:
        yield path, avro_type
    for child_path, child in child_types(avro_type, path):
        yield from field_paths(child, child_path)


def child_types(avro_type: AvroType, path: str) -> Iterator[tuple[str, AvroType]]:
    """Yield the types directly inside `avro_type` with their paths; a nullable is its value."""
    match avro_type:
        case Record():
            for f in avro_type.fields:
                yield f"{path}.{f.name}" if path else f.name, f.type
        case Array():
            yield f"{path}[]", avro_type.items
        case Map():
            yield f"{path}{{}}", avro_type.values
        case Union() if avro_type.null_branch is not None:
            yield from child_types(avro_type.value, path)
        case Union():
            for branch in avro_type.branches:
                yield f"{path}<{branch_or_union(branch)}>", branch
        case _:
            return


def kinds_for(avro_type: AvroType) -> frozenset[str]:
    """Return the kinds of declaration that suit a type."""
    match avro_type:
        case Union():
            nullable = avro_type.null_branch is not None
            return kinds_for(avro_type.value) if nullable else frozenset({"whole"})
        case Enum():
            return frozenset({"symbol"})
        case Array() | Map():
            return frozenset({"length"})
        case Record():
            return frozenset({"whole"})
        case Primitive() | Fixed():
            return _scalar_kinds(avro_type)


def _scalar_kinds(avro_type: Primitive | Fixed) -> frozenset[str]:
    logical = avro_type.logical.name if avro_type.logical else ""
    if logical == "decimal":
        return frozenset({"digits"})
    if "timestamp" in logical or logical == "date":
        return frozenset({"calendar", "event_time"})
    if logical.startswith("time") or logical == "duration":
        return frozenset({"calendar"})
    if isinstance(avro_type, Fixed):
        return frozenset({"uuid"} if logical == "uuid" else {"bytes"})
    if logical == "uuid":
        return frozenset({"uuid", "generation_id"})
    return _PRIMITIVE_KINDS[avro_type.name]


_NUMBER: Final = frozenset({"uniform"})
_PRIMITIVE_KINDS: Final = {
    "null": frozenset({"whole"}),
    "boolean": frozenset({"boolean"}),
    "int": _NUMBER,
    "long": _NUMBER,
    "float": _NUMBER,
    "double": _NUMBER,
    "bytes": frozenset({"bytes"}),
    "string": frozenset({"faker", "text", "uuid", "generation_id"}),
}


def _check_field(where: str, declared: FieldSpec, avro_type: AvroType) -> None:
    kinds = kinds_for(avro_type)
    if declared.kind not in kinds:
        told = ", ".join(sorted(kinds))
        raise SettingError(
            f"{where}: {declared.kind!r} does not suit {_told(avro_type)!r}; use {told}"
        )
    if declared.null_share is not None:
        if not isinstance(avro_type, Union) or avro_type.null_branch is None:
            raise SettingError(f"{where}: null_share on a type that is never null; remove it")
        _check_share(where, "null_share", declared.null_share)
    _check_numbers(where, declared, avro_type)


def _check_numbers(where: str, declared: FieldSpec, avro_type: AvroType) -> None:
    match declared:
        case UniformField():
            _check_uniform(where, declared, avro_type)
        case BooleanField():
            _check_share(where, "true_share", declared.true_share)
        case TextField() | BytesField() | LengthField():
            _check_length(where, declared)
        case FakerField() if declared.pool_rows is not None:
            if not 1 <= declared.pool_rows <= POOL_ROWS_MAX:
                raise SettingError(
                    f"{where}: pool_rows {declared.pool_rows}; give 1 to {POOL_ROWS_MAX}"
                )
        case _:
            return


def _check_length(where: str, declared: TextField | BytesField | LengthField) -> None:
    if not 0 <= declared.length_min <= declared.length_max <= LENGTH_MAX:
        raise SettingError(
            f"{where}: lengths {declared.length_min} to {declared.length_max}; "
            f"give 0 to {LENGTH_MAX}, the smaller first"
        )
    if isinstance(declared, TextField) and not (declared.alphabet and declared.alphabet.isascii()):
        raise SettingError(f"{where}: alphabet {declared.alphabet!r}; give ASCII characters")


def _check_uniform(where: str, declared: UniformField, avro_type: AvroType) -> None:
    low, high, decimals = declared.low, declared.high, declared.decimals
    name = _value_name(avro_type)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise SettingError(f"{where}: range {low} to {high}; give the smaller first, finite")
    if not 0 <= decimals <= (0 if name in WHOLE_BOUNDS else DECIMALS_MAX):
        raise SettingError(f"{where}: {decimals} decimals do not suit {name!r}")
    if (low * 10**decimals) % 1 or (high * 10**decimals) % 1:
        # 0.07 is not a double; what is meant is the nearest step, so only say so when far off.
        _check_steps(where, declared)
    least, most = WHOLE_BOUNDS.get(name, (-math.inf, math.inf))
    if low < least or high > most:
        raise SettingError(f"{where}: range {low} to {high} does not fit {name!r}")
    if name not in WHOLE_BOUNDS and (high - low) * 10**decimals >= STEPS_MAX:
        raise SettingError(f"{where}: range {low} to {high} has over {STEPS_MAX} steps; narrow it")


def _check_steps(where: str, declared: UniformField) -> None:
    for end in (declared.low, declared.high):
        if round(end, declared.decimals) != end:
            raise SettingError(
                f"{where}: {end} has more than {declared.decimals} decimals; set decimals"
            )


def _check_share(where: str, what: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise SettingError(f"{where}: {what} {share}; give 0 to 1")


def _check_key(where: str, spec: StreamSpec) -> None:
    if spec.key is None:
        return
    types = {f.name: f.type for f in spec.schema.root.fields}
    if spec.key not in types:
        raise SettingError(f"{where}: no key field {spec.key!r}{did_you_mean(spec.key, types)}")
    if _value_name(types[spec.key]) not in {"string", "int", "long", "bytes", "fixed"}:
        raise SettingError(
            f"{where}: key field {spec.key!r} is {_told(types[spec.key])!r}; "
            "a key is text, a whole number or bytes"
        )


def _value_name(avro_type: AvroType) -> str:
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return _value_name(avro_type.value)
    return "fixed" if isinstance(avro_type, Fixed) else branch_or_union(avro_type)


def _told(avro_type: AvroType) -> str:
    name = _value_name(avro_type)
    logical = getattr(avro_type, "logical", None)
    return f"{name} ({logical.name})" if logical else name
