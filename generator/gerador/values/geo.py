"""Generators of latitude and longitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from gerador.values.declaration import ValueGenerator
from gerador.values.distributions.uniform import StepColumn
from gerador.values.index_sampling import Permutation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType
    from gerador.values.column import BuildContext, ColumnTarget


DEGREE_DECIMALS: Final = 6
"""Decimal places of a degree: 0.1 m."""


class _DegreesGenerator(ValueGenerator):
    """Degrees in [`min`, `max`] with six decimal places, equally likely."""

    types: ClassVar[frozenset[str]] = frozenset({"double"})
    min: float
    """Minimum, in degrees."""
    max: float
    """Maximum, in degrees."""

    def default_type(self) -> Any:
        """Return double."""
        return "double"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield an error if `min` is above `max`."""
        if self.min > self.max:
            yield "min", f"min {self.min} is above max {self.max}"

    def distinct_values(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return the number of values."""
        return self.steps[1] - self.steps[0] + 1

    @property
    def steps(self) -> tuple[int, int]:
        """Minimum and maximum in units of the last decimal place."""
        return round(self.min * 10**DEGREE_DECIMALS), round(self.max * 10**DEGREE_DECIMALS)

    def column(self, context: BuildContext, target: ColumnTarget) -> StepColumn:
        """Return the column of the field."""
        unique = None
        if self.unique:
            unique = Permutation.of(
                context.seeds, target.path, self.distinct_values(target.avro_type)
            )
        return StepColumn(
            target.path, target.type, *self.steps, DEGREE_DECIMALS, permutation=unique
        )


class LatitudeGenerator(_DegreesGenerator):
    """Latitude in degrees, -90 to 90; uniform in degrees, not in area."""

    equally_likely: ClassVar[bool] = True
    kind: Literal["latitude"] = "latitude"
    min: Annotated[float, Field(ge=-90, le=90)] = -90.0
    """Minimum, in degrees; south is negative."""
    max: Annotated[float, Field(ge=-90, le=90)] = 90.0
    """Maximum, in degrees; south is negative."""


class LongitudeGenerator(_DegreesGenerator):
    """Longitude in degrees, -180 to 180."""

    equally_likely: ClassVar[bool] = True
    kind: Literal["longitude"] = "longitude"
    min: Annotated[float, Field(ge=-180, le=180)] = -180.0
    """Minimum, in degrees; west is negative."""
    max: Annotated[float, Field(ge=-180, le=180)] = 180.0
    """Maximum, in degrees; west is negative."""
