"""What every declaration of a field's values is: a kind, its parameters, and what suits it.

Frozen and strict, as they stand in a scenario file. Holds no kind itself, no values, no
randomness and no Arrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from generator.rates import NS_PER_S, parse_duration_ns
from generator.scenario.type_words import type_word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from generator.scenario.avro import AvroType

NUMBERS: Final = frozenset({"int", "long", "float", "double", "decimal"})
TEXTS: Final = frozenset({"string", "enum", "uuid"})
EVERY_TYPE: Final = NUMBERS | TEXTS | {
    "null", "boolean", "bytes", "fixed", "uuid on fixed", "date", "time", "timestamp",
    "duration", "array", "map", "record", "union",
}  # fmt: skip
"""The words of `types.type_word`: which types a kind may suit."""


def read_share(value: Any) -> Any:
    """Read ``1%`` as 0.01; pass on what is no text. Raises ValueError."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        if text.endswith("%"):
            return float(text[:-1]) / 100
    except ValueError:
        pass
    raise ValueError(f"a share looks like 1% or 0.01, not {value!r}")


def read_duration_s(value: Any) -> Any:
    """Read ``10m`` as 600.0 seconds; pass on what is no text. Raises ValueError."""
    return parse_duration_ns(value) / NS_PER_S if isinstance(value, str) else value


Share = Annotated[float, BeforeValidator(read_share), Field(ge=0, le=1)]
"""A share of rows: 0 to 1, or ``0%`` to ``100%``."""
Affix = Annotated[str, Field(max_length=1_024)]
"""What stands before or behind every text of a field."""
DurationS = Annotated[float, BeforeValidator(read_duration_s), Field(ge=0)]
"""Seconds, or text such as ``90s``, ``10m``, ``1h``."""


class Declared(BaseModel):
    """A declaration; each kind is a subclass that adds its parameters.

    `null` is the share of nulls; where the type is nullable and none is said, a tenth. `unique`
    asks for values of which no two rows have the same. `type` and `doc` are for schemas that are
    derived from declarations: an Avro type's name, and the field's description.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    suits: ClassVar[frozenset[str]]
    """Words of the types (`types.type_word`) that its values may have."""
    reads: ClassVar[frozenset[str]] = EVERY_TYPE
    """Words of the types that the fields it mentions may have."""
    main: ClassVar[str | None] = None
    """The parameter that may stand alone after the kind: ``{poisson: 2}`` is its mean."""
    main_is_mapping: ClassVar[bool] = False
    """Whether a mapping after the kind is `main` itself instead of all parameters."""

    kind: str
    null: Share | None = None
    unique: bool = False
    type: str | None = None
    doc: str | None = None

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield (parameter, complaint) for what makes no sense, by itself or for the type.

        `avro_type` is not nullable: of a nullable type it is the value's. A complaint names the
        value and the way out.
        """
        yield from ()

    def natural_type(self) -> Any:
        """Return the Avro type (JSON) of the values where no schema says one.

        Raises ValueError: the kind alone does not tell; says the way out.
        """
        raise ValueError(f"{self.kind!r} alone tells no type; add type: …, or give a schema")

    def space(self, avro_type: AvroType) -> int | None:  # noqa: ARG002
        """Return how many different values it has to give; None: it cannot be unique."""
        return None

    def mentions(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield (parameter, field name) of other fields of the row that the values depend on.

        `known` are the names that may be meant; a name that is not among them is yielded too.
        """
        yield from ()

    def about_read(
        self,
        name: str,
        avro_type: AvroType,
        declared: Declared,  # noqa: ARG002
    ) -> Iterator[str]:
        """Yield complaints about a field `name` that it mentions, of this type and declaration."""
        word = type_word(avro_type)
        if word not in self.reads:
            yield (
                f"field {name!r} is {word!r}; {self.kind!r} reads {', '.join(sorted(self.reads))}"
            )
