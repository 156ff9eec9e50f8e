"""Decides whether two schemas of one type are equal for a registry lookup, and returns a schema's canonical text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from gerador.avro.load import parse_avro
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.encoding.registry_schemas import RegistrySchema, SchemaType


SUBMITTED_SCHEMA: Final = "the schema that was sent"
_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TOKEN: Final = re.compile(r"\"[^\"]*\"|[\w.]+|\S")


def canonical_text(schema: RegistrySchema) -> str:
    """Return a schema's text in one spelling."""
    if schema.kind == "PROTOBUF":
        return _normalized_proto(schema.text)
    return json.dumps(json.loads(schema.text), sort_keys=True, separators=(",", ":"))


def schema_matcher(text: str, kind: SchemaType) -> Callable[[RegistrySchema], bool]:
    """Return what tells whether a schema means what `text` does.

    Raises SchemaError: `text` is no schema of its kind.
    """
    same = {"AVRO": _avro_matcher, "JSON": _json_matcher, "PROTOBUF": _protobuf_matcher}[kind](text)
    return lambda schema: schema.kind == kind and same(schema)


def _avro_matcher(text: str) -> Callable[[RegistrySchema], bool]:
    lone = _parse_key_type(text)
    if lone is not None:  # a key's schema; whether it is one of ours is all there is to ask
        return lambda schema: _parse_key_type(schema.text) == lone
    wanted = parse_avro(text, source=SUBMITTED_SCHEMA).root
    return lambda schema: (
        _parse_key_type(schema.text) is None and (parse_avro(schema.text).root == wanted)
    )


def _parse_key_type(text: str) -> Any:
    """Return an Avro schema of logical, fixed or primitive type as one value, None for a record."""
    try:
        declared = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(declared, str):
        declared = {"type": declared}
    named = isinstance(declared, dict) and isinstance(declared.get("type"), str)
    return declared if named and declared["type"] in _KEY_TYPES else None


_KEY_TYPES: Final = frozenset({"string", "int", "long", "bytes", "fixed"})
"""Types that keys may have."""


def _json_matcher(text: str) -> Callable[[RegistrySchema], bool]:
    try:
        wanted = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"{SUBMITTED_SCHEMA}: it is no JSON") from error
    return lambda schema: bool(json.loads(schema.text) == wanted)


def _protobuf_matcher(text: str) -> Callable[[RegistrySchema], bool]:
    tokens = _normalized_proto(text)
    return lambda schema: text == schema.serialized or _normalized_proto(schema.text) == tokens


def _normalized_proto(text: str) -> str:
    return " ".join(_TOKEN.findall(_COMMENT.sub("", text)))
