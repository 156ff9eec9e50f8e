"""Base class of value generators: the declaration of how the values of a field are chosen."""

from __future__ import annotations

import math
import re
from abc import abstractmethod
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
"""The results of `avro.schema.type_category`."""
_PERCENTAGE: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)? ?%", re.ASCII)


def parse_share(value: Any) -> Any:
    """Return ``1%`` as 0.01; other types than text and numbers unchanged.

    Raises ValueError: text that is not a percentage, or a number outside [0, 1].
    """
    share = value
    if isinstance(value, str):
        text = value.strip()
        share = float(text[:-1]) / 100 if _PERCENTAGE.fullmatch(text) else math.nan
    is_number = isinstance(share, int | float) and not isinstance(share, bool)
    if is_number and not 0 <= share <= 1:
        raise ValueError(f"{value!r} is not a share; expected 0% to 100% or 0 to 1, such as 5%")
    return share


def parse_duration_s(value: Any) -> Any:
    """Return ``10m`` as 600.0 seconds; other types than text unchanged. Raises ValueError."""
    return parse_duration_ns(value) / NS_PER_S if isinstance(value, str) else value


NULL_SHARE: Final = 0.1
"""Share of nulls of a nullable type by default."""
Share = Annotated[float, BeforeValidator(parse_share), Field(ge=0, le=1)]
"""A share of rows: 0 to 1, or ``0%`` to ``100%``."""
Affix = Annotated[str, Field(max_length=1_024)]
"""A prefix or suffix of texts."""
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
    """Declares how the values of a field are chosen. Subclasses add a kind and parameters.

    The docstring of a parameter is its description in the JSON Schema.
    """

    model_config = DECLARATION_CONFIG

    types: ClassVar[frozenset[str]]
    """Types of the values, as categories of `avro.schema.type_category`."""
    referenced_types: ClassVar[frozenset[str]] = ALL_TYPES
    """Types of the fields that it can reference."""
    main_parameter: ClassVar[str | None] = None
    """The parameter that can directly follow the kind: ``{poisson: 2}`` is its mean."""
    main_is_mapping: ClassVar[bool] = False
    """Whether a mapping after the kind is the main parameter instead of all parameters."""
    sequential: ClassVar[bool] = False
    """Whether all distinct values occur before one of them repeats."""
    equally_likely: ClassVar[bool] = False
    """Whether the distinct values are equally likely."""
    unitless: ClassVar[frozenset[str]] = frozenset()
    """Parameters of a distribution that are not in the unit of its values, such as exponents."""

    address_names: ClassVar[dict[str, str]] = {}
    """Names of parameters in addresses of randomness, if they differ from the names in files."""

    kind: str
    null: Share | None = None
    """Share of nulls, such as 0.05 or 5%. Default: 10% if the type is nullable."""
    unique: bool = False
    """Whether the values of all rows are distinct. Requires enough distinct values."""
    type: str | None = None
    """The Avro type in a derived schema, such as long, decimal(9,2) or timestamp-micros."""
    doc: str | None = None
    """Description of the field in a derived schema."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield (parameter, message) for parameters that are invalid, alone or for the type.

        `avro_type` is not nullable: for a nullable type, it is the type of the values.
        """
        yield from ()

    def parameter_limits(self, avro_type: AvroType) -> Mapping[str, Limit]:  # noqa: ARG002
        """Return the limits of number parameters by name; others are unlimited."""
        return {}

    def default_type(self) -> Any:
        """Return the Avro type (JSON) of the values if no schema defines one.

        Raises ValueError: the type depends on the schema.
        """
        raise ValueError(f"{self.kind!r} has no default type; add type: …, or a schema")

    def null_share(self) -> float:
        """Return the share of nulls of a nullable type, except for nulls among the values."""
        if self.null is None:
            return 0.0 if self.can_be_null() else NULL_SHARE
        return self.null

    def can_be_null(self) -> bool:
        """Return whether null is one of the declared values."""
        return False

    def distinct_values(self, avro_type: AvroType) -> int | None:  # noqa: ARG002
        """Return the number of distinct values; None: unknown, so that it cannot be unique."""
        return None

    def probabilities(
        self,
        avro_type: AvroType,  # noqa: ARG002
    ) -> Sequence[float] | NDArray[Any] | None:
        """Return the probability of each distinct value, without null; None: unknown."""
        return None

    def depends_on_event_time(self) -> bool:
        """Return whether values may depend on the row's event time."""
        return False

    def references(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield (parameter, name) for each field of the row that the values are computed from.

        `known` are the names of existing fields. Names of other fields are yielded as well.
        """
        yield from ()

    def reference_errors(
        self,
        name: str,
        avro_type: AvroType,
        generator: ValueGenerator,  # noqa: ARG002
    ) -> Iterator[str]:
        """Yield errors if the field `name`, with its type and generator, cannot be referenced."""
        category = type_category(avro_type)
        if category not in self.referenced_types:
            accepted = ", ".join(sorted(self.referenced_types))
            yield f"field {name!r} is {category!r}; {self.kind!r} accepts {accepted}"

    @abstractmethod
    def column(self, context: BuildContext, target: ColumnTarget) -> Column:
        """Return the column of the field at `target`, whose type is not nullable.

        Raises SettingError: values that cannot be generated.
        """


class DeclarationPart(BaseModel):
    """A nested part of a declaration, validated as strictly."""

    model_config = DECLARATION_CONFIG


class StringGenerator(ValueGenerator):
    """A generator of strings."""

    types: ClassVar[frozenset[str]] = frozenset({"string"})

    def default_type(self) -> Any:
        """Return string."""
        return "string"


LENGTH_MAX: Final = 1_024
"""Maximum characters of a text, bytes, items of an array or entries of a map."""
LENGTH_MIN_DEFAULT: Final = 8
LENGTH_MAX_DEFAULT: Final = 16
"""Default minimum and maximum characters of a text."""


class LengthRange(ValueGenerator):
    """A generator of values with a minimum and a maximum length."""

    length_min: int = LENGTH_MIN_DEFAULT
    """Minimum length, 0 to 1,024."""
    length_max: int = LENGTH_MAX_DEFAULT
    """Maximum length, inclusive, 0 to 1,024."""

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield an error if the lengths are not in order or outside [0, LENGTH_MAX]."""
        if not 0 <= self.length_min <= self.length_max <= LENGTH_MAX:
            lengths = f"[{self.length_min}, {self.length_max}]"
            yield (
                "length_min",
                f"invalid lengths {lengths}; expected 0 <= min <= max <= {LENGTH_MAX}",
            )


class Limit(NamedTuple):
    """The valid values of a number parameter: [low, high], or (low, high] if `exclusive`."""

    low: float = -math.inf
    high: float = math.inf
    exclusive: bool = False
