"""Validate field defaults against their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gerador.avro.location import short_json
from gerador.avro.schema import (
    Array,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Recursion,
    Union,
    branch_name,
)

if TYPE_CHECKING:
    from gerador.avro.location import JsonLocation


_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "int": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "bytes": (str,),
    "string": (str,),
}
_BITS: Final = {"int": 31, "long": 63}


def check_default(value: Any, avro_type: AvroType, location: JsonLocation) -> None:
    """Check that `value` is a valid default of a field of `avro_type`.

    Raises SchemaError: not a value of the type.
    """
    if not _is_valid(value, avro_type):
        expected = (
            " or ".join(repr(branch_name(b)) for b in avro_type.branches)
            if isinstance(avro_type, Union)
            else repr(branch_name(avro_type))
        )
        raise location.error(
            f"{short_json(value)} is not a valid {expected}; change it or remove the default"
        )


def _is_valid(value: Any, avro_type: AvroType) -> bool:
    match avro_type:
        case Recursion():
            return isinstance(value, dict)
        case Primitive():
            return _is_valid_primitive(value, avro_type.name)
        case Fixed():
            return isinstance(value, str)
        case Enum():
            return value in avro_type.symbols
        case Array():
            return isinstance(value, list) and all(_is_valid(v, avro_type.items) for v in value)
        case Map():
            return isinstance(value, dict) and all(
                _is_valid(v, avro_type.values) for v in value.values()
            )
        case Union():
            return any(_is_valid(value, branch) for branch in avro_type.branches)
        case Record():
            return _is_valid_record(value, avro_type)


def _is_valid_primitive(value: Any, name: str) -> bool:
    if isinstance(value, bool) and name != "boolean":
        return False
    if not isinstance(value, _PYTHON_TYPES[name]):
        return False
    bits = _BITS.get(name)
    return bits is None or -(2**bits) <= value < 2**bits


def _is_valid_record(value: Any, record: Record) -> bool:
    """Return whether each field has a value, in `value` or by its own default."""
    return isinstance(value, dict) and all(
        _is_valid(value[f.name], f.type) if f.name in value else "default" in f.attributes
        for f in record.fields
    )
