"""Latitude and longitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from gerador.values.declaration import ValueGenerator
from gerador.values.distributions.uniform import SteppedColumn
from gerador.values.sampling import Permutation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType
    from gerador.values.column import BuildContext, ColumnTarget


DEGREE_DECIMALS: Final = 6
"""Decimals of a degree: a tenth of a metre."""


class _DegreesGenerator(ValueGenerator):
    """Degrees, both ends included, with six decimals, a tenth of a metre; equally likely."""

    suits: ClassVar[frozenset[str]] = frozenset({"double"})
    min: float
    """The least degree."""
    max: float
    """The largest degree."""

    def natural_type(self) -> Any:
        """Return double."""
        return "double"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield a box the wrong way round."""
        if self.min > self.max:
            yield "min", f"{self.min} to {self.max} degrees; give the smaller first"

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return how many degrees there are with their decimals."""
        return self.steps[1] - self.steps[0] + 1

    @property
    def steps(self) -> tuple[int, int]:
        """The ends in steps of the last decimal."""
        return round(self.min * 10**DEGREE_DECIMALS), round(self.max * 10**DEGREE_DECIMALS)


class LatitudeGenerator(_DegreesGenerator):
    """Degrees north, -90 to 90; equally likely are degrees, not areas."""

    kind: Literal["latitude"] = "latitude"
    min: Annotated[float, Field(ge=-90, le=90)] = -90.0
    """The southern edge, in degrees north."""
    max: Annotated[float, Field(ge=-90, le=90)] = 90.0
    """The northern edge, in degrees north."""


class LongitudeGenerator(_DegreesGenerator):
    """Degrees east, -180 to 180."""

    kind: Literal["longitude"] = "longitude"
    min: Annotated[float, Field(ge=-180, le=180)] = -180.0
    """The western edge, in degrees east."""
    max: Annotated[float, Field(ge=-180, le=180)] = 180.0
    """The eastern edge, in degrees east."""


def degrees_column(
    making: BuildContext, place: ColumnTarget, declared: LatitudeGenerator | LongitudeGenerator
) -> SteppedColumn:
    unique = None
    if declared.unique:
        unique = Permutation.of(making.seeds, place.path, declared.space(place.avro_type))
    scale = 10**DEGREE_DECIMALS
    return SteppedColumn(place.path, place.type, *declared.steps, scale, permutation=unique)
