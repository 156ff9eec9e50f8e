"""One annotated type of a schema: path, type, annotation entries, and typed access to them."""

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
    """What is said about the values at a path; `said` are the annotation's entries.

    `avro_type` is never a nullable union: of one it is the value's type, and `nullable` is true.
    """

    where: str
    path: str
    avro_type: AvroType
    said: Mapping[str, Any]
    nullable: bool = False
    folder: Path | None = None

    @property
    def word(self) -> str:
        """The word of the type."""
        return type_category(self.avro_type)

    def refusal(self, text: str) -> SchemaError:
        """Return the error of one line for something that is wrong here."""
        place = f"field {self.path!r}: " if self.path else ""
        return SchemaError(f"{self.where}: {place}{ANNOTATION}: {text}")

    def mapping(self, annotation: str, known: Collection[str]) -> Mapping[str, Any]:
        """Return an annotation that is an object with none but `known` entries.

        Raises SchemaError: another thing, or another entry.
        """
        value = self.said[annotation]
        if not isinstance(value, dict):
            form = ", ".join(f'"{name}": …' for name in known)
            raise self.refusal(
                f"{annotation}: {format_value(value)} is no object; write {{{form}}}"
            )
        for name in value:
            if name not in known:
                hint = did_you_mean(name, known) or f"; {', '.join(known)} are known"
                raise self.refusal(f"{annotation}: unknown entry {name!r}{hint}")
            if value[name] is None:
                raise self.refusal(f"{annotation}: {name} is null; give a value or leave it out")
        return value

    def number(self, annotation: str, name: str, value: Any, *, whole: bool) -> Any:
        """Return a number, or None where none is said.

        Raises SchemaError: no number, or no whole one where `whole`.
        """
        if value is None:
            return None
        if isinstance(value, bool) or (not isinstance(value, int) and not _is_finite(value)):
            raise self.refusal(f"{annotation}: {name} {format_value(value)} is no number")
        if not whole:
            return value
        if value != value // 1:
            raise self.refusal(
                f"{annotation}: {name} {format_value(value)} is no whole number, as {self.word!r} needs"
            )
        return int(value)

    def text(self, annotation: str) -> str:
        """Return an annotation that is a text; an empty one where it is not said.

        Raises SchemaError: another thing.
        """
        value = self.said.get(annotation, "")
        if not isinstance(value, str):
            raise self.refusal(f"{annotation}: {format_value(value)} is no text")
        return value


def _is_finite(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)
