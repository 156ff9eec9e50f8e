"""Value generators, which choose the values of fields: all of them, as a union and by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from pydantic import Discriminator

from gerador.values.choice import (
    BooleanGenerator,
    ChoiceGenerator,
    ConstantGenerator,
    EnumSymbolGenerator,
    JointChoiceGenerator,
)
from gerador.values.counters import RoundRobinGenerator, SequenceGenerator
from gerador.values.date_time import (
    DateGenerator,
    EventTimeGenerator,
    RandomTimeGenerator,
    TimestampGenerator,
)
from gerador.values.distributions.beta import BetaDistribution
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.gamma import GammaDistribution
from gerador.values.distributions.histogram import HistogramDistribution
from gerador.values.distributions.loguniform import LoguniformDistribution
from gerador.values.distributions.normal import LognormalDistribution, NormalDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.distributions.triangular import TriangularDistribution
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.distributions.weibull_pareto import ParetoDistribution, WeibullDistribution
from gerador.values.distributions.zipf import ZipfDistribution
from gerador.values.faker_pool import FakerGenerator
from gerador.values.geo import LatitudeGenerator, LongitudeGenerator
from gerador.values.ip import IpGenerator
from gerador.values.python_function import PythonGenerator
from gerador.values.random_walk import RandomWalkGenerator
from gerador.values.references import ReferenceGenerator
from gerador.values.regex.generator import RegexGenerator
from gerador.values.shorthand import register_generators
from gerador.values.sql.generator import SqlGenerator
from gerador.values.state_machine import StateMachineGenerator
from gerador.values.template import TemplateGenerator
from gerador.values.text import BytesGenerator, TextGenerator
from gerador.values.time_offset import TimeOffsetGenerator
from gerador.values.uuids import GenerationIdGenerator, UuidGenerator

if TYPE_CHECKING:
    from gerador.values.declaration import ValueGenerator

AnyGenerator: TypeAlias = Annotated[
    BetaDistribution
    | BooleanGenerator
    | BytesGenerator
    | RandomTimeGenerator
    | ChoiceGenerator
    | ConstantGenerator
    | DateGenerator
    | EnumSymbolGenerator
    | EventTimeGenerator
    | ExponentialDistribution
    | FakerGenerator
    | GammaDistribution
    | GenerationIdGenerator
    | HistogramDistribution
    | IpGenerator
    | JointChoiceGenerator
    | LatitudeGenerator
    | LognormalDistribution
    | LoguniformDistribution
    | LongitudeGenerator
    | NormalDistribution
    | ParetoDistribution
    | PoissonDistribution
    | PythonGenerator
    | RandomWalkGenerator
    | ReferenceGenerator
    | RegexGenerator
    | RoundRobinGenerator
    | SequenceGenerator
    | SqlGenerator
    | StateMachineGenerator
    | TemplateGenerator
    | TextGenerator
    | TimeOffsetGenerator
    | TimestampGenerator
    | TriangularDistribution
    | UniformDistribution
    | UuidGenerator
    | WeibullDistribution
    | ZipfDistribution,
    Discriminator("kind"),
]

GENERATORS: Final[dict[str, type[ValueGenerator]]] = {
    generator.model_fields["kind"].default: generator
    for generator in AnyGenerator.__origin__.__args__  # type: ignore[attr-defined]
}
"""Generators that a scenario file can name, by kind."""

register_generators(GENERATORS)
