"""Names and field numbers that Protocol Buffers allows, and the errors for names that collide there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gerador.encoding.protobuf.proto_file import json_name
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable


RESERVED_WORDS: Final = frozenset({
    "bool", "bytes", "double", "enum", "extend", "extensions", "fixed32", "fixed64",
    "float", "google", "group", "import", "int32", "int64", "map", "message", "oneof",
    "option", "optional", "package", "public", "repeated", "required", "reserved",
    "returns", "rpc", "service", "sfixed32", "sfixed64", "sint32", "sint64", "stream",
    "string", "syntax", "to", "uint32", "uint64", "weak",
})  # fmt: skip
"""Words of the language, and the package of its own types: no names of messages here."""
STATEMENT_KEYWORDS: Final = frozenset({"option", "reserved"})
"""Words that open a statement where an enum's symbol would stand."""
RESERVED_FIRST: Final = 19_000
RESERVED_COUNT: Final = 1_000
"""Field numbers 19,000 to 19,999 are the implementation's (Protocol Buffers, "Field Numbers")."""


def unique_name(name: str, taken: set[str]) -> str:
    """Return `name`, with a number behind it if it is taken, and take it."""
    found, times = name, 1
    while found in taken:
        times += 1
        found = f"{name}_{times}"
    taken.add(found)
    return found


def short_name(full: str) -> str:
    """Return a full name without its namespace."""
    return full.rpartition(".")[2]


def camel_case(name: str) -> str:
    """Return a field's name as part of a message's name."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def field_number(position: int) -> int:
    """Return the number of the field at `position`, from 1 on, past the reserved ones."""
    number = position + 1
    return number if number < RESERVED_FIRST else number + RESERVED_COUNT


def check_field_names(record: str, fields: Iterable[tuple[str, bool]]) -> None:
    """Refuse fields, (name, is it a map), that differ for Avro but not for Protocol Buffers.

    Alike are names whose JSON names are, and a field and the type of another one's map entries.
    Raises SchemaError: names both.
    """
    known = list(fields)
    _check_distinct(f"record {record!r}: fields", [(json_name(name), name) for name, _ in known])
    entries = [(map_entry_name(name), name) for name, is_map in known if is_map]
    _check_distinct(f"record {record!r}: fields", [*((name, name) for name, _ in known), *entries])


def check_enum_symbols(full_name: str, enum: str, symbols: Iterable[str]) -> None:
    """Refuse symbols that proto3 takes for one, within an enum that is called `enum` there.

    So are those that it takes for a statement. Source: protobuf, `descriptor.cc`,
    ``CheckEnumValueUniqueness``: without the enum's name before them, and in Pascal case.
    Raises SchemaError: names both.
    """
    known = list(symbols)
    for symbol in known:
        if symbol in STATEMENT_KEYWORDS:
            raise SchemaError(
                f"enum {full_name!r}: {symbol!r} opens a statement in Protocol Buffers; rename the "
                "symbol, or choose another format"
            )
    labels = [(_pascal_case(_without_prefix(symbol, enum)), symbol) for symbol in known]
    _check_distinct(f"enum {full_name!r}: symbols", labels)


def map_entry_name(field: str) -> str:
    """Return the name of the message that protoc makes of a map's entries."""
    return f"{camel_case(field)}Entry"


def _without_prefix(symbol: str, enum: str) -> str:
    between = "_*".join(c for c in enum if c != "_")
    return re.sub(rf"^_*{between}_*(?=.)", "", symbol, flags=re.IGNORECASE)


def _pascal_case(name: str) -> str:
    return "".join(part[:1].upper() + part[1:].lower() for part in name.split("_"))


def _check_distinct(where: str, labelled: Iterable[tuple[str, str]]) -> None:
    seen: dict[str, str] = {}
    for label, name in labelled:
        other = seen.setdefault(label, name)
        if other != name:
            raise SchemaError(
                f"{where} {other!r} and {name!r} are one name in Protocol Buffers; rename one, "
                "or choose another format"
            )
