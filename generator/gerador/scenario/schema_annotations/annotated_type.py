"""One annotated type of a schema: its path, type and annotation, with typed access to entries."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gerador.avro.literals import format_value
from gerador.avro.schema import ANNOTATION, type_category
from gerador.errors import SchemaError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from gerador.avro.schema import AvroType


@dataclass(frozen=True, slots=True)
class AnnotatedType:
    """The annotation of the values at a path.

    Attributes:
        schema_name: name of the schema, for messages.
        path: field path of the values; empty for the row.
        avro_type: their type; of a nullable type the value's type, and `nullable` is true.
        annotation: the entries of ``arg.properties``; empty without an annotation.
        nullable: whether the type is nullable.
        folder: folder of the schema file, in which option files are searched.
    """

    schema_name: str
    path: str
    avro_type: AvroType
    annotation: Mapping[str, Any]
    nullable: bool = False
    folder: Path | None = None

    @property
    def category(self) -> str:
        """The category of the type; see `type_category`."""
        return type_category(self.avro_type)

    def error(self, text: str) -> SchemaError:
        """Return an error about this annotation."""
        field = f"field {self.path!r}: " if self.path else ""
        return SchemaError(f"{self.schema_name}: {field}{ANNOTATION}: {text}")

    def mapping(self, entry: str, keys: Collection[str]) -> Mapping[str, Any]:
        """Return an entry that is an object with no other keys than `keys`.

        Raises SchemaError: not an object, an unknown key, or a null.
        """
        value = self.annotation[entry]
        if not isinstance(value, dict):
            form = ", ".join(f'"{key}": …' for key in keys)
            text = f"{format_value(value)} is not an object; expected {{{form}}}"
            raise self.error(f"{entry}: {text}")
        for key in value:
            if key not in keys:
                hint = did_you_mean(key, keys, f"valid keys: {', '.join(keys)}")
                raise self.error(f"{entry}: unknown key {key!r}{hint}")
            if value[key] is None:
                raise self.error(f"{entry}: {key} is null; set it or remove it")
        return value

    def number(self, entry: str, key: str, value: Any, *, whole: bool) -> Any:
        """Return a number; None for None.

        Raises SchemaError: not a number; with `whole`, not an integer.
        """
        if value is None:
            return None
        finite = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
        if isinstance(value, bool) or not finite:
            raise self.error(f"{entry}: {key} {format_value(value)} is not a number")
        if not whole:
            return value
        if value != value // 1:
            raise self.error(f"{entry}: {key} {format_value(value)} is not an integer")
        return int(value)

    def text(self, entry: str) -> str:
        """Return an entry that is text; an empty text without the entry.

        Raises SchemaError: not text.
        """
        value = self.annotation.get(entry, "")
        if not isinstance(value, str):
            raise self.error(f"{entry}: {format_value(value)} is not a string")
        return value
