"""Number distributions, and the parameter type `Number`: a constant or a distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from pydantic import BeforeValidator, Discriminator, Tag

from gerador.values.declaration import ValueGenerator
from gerador.values.distributions.base import DOUBLE_TYPE
from gerador.values.distributions.beta import BetaDistribution
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.loguniform import LoguniformDistribution
from gerador.values.distributions.normal import LognormalDistribution, NormalDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.distributions.triangular import TriangularDistribution
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.distributions.zipf import ZipfDistribution
from gerador.values.parameters import Distribution, interval_error
from gerador.values.shorthand import expand_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType


DISTRIBUTIONS: Final = (
    UniformDistribution, NormalDistribution, LognormalDistribution, ExponentialDistribution, PoissonDistribution, ZipfDistribution,
    BetaDistribution, TriangularDistribution, LoguniformDistribution,
)  # fmt: skip
"""Kinds that may stand wherever a number stands."""


def _number_tag(value: Any) -> str:
    if isinstance(value, ValueGenerator):
        return value.kind
    return str(value["kind"]) if isinstance(value, dict) else "number"


Number: TypeAlias = Annotated[
    Annotated[int | float, Tag("number")]
    | Annotated[UniformDistribution, Tag("uniform")]
    | Annotated[NormalDistribution, Tag("normal")]
    | Annotated[LognormalDistribution, Tag("lognormal")]
    | Annotated[ExponentialDistribution, Tag("exponential")]
    | Annotated[PoissonDistribution, Tag("poisson")]
    | Annotated[ZipfDistribution, Tag("zipf")]
    | Annotated[BetaDistribution, Tag("beta")]
    | Annotated[TriangularDistribution, Tag("triangular")]
    | Annotated[LoguniformDistribution, Tag("loguniform")],
    Discriminator(_number_tag),
    BeforeValidator(expand_number),
]
"""A number, or a distribution that every row draws its own from."""


def number_errors(declared: ValueGenerator, avro_type: AvroType) -> Iterator[tuple[str, str]]:
    """Yield what makes no sense about distributions that stand where a number stands."""
    limits = declared.limits(avro_type)
    for name in type(declared).model_fields:
        inner = getattr(declared, name)
        if not isinstance(inner, Distribution):
            continue
        wrong = [*inner.refusals(DOUBLE_TYPE), *number_errors(inner, DOUBLE_TYPE)]
        yield from ((name, text) for _, text in wrong)
        if not wrong and name in limits and (text := interval_error(name, inner, limits[name])):
            yield name, text


for _kind in DISTRIBUTIONS:
    _kind.model_rebuild(_types_namespace={"Number": Number})
