"""What a value says that nothing would read, where it stands: refused, never ignored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gerador.scenario.file.values import CONTAINERS, RecordValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.scenario.file.values import Value

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""Source: Apache Avro 1.12, "Names"."""
_HOLDERS: Final = tuple(CONTAINERS.values())


def about_value(value: Value, *, is_field: bool, derived: bool) -> Iterator[tuple[str, str]]:
    """Yield (parameter, complaint) for what a value says in vain.

    `is_field`: whether it is a record's field; `derived`: whether the schema is made from it.
    """
    if isinstance(value, _HOLDERS):
        yield from _about_holder(value)
    if not derived:
        yield from _about_given(value)
    elif value.doc is not None and not is_field:
        yield "doc", "a doc describes a field; move it to the field that this stands in"


def _about_holder(value: Value) -> Iterator[tuple[str, str]]:
    if value.type is not None:
        yield "type", f"the type of {value.kind!r} is that of what it holds; remove it"
    if value.unique:
        yield (
            "unique",
            f"unique does not suit {value.kind!r}; say it of a field in it, or remove it",
        )


def _about_given(value: Value) -> Iterator[tuple[str, str]]:
    """Yield what the schema that is given says already."""
    if value.type is not None:
        yield "type", "the schema says the type; remove it"
    if value.doc is not None:
        yield "doc", "the schema says the doc; remove it"
    if isinstance(value, RecordValue) and value.name is not None:
        yield "name", "the schema says the name; remove it"


def about_name(name: str) -> str | None:
    """Return what is wrong about the name of a field of a derived schema; None: nothing."""
    if _NAME.fullmatch(name):
        return None
    return f"{name!r} is no name of an Avro field; use letters, digits and _, no digit first"
