"""Build the columns of a stream from its generators; the table of column builders by generator class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.avro.schema import AvroType, Union
from gerador.values.array_map import LengthGenerator, array_or_map_column
from gerador.values.choice import (
    BooleanColumn,
    BooleanGenerator,
    ChoiceGenerator,
    ConstantGenerator,
    EnumSymbolGenerator,
    JointChoiceGenerator,
    choice_column,
    constant_column,
    enum_symbol_column,
    joint_choice_column,
)
from gerador.values.column import BuildContext, ColumnBuilder, target_at
from gerador.values.counters import (
    RoundRobinColumn,
    RoundRobinGenerator,
    SequenceGenerator,
    sequence_column,
)
from gerador.values.date_time import (
    CalendarGenerator,
    DateGenerator,
    EventTimeColumn,
    EventTimeGenerator,
    TimestampGenerator,
    date_column,
    timestamp_column,
    unique_calendar_column,
)
from gerador.values.defaults import default_generator
from gerador.values.dependencies import dependencies_of
from gerador.values.distributions.base import distribution_column
from gerador.values.distributions.beta import BetaDistribution
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.loguniform import LoguniformDistribution
from gerador.values.distributions.normal import LognormalDistribution, NormalDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.distributions.triangular import TriangularDistribution
from gerador.values.distributions.uniform import (
    ContinuousUniform,
    ContinuousUniformColumn,
    UniformDistribution,
    uniform_column,
)
from gerador.values.distributions.zipf import ZipfDistribution, zipf_column
from gerador.values.faker_pool import FakerGenerator, faker_column
from gerador.values.geo import LatitudeGenerator, LongitudeGenerator, degrees_column
from gerador.values.ip import IpGenerator, ip_column
from gerador.values.python_function import PythonGenerator, python_column
from gerador.values.random_decimal import DecimalGenerator, RandomDecimalColumn
from gerador.values.random_walk import RandomWalkGenerator, random_walk_column
from gerador.values.records import (
    CompositeGenerator,
    FieldColumns,
    NullableColumn,
    composite_column,
    field_columns,
)
from gerador.values.references import ReferenceGenerator, reference_column
from gerador.values.regex.generator import RegexGenerator, regex_column
from gerador.values.sql.generator import SqlGenerator, sql_column
from gerador.values.state_machine import StateMachineGenerator, state_machine_column
from gerador.values.template import TemplateGenerator, template_column
from gerador.values.text import BytesGenerator, TextGenerator, bytes_column, text_column
from gerador.values.time_offset import TimeOffsetGenerator, time_offset_column
from gerador.values.uuids import (
    GenerationIdGenerator,
    UuidColumn,
    UuidGenerator,
    generation_id_column,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gerador.events.rows import StreamRows
    from gerador.randomness import StreamSeeds
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.values.column import Column


_ARRAY_MAP_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {LengthGenerator: array_or_map_column}
_BYTES_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    BytesGenerator: lambda _, place, declared: bytes_column(place.path, declared, place.type),
}
_CHOICE_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    ChoiceGenerator: choice_column,
    ConstantGenerator: constant_column,
}
_CONTINUOUS_UNIFORM_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    ContinuousUniform: lambda _, place, declared: ContinuousUniformColumn(
        place.path, place.type, declared.min, declared.max
    )
}
"""What makes the columns of this module."""
_DATE_TIME_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    EventTimeGenerator: lambda _, place, __: EventTimeColumn(place.path, place.type),
    CalendarGenerator: unique_calendar_column,
    TimestampGenerator: timestamp_column,
    DateGenerator: date_column,
}
_DECIMAL_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    DecimalGenerator: lambda _, place, __: RandomDecimalColumn(place.path, place.type)
}
_IP_GEO_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    IpGenerator: ip_column,
    LatitudeGenerator: degrees_column,
    LongitudeGenerator: degrees_column,
}
_JOINT_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {JointChoiceGenerator: joint_choice_column}
_NUMBER_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    UniformDistribution: uniform_column,
    BooleanGenerator: lambda _, place, declared: BooleanColumn(place.path, place.type, declared.true_share),
    ZipfDistribution: zipf_column,
    **dict.fromkeys(
        (
            BetaDistribution, ExponentialDistribution, LognormalDistribution, NormalDistribution, PoissonDistribution,
            LoguniformDistribution,
            TriangularDistribution,
        ),
        distribution_column,
    ),
}  # fmt: skip
_POOL_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    FakerGenerator: faker_column,
    EnumSymbolGenerator: enum_symbol_column,
}
_PYTHON_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {PythonGenerator: python_column}
_RANDOM_WALK_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    RandomWalkGenerator: random_walk_column
}
_RECORD_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {CompositeGenerator: composite_column}
_REFERENCE_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {ReferenceGenerator: reference_column}
_REGEX_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    RegexGenerator: regex_column,
    TextGenerator: text_column,
}
_SEQUENCE_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    SequenceGenerator: sequence_column,
    RoundRobinGenerator: lambda _, place, declared: RoundRobinColumn(
        place.path, place.type, declared.of, declared.start
    ),
}
_SQL_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {SqlGenerator: sql_column}
_STATE_MACHINE_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    StateMachineGenerator: state_machine_column
}
_TEMPLATE_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {TemplateGenerator: template_column}
_TIME_OFFSET_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    TimeOffsetGenerator: time_offset_column
}
_UUID_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    UuidGenerator: lambda _, place, __: UuidColumn(place.path, place.type),
    GenerationIdGenerator: lambda _, place, __: generation_id_column(place.path),
}
COLUMN_BUILDERS: Final[Mapping[type, ColumnBuilder]] = {
    **_IP_GEO_BUILDERS,
    **_CHOICE_BUILDERS,
    **_DECIMAL_BUILDERS,
    **_ARRAY_MAP_BUILDERS,
    **_REFERENCE_BUILDERS,
    **_RECORD_BUILDERS,
    **_NUMBER_BUILDERS,
    **_TIME_OFFSET_BUILDERS,
    **_PYTHON_BUILDERS,
    **_POOL_BUILDERS,
    **_REGEX_BUILDERS,
    **_SQL_BUILDERS,
    **_STATE_MACHINE_BUILDERS,
    **_TEMPLATE_BUILDERS,
    **_SEQUENCE_BUILDERS,
    **_CONTINUOUS_UNIFORM_BUILDERS,
    **_BYTES_BUILDERS,
    **_DATE_TIME_BUILDERS,
    **_JOINT_BUILDERS,
    **_UUID_BUILDERS,
    **_RANDOM_WALK_BUILDERS,
}
"""What makes a column, by the class of its declaration."""


class ColumnFactory:
    """Makes the columns of one stream from its declarations, and the defaults of types."""

    def __init__(
        self, spec: StreamSpec, seeds: StreamSeeds, other: Callable[[str], StreamRows]
    ) -> None:
        self._fields = spec.fields
        self._making = BuildContext(
            root=spec.row,
            fields=spec.fields,
            seeds=seeds,
            other=other,
            column=self._column,
            needs=dependencies_of(spec.row, spec.fields),
            rows=spec.rows,
        )

    def fields(self) -> FieldColumns:
        """Return the columns of the row, its hidden fields first.

        Cost: that of the Faker pools beneath. Raises SettingError: as `pools.pool`.
        """
        return field_columns(self._making, self._making.root, "")

    def _column(self, avro_type: AvroType, path: str) -> Column:
        declared = self._fields.get(path) or default_generator(avro_type, path)
        if isinstance(avro_type, Union) and avro_type.null_branch is not None:
            value = COLUMN_BUILDERS[type(declared)](
                self._making, target_at(path, avro_type.value), declared
            )
            return NullableColumn(path, value.type, declared.null_share(), value)
        made: Column = COLUMN_BUILDERS[type(declared)](
            self._making, target_at(path, avro_type), declared
        )
        return made
