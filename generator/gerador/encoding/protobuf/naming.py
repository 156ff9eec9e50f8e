"""Names and field numbers of Protocol Buffers, and checks for names that collide there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gerador.encoding.protobuf.proto_file import json_name
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


RESERVED_WORDS: Final = frozenset({
    "bool", "bytes", "double", "enum", "extend", "extensions", "fixed32", "fixed64",
    "float", "google", "group", "import", "int32", "int64", "map", "message", "oneof",
    "option", "optional", "package", "public", "repeated", "required", "reserved",
    "returns", "rpc", "service", "sfixed32", "sfixed64", "sint32", "sint64", "stream",
    "string", "syntax", "to", "uint32", "uint64", "weak",
})  # fmt: skip
"""Keywords of the language, and the package of Google's types: not used as message names."""
STATEMENT_KEYWORDS: Final = frozenset({"option", "reserved"})
"""Keywords that start a statement inside an enum, and therefore cannot be symbols."""
RESERVED_FIRST: Final = 19_000
RESERVED_COUNT: Final = 1_000
"""Field numbers 19,000 to 19,999 are reserved (Protocol Buffers, "Field Numbers")."""


def unique_name(name: str, taken: set[str]) -> str:
    """Return `name`, with a number appended if it is taken, and add it to `taken`."""
    unique, count = name, 1
    while unique in taken:
        count += 1
        unique = f"{name}_{count}"
    taken.add(unique)
    return unique


def short_name(full_name: str) -> str:
    """Return a full name without its namespace."""
    return full_name.rpartition(".")[2]


def camel_case(name: str) -> str:
    """Return ``FooBar`` for ``foo_bar``, for use in a message's name."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def field_number(position: int) -> int:
    """Return the number of the field at `position`: from 1 on, without the reserved numbers."""
    number = position + 1
    return number if number < RESERVED_FIRST else number + RESERVED_COUNT


def check_field_names(record: str, fields: Iterable[tuple[str, bool]]) -> None:
    """Check that the fields, (name, is_map), have different names in Protocol Buffers.

    Two names collide if their JSON names are equal, or if one is the name of the message of the
    other's map entries. Raises SchemaError: a collision.
    """
    known = list(fields)
    _check_distinct(f"record {record!r}: fields", [(json_name(name), name) for name, _ in known])
    entries = [(map_entry_name(name), name) for name, is_map in known if is_map]
    _check_distinct(f"record {record!r}: fields", [*((name, name) for name, _ in known), *entries])


def check_enum_symbols(full_name: str, enum: str, symbols: Sequence[str]) -> None:
    """Check that the symbols are different and valid in a proto3 enum called `enum`.

    Two symbols collide if they are equal in Pascal case without the enum's name as a prefix.
    Source: protobuf, `descriptor.cc`, ``CheckEnumValueUniqueness``.
    Raises SchemaError: a collision, or a symbol that is a keyword.
    """
    for symbol in symbols:
        if symbol in STATEMENT_KEYWORDS:
            raise SchemaError(
                f"enum {full_name!r}: symbol {symbol!r} is a keyword of Protocol Buffers; rename "
                "it, or choose another format"
            )
    keys = [(_pascal_case(_without_prefix(symbol, enum)), symbol) for symbol in symbols]
    _check_distinct(f"enum {full_name!r}: symbols", keys)


def map_entry_name(field: str) -> str:
    """Return the name of the message that protoc adds for a map's entries."""
    return f"{camel_case(field)}Entry"


def _without_prefix(symbol: str, enum: str) -> str:
    letters = "_*".join(c for c in enum if c != "_")
    return re.sub(rf"^_*{letters}_*(?=.)", "", symbol, flags=re.IGNORECASE)


def _pascal_case(name: str) -> str:
    return "".join(part[:1].upper() + part[1:].lower() for part in name.split("_"))


def _check_distinct(what: str, names_by_key: Iterable[tuple[str, str]]) -> None:
    """Check that no two names have the same key; `what` describes them in the error."""
    seen: dict[str, str] = {}
    for key, name in names_by_key:
        other = seen.setdefault(key, name)
        if other != name:
            raise SchemaError(
                f"{what} {other!r} and {name!r} have the same name in Protocol Buffers; rename "
                "one, or choose another format"
            )
