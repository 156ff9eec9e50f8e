"""Kinds of types that hold others: how long lists are, which branch a union takes, digits.

What is inside has declarations of its own, at the paths inside.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, Strict

from gerador.scenario.fields.declared import EVERY_TYPE, Declared
from gerador.scenario.fields.numbers import Number
from gerador.scenario.fields.random_texts import LENGTH_MAX

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gerador.scenario.avro import AvroType

_QUOTED: Final = re.compile(r"'(?:[^']|'')*'")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class LengthField(Declared):
    """`length_min` to `length_max` items of an array, or entries of a map with distinct keys.

    `length`, where it is said, is drawn instead: its whole part, cut to 0 to `LENGTH_MAX`.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"array", "map"})
    main: ClassVar[str | None] = "length"
    kind: Literal["length"] = "length"
    length_min: int = 0
    """The fewest items, 0 to 1,024."""
    length_max: int = 4
    """The most items, included, 0 to 1,024."""
    length: Number | None = None
    """A number of items, or a distribution of it, instead of the other two; cut to 0 to 1,024."""

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield lengths that make no sense."""
        if not 0 <= self.length_min <= self.length_max <= LENGTH_MAX:
            yield (
                "length_min",
                (
                    f"lengths {self.length_min} to {self.length_max}; "
                    f"give 0 to {LENGTH_MAX}, the smaller first"
                ),
            )
        if isinstance(self.length, int | float) and not 0 <= self.length <= LENGTH_MAX:
            yield "length", f"length {self.length}; give 0 to {LENGTH_MAX}"


class WholeField(Declared):
    """A record, union or null: values are declared at the paths inside; here only nulls are.

    `weights` are those of a union's branches, in their order; equal ones when there are none.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"record", "union", "null"})
    kind: Literal["whole"] = "whole"
    weights: Annotated[tuple[float, ...], Strict(False)] | None = None
    """Weights of a union's branches, in their order; equal ones when not said."""

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield weights that are not those of the type's branches."""
        branches = getattr(avro_type, "branches", ())
        if self.weights is None:
            return
        if len(self.weights) != len(branches):
            yield "weights", f"{len(self.weights)} weights for {len(branches)} branches"
        elif min(self.weights) < 0 or not 0 < sum(self.weights) < math.inf:
            yield "weights", "weights are finite, 0 or more, and one of them is more"


class DigitsField(Declared):
    """A decimal of any digits that its precision allows, either sign."""

    suits: ClassVar[frozenset[str]] = frozenset({"decimal"})
    kind: Literal["digits"] = "digits"


class SqlField(Declared):
    """A DuckDB expression over other fields of the row: ``"preco * quantidade"``.

    Its type is what DuckDB says of the expression over the types of the fields it names.
    """

    suits: ClassVar[frozenset[str]] = EVERY_TYPE - {"null"}
    reads: ClassVar[frozenset[str]] = EVERY_TYPE - {"union"}
    main: ClassVar[str | None] = "text"
    kind: Literal["sql"] = "sql"
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    """The expression: fields by name, DuckDB's functions, no tables."""

    def mentions(self, known: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield the known names that stand in the expression as words, outside of texts."""
        words = set(_WORD.findall(_QUOTED.sub("", self.text)))
        yield from (("text", name) for name in sorted(known) if name in words)


class PythonField(Declared):
    """Values of a Python function that a package registered (entry point group `gerador.values`).

    `args` are passed on to it.
    """

    suits: ClassVar[frozenset[str]] = EVERY_TYPE
    main: ClassVar[str | None] = "name"
    kind: Literal["python"] = "python"
    name: str
    """Name under which a package registered the function."""
    args: dict[str, Any] = Field(default_factory=dict)
    """Keyword arguments of the function."""

    def natural_type(self) -> Any:
        """Return string; another type is said by `type`."""
        return "string"
