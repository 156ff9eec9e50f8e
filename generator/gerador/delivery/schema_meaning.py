"""When two schemas of one kind mean the same, as far as a lookup needs it. Pure.

AVRO        equal names, fields, types and logical types, whatever the spacing, the
documentation, the defaults and other attributes, because clients write a schema
anew before they look it up
JSON        the same JSON, whatever the spacing and the order of keys
PROTOBUF    the same text, whatever the spacing and the comments, or the same serialized file
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from gerador.errors import SchemaError
from gerador.scenario.avro import parse_avro

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.encoding.schemas import RegistrySchema, SchemaKind

SENT: Final = "the schema that was sent"
_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TOKEN: Final = re.compile(r"\"[^\"]*\"|[\w.]+|\S")


def canonical(schema: RegistrySchema) -> str:
    """Return a schema's text in one spelling."""
    if schema.kind == "PROTOBUF":
        return _proto_tokens(schema.text)
    return json.dumps(json.loads(schema.text), sort_keys=True, separators=(",", ":"))


def means(text: str, kind: SchemaKind) -> Callable[[RegistrySchema], bool]:
    """Return what tells whether a schema means what `text` does.

    Raises SchemaError: `text` is no schema of its kind.
    """
    same = {"AVRO": _means_avro, "JSON": _means_json, "PROTOBUF": _means_protobuf}[kind](text)
    return lambda schema: schema.kind == kind and same(schema)


def _means_avro(text: str) -> Callable[[RegistrySchema], bool]:
    lone = _lone_type(text)
    if lone is not None:  # a key's schema; whether it is one of ours is all there is to ask
        return lambda schema: _lone_type(schema.text) == lone
    wanted = parse_avro(text, source=SENT).root
    return lambda schema: (
        _lone_type(schema.text) is None and (parse_avro(schema.text).root == wanted)
    )


def _lone_type(text: str) -> Any:
    """Return an Avro schema of logical, fixed or primitive type as one value, None for a record."""
    try:
        declared = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(declared, str):
        declared = {"type": declared}
    named = isinstance(declared, dict) and isinstance(declared.get("type"), str)
    return declared if named and declared["type"] in _LONE else None


_LONE: Final = frozenset({"string", "int", "long", "bytes", "fixed"})
"""Types that keys may have."""


def _means_json(text: str) -> Callable[[RegistrySchema], bool]:
    try:
        wanted = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"{SENT}: it is no JSON") from error
    return lambda schema: bool(json.loads(schema.text) == wanted)


def _means_protobuf(text: str) -> Callable[[RegistrySchema], bool]:
    tokens = _proto_tokens(text)
    return lambda schema: text == schema.serialized or _proto_tokens(schema.text) == tokens


def _proto_tokens(text: str) -> str:
    return " ".join(_TOKEN.findall(_COMMENT.sub("", text)))
