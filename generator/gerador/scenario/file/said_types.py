"""Avro types by the words of a file: what `type` may say, and how types are named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gerador.scenario.fields import ChoiceField, StatesField

if TYPE_CHECKING:
    from gerador.scenario.fields import Declared

_SIMPLE: Final = frozenset({"boolean", "int", "long", "float", "double", "bytes", "string"})
_LOGICAL: Final = {
    "date": "int",
    "time-millis": "int",
    "time-micros": "long",
    "timestamp-millis": "long",
    "timestamp-micros": "long",
    "timestamp-nanos": "long",
    "local-timestamp-millis": "long",
    "local-timestamp-micros": "long",
    "local-timestamp-nanos": "long",
    "uuid": "string",
}
_DECIMAL: Final = re.compile(r"decimal\((\d+)(?:, ?(\d+))?\)")
_FIXED: Final = re.compile(r"fixed\((\d+)\)")
TYPES: Final = (*sorted(_SIMPLE), *sorted(_LOGICAL), "decimal(10,2)", "fixed(16)", "enum")
"""What `type` may say."""


def said_type(text: str, value: Declared, path: str) -> Any:
    """Return the Avro type that `type` names. Raises ValueError: it names none."""
    if text in _SIMPLE:
        return text
    if text in _LOGICAL:
        return {"type": _LOGICAL[text], "logicalType": text}
    if decimal := _DECIMAL.fullmatch(text):
        digits = {"precision": int(decimal[1]), "scale": int(decimal[2] or 0)}
        return {"type": "bytes", "logicalType": "decimal", **digits}
    if fixed := _FIXED.fullmatch(text):
        return {"type": "fixed", "name": pascal(path), "size": int(fixed[1])}
    if text == "enum":
        return {"type": "enum", "name": pascal(path), "symbols": _symbols(value)}
    raise ValueError(f"no type {text!r}; give {', '.join(TYPES)}")


def _symbols(value: Declared) -> list[str]:
    if isinstance(value, ChoiceField) and all(isinstance(v, str | None) for v in value.values):
        return [v for v in value.values if v is not None]
    if isinstance(value, StatesField):
        return list(value.states)
    raise ValueError("an enum is for a choice of texts, or for states")


def pascal(path: str) -> str:
    """Return a name for the type at a path: ``itens[].preco`` is ``ItensPreco``."""
    words = re.findall(r"[A-Za-z0-9]+", path)
    name = "".join(word[0].upper() + word[1:] for word in words) or "Row"
    return f"_{name}" if name[0].isdigit() else name
