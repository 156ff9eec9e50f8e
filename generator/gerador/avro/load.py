"""Load Avro schemas from text, files and dicts.

The JSON to register has no comments and no ``arg.properties`` annotations.
"""

from __future__ import annotations

import json
import os.path
import re
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from gerador.avro.definitions import ALL_KINDS, Definitions, SelfContained, is_protocol
from gerador.avro.location import JsonLocation
from gerador.avro.parser import Parser, too_deep_error
from gerador.avro.schema import ANNOTATION, AvroSchema, Record, ValueRecord
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_NESTED_KEY: Final = {"array": "items", "map": "values"}
_TEXT_OR_COMMENT: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def strip_annotations(node: Any) -> Any:
    """Return the JSON of a schema without annotations, otherwise unchanged.

    A reference to a named type that is an object becomes the name alone.
    """
    if isinstance(node, list):
        return [strip_annotations(n) for n in node]
    if not isinstance(node, dict):
        return node
    kept = {k: v for k, v in node.items() if k != ANNOTATION}
    kind = kept.get("type")
    if isinstance(kind, str) and (kind not in ALL_KINDS or list(kept) == ["type"] != list(node)):
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
FILES_MAX: Final = 10_000
"""Maximum schema files of a folder."""
SCHEMA_SUFFIXES: Final = (".avsc", ".avpr")

SchemaSource: TypeAlias = "str | Path | Sequence[str | Path] | Mapping[str, Any]"
"""Paths (`load_avro`), a dict, or JSON text that starts with ``{``, ``[`` or ``"``."""


def parse_avro(text: str, *, source: str = "schema", folder: Path | None = None) -> AvroSchema:
    """Parse the JSON text of an Avro schema, which may have comments.

    `source` names the text in errors; paths of files in annotations are relative to `folder`.
    Cost: O(types, with named types expanded).

    Raises SchemaError: not JSON, not a valid schema, too deep or too large; one
    line with the location in the JSON.
    """
    top = JsonLocation(source)
    with _limited_nesting(top):
        return _to_schema(_parse_json(text, top), top, folder)


def load_avro(*sources: str | Path, folder: Path = Path()) -> AvroSchema:
    """Parse the Avro schema in files, with paths relative to `folder`.

    A source is the path of a schema (.avsc), a protocol (.avpr) or a folder of them, or several
    with commas between. The last one is the schema, the others define types that it uses, in any
    order. ``path#name`` is a type that the last source defines; a protocol or folder without a
    name is the only type that no other one uses. A type that no source defines is read from the
    files beside them: that of its name, such as ``geo.Pt.avsc`` or ``geo/Pt.avsc``, or any.

    Raises SchemaError: as `parse_avro`, a file that cannot be read as UTF-8, or no such type.
    """
    paths = [part for source in sources for part in _split_source(source, folder)]
    *_, (last, name) = paths
    top = JsonLocation(str(last))
    definitions = _FileDefinitions()
    beside = last if last.is_dir() else last.parent
    with _limited_nesting(top):
        for path, _ in paths[:-1]:
            definitions.add_path(path)
        schema_json = None if last.is_dir() else _read_json(last)
        linked = SelfContained(definitions, top)
        if schema_json is not None and name is None and not is_protocol(schema_json):
            definitions.folders.append(beside)
            return _to_schema(linked.schema(schema_json), top, beside)
        chosen = _FileDefinitions()
        chosen.add_path(last)
        full = chosen.choose(name, top)
        definitions.add_path(last)
        return _to_schema(linked.type(full), top, beside)


def _split_source(source: str | Path, folder: Path) -> list[tuple[Path, str | None]]:
    """Return the paths of a source, relative to `folder`, and the name of a type after ``#``."""
    text = str(source)
    parts = [text] if exists(folder / text) else [part.strip() for part in text.split(",")]
    return [_split_name(part, folder) for part in parts]


