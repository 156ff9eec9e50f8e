"""Compares two schemas of one type for a registry lookup, and normalizes schema texts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from gerador.avro.load import parse_avro
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gerador.encoding.registry_schemas import RegistrySchema, SchemaType


SUBMITTED_SCHEMA: Final = "the submitted schema"
_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TOKEN: Final = re.compile(r"\"[^\"]*\"|[\w.]+|\S")


def canonical_text(schema: RegistrySchema) -> str:
    """Return a schema's text without differences in spacing, attribute order or comments."""
    if schema.schema_type == "PROTOBUF":
        return _normalized_proto(schema.text)
    return json.dumps(json.loads(schema.text), sort_keys=True, separators=(",", ":"))


def schema_matcher(text: str, schema_type: SchemaType) -> Callable[[RegistrySchema], bool]:
    """Return a function that decides whether a schema is equal to the schema `text`.

    Avro and JSON Schema: equal after parsing. Protobuf: equal without comments and spacing.

    Raises SchemaError: `text` is not a schema of its type.
    """
    matchers = {"AVRO": _avro_matcher, "JSON": _json_matcher, "PROTOBUF": _protobuf_matcher}
    is_equal = matchers[schema_type](text)
    return lambda schema: schema.schema_type == schema_type and is_equal(schema)


def _avro_matcher(text: str) -> Callable[[RegistrySchema], bool]:
    submitted = parse_avro(text, source=SUBMITTED_SCHEMA).root
    return lambda schema: parse_avro(schema.text).root == submitted


def _json_matcher(text: str) -> Callable[[RegistrySchema], bool]:
    try:
        submitted = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"{SUBMITTED_SCHEMA}: not valid JSON") from error
    return lambda schema: bool(json.loads(schema.text) == submitted)


def _protobuf_matcher(text: str) -> Callable[[RegistrySchema], bool]:
    submitted = _normalized_proto(text)
    return lambda schema: text == schema.serialized or _normalized_proto(schema.text) == submitted


def _normalized_proto(text: str) -> str:
    return " ".join(_TOKEN.findall(_COMMENT.sub("", text)))
