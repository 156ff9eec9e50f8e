"""From a text, a file or a dict to a schema: what can be read, and what JSON can say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from gerador.errors import SchemaError
from gerador.scenario.avro.annotated import without_annotations, without_comments
from gerador.scenario.avro.extent import check_extent, too_deep
from gerador.scenario.avro.parser import Parser, Scope
from gerador.scenario.avro.place import Place
from gerador.scenario.avro.tree import AvroSchema, Record, branch_name

SCHEMA_CHARACTERS_MAX: Final = 16 * 1024 * 1024

SchemaSource: TypeAlias = "str | Path | Mapping[str, Any]"
"""The path of an .avsc file, the schema as a dict, or its JSON text (starting with ``{``)."""


def parse_avro(text: str, *, source: str = "schema", folder: Path | None = None) -> AvroSchema:
    """Parse the JSON text of an Avro record schema, which may have comments.

    `source` names the text in errors, `folder` is where files lie that its annotations name.
    Cost: O(size of the schema with named types written out).

    Raises SchemaError: not JSON, not a valid schema, not a record at the top, recursive, nested
    too deep, or too large; one line that names the place in the JSON.
    """
    top = Place(source)
    try:
        declared = _from_json(text, top)
        root = Parser().parse(declared, Scope(top))
        if not isinstance(root, Record):
            raise top.refusal(f"the top must be a record, not {branch_name(root)!r}")
        check_extent(root, top)
        return AvroSchema(_compact(without_annotations(declared), top), root, folder)
    except RecursionError as e:  # JSON inside attributes and defaults has no other limit
        raise too_deep(top) from e


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
    except ValueError as e:  # a path with a character that no path has
        msg = f"{str(path)!r}: cannot be read: {e}; give the path of an Avro schema (.avsc)"
        raise SchemaError(msg) from e
    if len(text) > SCHEMA_CHARACTERS_MAX:
        raise SchemaError(f"{path}: over {SCHEMA_CHARACTERS_MAX} characters; is it a schema?")
    return parse_avro(text, source=str(path), folder=path.parent)


def avro_of(schema: SchemaSource) -> AvroSchema:
    """Return the schema in a file, a dict or a text.

    Raises SchemaError: as `load_avro`, or a dict that JSON cannot say.
    """
    if isinstance(schema, Mapping):
        return parse_avro(_as_json(schema))
    if isinstance(schema, str) and schema.lstrip().startswith("{"):
        return parse_avro(schema)
    return load_avro(Path(schema))


def _as_json(schema: Mapping[str, Any]) -> str:
    try:
        return json.dumps(schema)
    except TypeError as e:
        raise SchemaError(f"schema: not JSON: {e}; give a dict of text, numbers and lists") from e


def _from_json(text: str, top: Place) -> Any:
    try:
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return json.loads(without_comments(text))
    except json.JSONDecodeError as e:
        raise SchemaError(f"{top.source}:{e.lineno}:{e.colno}: not JSON: {e.msg}") from e
    except ValueError as e:  # Python refuses to read integers of thousands of digits
        raise top.refusal("a number of thousands of digits; is it a schema?") from e


def _compact(declared: Any, top: Place) -> str:
    """Return the JSON that is registered: the same values, without spaces.

    Python reads, and by default writes, what neither JSON nor UTF-8 can say; nobody else could
    read a schema with it.
    """
    try:
        text = json.dumps(declared, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
    except UnicodeEncodeError as e:
        raise top.refusal("half a surrogate pair in a text; write the whole character") from e
    except ValueError as e:
        raise top.refusal("a number that is not finite, which JSON cannot say; change it") from e
    return text