def _split_name(text: str, folder: Path) -> tuple[Path, str | None]:
    path, mark, name = text.rpartition("#")
    if mark and not exists(folder / text):
        return folder / path, name
    return folder / text, None


def absolute_sources(source: str, folder: Path) -> str:
    """Return a source of `load_avro`, whose paths are relative to `folder`, with absolute ones."""
    parts = _split_source(source, folder)
    return ",".join(f"{p.absolute()}{'' if name is None else f'#{name}'}" for p, name in parts)


def exists(path: Path) -> bool:
    """Return whether a path exists; False for a text that cannot be a path (a null byte)."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises ValueError


class _FileDefinitions(Definitions):
    """The types that files define; missing ones are read from files of their names."""

    def __init__(self) -> None:
        super().__init__()
        self.folders: list[Path] = []

    def add_path(self, path: Path) -> None:
        """Add the types of a file, or of all schemas and protocols in a folder.

        Raises SchemaError: a file that cannot be read or is not JSON.
        """
        folder = path if path.is_dir() else path.parent
        if folder not in self.folders:
            self.folders.append(folder)
        if not path.is_dir():
            self.add(_read_json(path), str(path))
            return
        for file in _schema_files(path.rglob("*")):
            self.add(_read_json(file), str(file))

    def read_missing(self, full: str) -> None:
        """Read the file of a type, such as ``a.b.C.avsc`` or ``a/b/C.avsc``; else all files."""
        for path in (path for folder in self.folders for path in _paths_of(full, folder)):
            if path.is_file():
                self.add(_read_json(path), str(path))
                return
        for path in (path for folder in self.folders for path in _schema_files(folder.glob("*"))):
            with suppress(SchemaError):  # a file that has nothing to do with the schema
                self.add(_read_json(path), str(path))


def _schema_files(paths: Iterable[Path]) -> list[Path]:
    files = sorted(p for p in paths if p.suffix in SCHEMA_SUFFIXES and p.is_file())
    if len(files) > FILES_MAX:
        raise SchemaError(f"{files[0].parent}: more than {FILES_MAX:,} schema files; give paths")
    return files


def _paths_of(full: str, folder: Path) -> Iterator[Path]:
    """Yield the paths that a type's file may have, beside the files of `folder`.

    If a part of `folder` is the first part of its namespace, also in the folder of the namespace.
    """
    *spaces, name = full.split(".")
    yield folder / f"{full}.avsc"
    yield folder / f"{name}.avsc"
    yield folder.joinpath(*spaces, f"{name}.avsc")
    for part in folder.absolute().parents:
        if spaces and (part / spaces[0] in {folder.absolute(), *folder.absolute().parents}):
            yield part.joinpath(*spaces, f"{name}.avsc")


def _to_schema(schema_json: Any, top: JsonLocation, folder: Path | None) -> AvroSchema:
    """Return a schema whose JSON defines all types that it uses. Raises SchemaError."""
    root = Parser().schema(schema_json, top)
    if not isinstance(root, Record) or not root.fields:
        root = ValueRecord.of(root)
    return AvroSchema(_canonical_json(strip_annotations(schema_json), top), root, folder)


@contextmanager
def _limited_nesting(top: JsonLocation) -> Iterator[None]:
    try:
        yield
    except RecursionError as e:  # JSON inside attributes and defaults has no other limit
        raise too_deep_error(top) from e


def _read_json(path: Path) -> Any:
    return _parse_json(_read_text(path), JsonLocation(str(path)))


def _read_text(path: Path) -> str:
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
    return text


def to_avro_schema(schema: SchemaSource) -> AvroSchema:
    """Parse the schema in files, a dict or a text.

    Raises SchemaError: as `load_avro`, or the dict has values that JSON does not support.
    """
    if isinstance(schema, Mapping):
        return parse_avro(_to_json(schema))
    if isinstance(schema, str) and schema.lstrip().startswith(("{", "[", '"')):
        return parse_avro(schema)
    return load_avro(*([schema] if isinstance(schema, str | Path) else schema))


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
