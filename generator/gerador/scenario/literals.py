"""Values as JSON and YAML write them, read as values of an Avro type.

Records are mappings, arrays lists, maps mappings of text, enums their symbol; bytes and fixed text
of code points up to 255, as in Avro's JSON encoding. Dates, times and timestamps are ISO 8601
text (UTC where no zone is said) or numbers in the unit of the type; decimals are numbers or
their text; uuids text; a duration is [months, days, milliseconds]. A union's value is that of the
first branch that takes it, or, as in Avro's JSON encoding, a mapping of the branch's name to it.
Holds no Arrow: `events.columns.literals` makes arrays of what is read here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gerador.errors import did_you_mean
from gerador.scenario.avro import Array, Enum, Map, Record, Union, branch_name
from gerador.scenario.literal_scalars import no, scalar, shown

if TYPE_CHECKING:
    from gerador.scenario.avro import AvroType


class Branch(NamedTuple):
    """A union's value: the position of its branch, and the value as that reads it."""

    position: int
    value: Any


def literal(value: Any, avro_type: AvroType) -> Any:
    """Return what `value` says as a value of `avro_type`.

    None, bool, int, float, str and bytes as they are; instants and days as whole numbers in the
    unit of the type; a decimal's unscaled whole number; a duration's three numbers; lists; a
    map's and a record's values by name (a record's all there); a union's `Branch`, but of a plain
    nullable type the value or None.

    Raises ValueError: it is none; the message names it and the way out.
    """
    match avro_type:
        case Union():
            return _of_union(value, avro_type)
        case Record():
            return _of_record(value, avro_type)
        case Array():
            if not isinstance(value, list | tuple):
                raise no(value, "array", "give a list")
            return [literal(v, avro_type.items) for v in value]
        case Map():
            if not (isinstance(value, dict) and all(isinstance(k, str) for k in value)):
                raise no(value, "map", "give a mapping of text")
            return {k: literal(v, avro_type.values) for k, v in value.items()}
        case Enum():
            return _of_enum(value, avro_type)
        case _:
            return scalar(value, avro_type)


def _of_enum(value: Any, enum: Enum) -> str:
    if not isinstance(value, str) or value not in enum.symbols:
        hint = did_you_mean(str(value), enum.symbols)
        raise ValueError(f"{shown(value)} is no symbol of {enum.name!r}{hint}")
    return value


def _of_union(value: Any, union: Union) -> Any:
    if union.null_branch is not None:
        if value is None:
            return None
        unwrapped = _unwrapped(value, union)
        return literal(value if unwrapped is None else unwrapped.value, union.value)
    for position, branch in enumerate(union.branches):
        try:
            return Branch(position, literal(value, branch))
        except ValueError:
            continue
    unwrapped = _unwrapped(value, union)
    if unwrapped is None:
        names = ", ".join(branch_name(b) for b in union.branches)
        raise no(value, f"value of the union of {names}", "give one of these types")
    return Branch(unwrapped.position, literal(unwrapped.value, union.branches[unwrapped.position]))


def _unwrapped(value: Any, union: Union) -> Branch | None:
    """Return what a mapping of a branch's name holds, where it is one."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((name, inner),) = value.items()
    return next(
        (Branch(i, inner) for i, b in enumerate(union.branches) if branch_name(b) == name), None
    )


def _of_record(value: Any, record: Record) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise no(value, f"record {record.name!r}", "give a mapping of its fields")
    names = [f.name for f in record.fields]
    for name in value:
        if name not in names:
            hint = did_you_mean(str(name), names)
            raise ValueError(f"{shown(value)}: record {record.name!r} has no field {name!r}{hint}")
    found = {}
    for field in record.fields:
        if field.name not in value and "default" not in field.attributes:
            raise ValueError(f"{shown(value)} says nothing of field {field.name!r}; add it")
        given = value.get(field.name, field.attributes.get("default"))
        try:
            found[field.name] = literal(given, field.type)
        except ValueError as e:
            raise ValueError(f"field {field.name!r}: {e}") from None
    return found
