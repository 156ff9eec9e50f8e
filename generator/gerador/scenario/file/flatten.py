"""Declarations by field path, from values as a file nests them: for a schema that is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gerador.scenario.fields import LengthField, WholeField
from gerador.scenario.file.meaning import about_value
from gerador.scenario.file.values import ArrayValue, MapValue, RecordValue, UnionValue
from gerador.scenario.mentions import below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.scenario.fields import FieldSpec
    from gerador.scenario.file.text import Path
    from gerador.scenario.file.values import Value


@dataclass
class Flat:
    """Declarations by field path, where in the file each stands, and what cannot be derived."""

    fields: dict[str, FieldSpec] = field(default_factory=dict)
    places: dict[str, Path] = field(default_factory=dict)
    faults: list[tuple[Path, str]] = field(default_factory=list)
    loc: Path = ()

    def place(self, path: str, parameter: str = "") -> Path:
        """Return where in the file the declaration at a field path stands, or its parameter."""
        kind = self.fields[path].kind if path in self.fields else ""
        return (*self.places.get(path, self.loc), kind, *([parameter] if parameter else []))


def flatten(fields: Mapping[str, Value], loc: Path, flat: Flat, path: str = "") -> None:
    """Note the declarations of a record's fields, for a schema that is given.

    `loc` is the place of the record in the file, `path` that of its fields in the schema.
    """
    for name, value in fields.items():
        _flatten(value, (*loc, name), below(path, name), flat)


def _flatten(value: Value, loc: Path, path: str, flat: Flat) -> None:
    flat.places[path] = loc
    for parameter, text in about_value(value, is_field=True, derived=False):
        flat.faults.append(((*loc, value.kind, parameter), text))
    own, inside = own_declaration(value), list(_inside(value, loc, path))
    if own is not None:
        flat.fields[path] = own
    for inner, inner_loc, inner_path in inside:
        _flatten(inner, inner_loc, inner_path, flat)


def own_declaration(value: Value) -> FieldSpec | None:
    """Return what is declared about the value itself; None: nothing, only what is inside."""
    match value:
        case ArrayValue() | MapValue():
            return LengthField(length=value.length, null=value.null)
        case RecordValue():
            return None if value.null is None else WholeField(null=value.null)
        case UnionValue():
            return WholeField(null=value.null, weights=value.weights)
        case _:
            return value


def _inside(value: Value, loc: Path, path: str) -> Iterator[tuple[Value, Path, str]]:
    match value:
        case ArrayValue():
            yield value.of, (*loc, "array", "of"), f"{path}[]"
        case MapValue():
            yield value.of, (*loc, "map", "of"), f"{path}{{}}"
        case RecordValue():
            for name, inner in value.fields.items():
                yield inner, (*loc, "record", "fields", name), f"{path}.{name}"
        case _:
            return
