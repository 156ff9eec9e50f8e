"""Load Avro schemas from text, files and dicts.

The JSON to register has no comments and no ``arg.properties`` annotations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from gerador.avro.location import JsonLocation
from gerador.avro.parser import Parser, Scope, check_size, too_deep_error
from gerador.avro.schema import ANNOTATION, AvroSchema, Record, branch_name
from gerador.errors import SchemaError

_NESTED_KEY: Final = {"array": "items", "map": "values"}
_TEXT_OR_COMMENT: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def strip_annotations(node: Any) -> Any:
    """Return the JSON of a schema without annotations, otherwise unchanged.

    A reference to a named type that is an object for its annotation becomes the name alone.
    """
    if isinstance(node, list):
        return [strip_annotations(n) for n in node]
    if not isinstance(node, dict):
        return node
    kept = {k: v for k, v in node.items() if k != ANNOTATION}
    kind = kept.get("type")
    if len(kept) < len(node) and list(kept) == ["type"] and isinstance(kind, str):
        return kind
    if isinstance(kept.get("fields"), list):
        kept["fields"] = [_strip_field(f) for f in kept["fields"]]
    inside = _NESTED_KEY.get(kind) if isinstance(kind, str) else None
    if inside in kept:
        kept[inside] = strip_annotations(kept[inside])
    return kept


def _strip_field(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    kept = {k: v for k, v in node.items() if k != ANNOTATION}
    return {**kept, "type": strip_annotations(kept["type"])} if "type" in kept else kept


def strip_comments(text: str) -> str:
    """Return JSON text with ``//`` and ``/* */`` comments replaced by spaces.

    Line and column numbers of the rest do not change.
    """
    return _TEXT_OR_COMMENT.sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    found = match[0]
    return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)


SCHEMA_CHARACTERS_MAX: Final = 16 * 1024 * 1024

SchemaSource: TypeAlias = "str | Path | Mapping[str, Any]"
"""The path of an .avsc file, a dict, or JSON text that starts with ``{``."""


def parse_avro(text: str, *, source: str = "schema", folder: Path | None = None) -> AvroSchema:
    """Parse the JSON text of an Avro record schema, which may have comments.

    `source` names the text in errors; paths of files in annotations are relative to `folder`.
    Cost: O(types, with named types expanded).

    Raises SchemaError: not JSON, not a valid record schema, recursive, too deep or too large; one
    line with the location in the JSON.
    """
    top = JsonLocation(source)
    try:
        schema_json = _parse_json(text, top)
        root = Parser().parse(schema_json, Scope(top))
        if not isinstance(root, Record):
            raise top.error(f"the schema is {branch_name(root)!r}; expected a record")
        check_size(root, top)
        return AvroSchema(_canonical_json(strip_annotations(schema_json), top), root, folder)
    except RecursionError as e:  # JSON inside attributes and defaults has no other limit
        raise too_deep_error(top) from e


def load_avro(path: Path) -> AvroSchema:
    """Parse the Avro record schema in the file at `path`.

    Raises SchemaError: as `parse_avro`, or the file cannot be read as UTF-8.
    """
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(SCHEMA_CHARACTERS_MAX + 1)
    except OSError as e:
        msg = f"{path}: cannot be read: {e.strerror}; give the path of an Avro schema (.avsc)"
        raise SchemaError(msg) from e
    except UnicodeDecodeError as e:
        msg = f"{path}: not UTF-8 text; give the path of an Avro schema (.avsc)"
        raise SchemaError(msg) from e
    except ValueError as e:  # such as a null character in the path
        msg = f"{str(path)!r}: cannot be read: {e}; give the path of an Avro schema (.avsc)"
        raise SchemaError(msg) from e
    if len(text) > SCHEMA_CHARACTERS_MAX:
        raise SchemaError(f"{path}: more than {SCHEMA_CHARACTERS_MAX} characters; is it a schema?")
    return parse_avro(text, source=str(path), folder=path.parent)


def to_avro_schema(schema: SchemaSource) -> AvroSchema:
    """Parse the schema in a file, a dict or a text.

    Raises SchemaError: as `load_avro`, or the dict has values that JSON does not support.
    """
    if isinstance(schema, Mapping):
        return parse_avro(_to_json(schema))
    if isinstance(schema, str) and schema.lstrip().startswith("{"):
        return parse_avro(schema)
    return load_avro(Path(schema))


def _to_json(schema: Mapping[str, Any]) -> str:
    try:
        return json.dumps(schema)
    except TypeError as e:
        raise SchemaError(
            f"schema: not JSON: {e}; expected a dict of strings, numbers and lists"
        ) from e


def _parse_json(text: str, top: JsonLocation) -> Any:
    try:
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return json.loads(strip_comments(text))
    except json.JSONDecodeError as e:
        raise SchemaError(f"{top.source}:{e.lineno}:{e.colno}: not JSON: {e.msg}") from e
    except ValueError as e:  # Python does not parse integers of thousands of digits
        raise top.error("an integer has thousands of digits; is it a schema?") from e


def _canonical_json(schema_json: Any, top: JsonLocation) -> str:
    """Return the JSON to register: the same values, without spaces.

    Python accepts NaN and lone surrogates, which other readers of the schema do not.
    """
    try:
        text = json.dumps(schema_json, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
    except UnicodeEncodeError as e:
        raise top.error("a string has half of a surrogate pair; write the whole character") from e
    except ValueError as e:
        raise top.error("a number is not finite, which JSON does not support; change it") from e
    return text
