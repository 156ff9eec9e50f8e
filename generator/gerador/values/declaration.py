"""Base class of value generators: the declaration of how a field's values are chosen, its common parameters and parameter types."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gerador.avro.schema import type_category
from gerador.units import NS_PER_S, parse_duration_ns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import BuildContext, Column, ColumnTarget


NUMBER_TYPES: Final = frozenset({"int", "long", "float", "double", "decimal"})
TEXT_TYPES: Final = frozenset({"string", "enum", "uuid"})
ALL_TYPES: Final = NUMBER_TYPES | TEXT_TYPES | {
    "null", "boolean", "bytes", "fixed", "uuid on fixed", "date", "time", "timestamp",
    "duration", "array", "map", "record", "union",
}  # fmt: skip
"""The words of `types.type_word`: which types a kind may suit."""


_PERCENT: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)? ?%", re.ASCII)


def parse_share(value: Any) -> Any:
    """Read ``1%`` as 0.01; pass on what is neither text nor number.

    Raises ValueError: none, or not one from 0 to 1.
    """
    found = value
    if isinstance(value, str):
        text = value.strip()
        found = float(text[:-1]) / 100 if _PERCENT.fullmatch(text) else math.nan
    number = isinstance(found, int | float) and not isinstance(found, bool)
    if number and not 0 <= found <= 1:
        raise ValueError(f"{value!r} is no share; give 0% to 100%, or 0 to 1, like 5% or 0.05")
    return found


def parse_duration_s(value: Any) -> Any:
    """Read ``10m`` as 600.0 seconds; pass on what is no text. Raises ValueError."""
    return parse_duration_ns(value) / NS_PER_S if isinstance(value, str) else value


NULL_SHARE: Final = 0.1
"""Share of nulls of a nullable type of which nobody said another."""
Share = Annotated[float, BeforeValidator(parse_share), Field(ge=0, le=1)]
"""A share of rows: 0 to 1, or ``0%`` to ``100%``."""
Affix = Annotated[str, Field(max_length=1_024)]
"""What stands before or behind every text of a field."""
DurationS = Annotated[float, BeforeValidator(parse_duration_s), Field(ge=0)]
"""Seconds, or text such as ``90s``, ``10m``, ``1h``."""


DECLARATION_CONFIG: Final = ConfigDict(
    frozen=True,
    extra="forbid",
    strict=True,
    allow_inf_nan=False,
    defer_build=True,  # a parameter may be a distribution, which is defined later
)


class ValueGenerator(BaseModel):
    """A declaration; each kind is a subclass that adds its parameters.

    A parameter's docstring is its description in the JSON Schema; limits are added there.
    """

    model_config = DECLARATION_CONFIG

    types: ClassVar[frozenset[str]]
    """Words of the types (`types.type_word`) that its values may have."""
    referenced_types: ClassVar[frozenset[str]] = ALL_TYPES
    """Words of the types that the fields it mentions may have."""
    main_parameter: ClassVar[str | None] = None
    """The parameter that may stand alone after the kind: ``{poisson: 2}`` is its mean."""
    sequential: ClassVar[bool] = False
    """Whether all distinct values occur before one occurs again."""
    equally_likely: ClassVar[bool] = False
    """Whether the distinct values are equally likely."""
    main_is_mapping: ClassVar[bool] = False
    """Whether a mapping after the kind is `main` itself instead of all parameters."""

    kind: str
    null: Share | None = None
    """Share of nulls, as 0.05 or 5%; a tenth where the type is nullable and none is said."""
    unique: bool = False
    """Whether no two rows may have the same value; refused where there are too few values."""
    type: str | None = None
    """The Avro type in a derived schema, such as long, decimal(9,2) or timestamp-micros."""
    doc: str | None = None
    """What the field is; it goes into the derived schema."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield (parameter, complaint) for what makes no sense, by itself or for the type.

        `avro_type` is not nullable: of a nullable type it is the value's. A complaint names the
        value and the way out.
        """
        yield from ()

    def parameter_limits(self, avro_type: AvroType) -> Mapping[str, Limit]:  # noqa: ARG002
        """Return what parameters may be that may be drawn, by name; others may be anything."""
        return {}

    def default_type(self) -> Any:
        """Return the Avro type (JSON) of the values where no schema says one.

        Raises ValueError: the kind alone does not tell; says the way out.
        """
        raise ValueError(f"{self.kind!r} alone tells no type; add type: …, or give a schema")

    def can_be_null(self) -> bool:
        """Tell whether null is among the values that are written out."""
        return False

    def depends_on_event_time(self) -> bool:
        """Return whether values may depend on the row's event time."""
        return False

    def probabilities(self, avro_type: AvroType) -> Sequence[float] | NDArray[Any] | None:  # noqa: ARG002
        """Return the probability of each distinct value, without null; None: unknown."""
        return None

    def column(self, context: BuildContext, target: ColumnTarget) -> Column:
        """Return the column of the field at `target`, whose type is not nullable.

        Raises SettingError: values that cannot be generated.
        """
        raise NotImplementedError

    def null_share(self) -> float:
        """Return the share of nulls of a nullable type, besides those that it gives itself."""
        if self.null is None:
            return 0.0 if self.can_be_null() else NULL_SHARE
        return self.null

    def distinct_values(self, avro_type: AvroType) -> int | None:  # noqa: ARG002
        """Return how many different values it has to give; None: it cannot be unique."""
        return None

    def references(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield (parameter, field name) of other fields of the row that the values depend on.

        `known` are the names that may be meant; a name that is not among them is yielded too.
        """
        yield from ()

    def reference_errors(
        self,
        name: str,
        avro_type: AvroType,
        declared: ValueGenerator,  # noqa: ARG002
    ) -> Iterator[str]:
        """Yield complaints about a field `name` that it mentions, of this type and declaration."""
        word = type_category(avro_type)
        if word not in self.referenced_types:
            yield (
                f"field {name!r} is {word!r}; {self.kind!r} reads {', '.join(sorted(self.referenced_types))}"
            )


class DeclarationPart(BaseModel):
    """A part of a declaration, with the same strictness."""

    model_config = DECLARATION_CONFIG


class StringGenerator(ValueGenerator):
    """A generator of strings."""

    types: ClassVar[frozenset[str]] = frozenset({"string"})

    def default_type(self) -> Any:
        """Return string."""
        return "string"


LENGTH_MAX: Final = 1_024
"""Characters of a text, bytes, items of an array or entries of a map."""
LENGTH_MIN_DEFAULT: Final = 8
LENGTH_MAX_DEFAULT: Final = 16
"""Characters of a text, least and most, where nobody said how many."""


class LengthRange(ValueGenerator):
    """A generator of values with a minimum and a maximum length."""

    length_min: int = LENGTH_MIN_DEFAULT
    """The fewest, 0 to 1,024."""
    length_max: int = LENGTH_MAX_DEFAULT
    """The most, included, 0 to 1,024."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield lengths that make no sense."""
        if not 0 <= self.length_min <= self.length_max <= LENGTH_MAX:
            yield (
                "length_min",
                (
                    f"lengths {self.length_min} to {self.length_max}; "
                    f"give 0 to {LENGTH_MAX}, the smaller first"
                ),
            )


class Limit(NamedTuple):
    """What a parameter may be: [least, most], or (least, most] where it is `above`."""

    least: float = -math.inf
    most: float = math.inf
    above: bool = False
