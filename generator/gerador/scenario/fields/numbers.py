"""What may stand where a number stands: a number, or a distribution; and what is wrong about those.

A parameter that is a `Number` may itself be drawn: then every row has its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from pydantic import BeforeValidator, Discriminator, Tag

from gerador.scenario.fields.bounded import (
    BetaField,
    LoguniformField,
    TriangularField,
    UniformField,
    ZipfField,
)
from gerador.scenario.fields.declared import Declared
from gerador.scenario.fields.laws import (
    ExponentialField,
    LognormalField,
    NormalField,
    PoissonField,
)
from gerador.scenario.fields.reach import Distribution, about_reach
from gerador.scenario.fields.spread import DOUBLE
from gerador.scenario.fields.written import written_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.scenario.avro import AvroType

DISTRIBUTIONS: Final = (
    UniformField, NormalField, LognormalField, ExponentialField, PoissonField, ZipfField,
    BetaField, TriangularField, LoguniformField,
)  # fmt: skip
"""Kinds that may stand wherever a number stands."""


def _which(value: Any) -> str:
    if isinstance(value, Declared):
        return value.kind
    return str(value["kind"]) if isinstance(value, dict) else "number"


Number: TypeAlias = Annotated[
    Annotated[int | float, Tag("number")]
    | Annotated[UniformField, Tag("uniform")]
    | Annotated[NormalField, Tag("normal")]
    | Annotated[LognormalField, Tag("lognormal")]
    | Annotated[ExponentialField, Tag("exponential")]
    | Annotated[PoissonField, Tag("poisson")]
    | Annotated[ZipfField, Tag("zipf")]
    | Annotated[BetaField, Tag("beta")]
    | Annotated[TriangularField, Tag("triangular")]
    | Annotated[LoguniformField, Tag("loguniform")],
    Discriminator(_which),
    BeforeValidator(written_number),
]
"""A number, or a distribution that every row draws its own from."""


def about_numbers(declared: Declared, avro_type: AvroType) -> Iterator[tuple[str, str]]:
    """Yield what makes no sense about distributions that stand where a number stands."""
    limits = declared.limits(avro_type)
    for name in type(declared).model_fields:
        inner = getattr(declared, name)
        if not isinstance(inner, Distribution):
            continue
        wrong = [*inner.refusals(DOUBLE), *about_numbers(inner, DOUBLE)]
        yield from ((name, text) for _, text in wrong)
        if not wrong and name in limits and (text := about_reach(name, inner, limits[name])):
            yield name, text


for _kind in DISTRIBUTIONS:
    _kind.model_rebuild(_types_namespace={"Number": Number})
