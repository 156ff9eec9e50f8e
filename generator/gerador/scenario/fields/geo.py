"""Kinds of places on earth: degrees of latitude and longitude in a box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from gerador.scenario.fields.declared import Declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.scenario.avro import AvroType

DEGREE_DECIMALS: Final = 6
"""Decimals of a degree: a tenth of a metre."""


class _Degrees(Declared):
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


class LatitudeField(_Degrees):
    """Degrees north, -90 to 90; equally likely are degrees, not areas."""

    kind: Literal["latitude"] = "latitude"
    min: Annotated[float, Field(ge=-90, le=90)] = -90.0
    """The southern edge, in degrees north."""
    max: Annotated[float, Field(ge=-90, le=90)] = 90.0
    """The northern edge, in degrees north."""


class LongitudeField(_Degrees):
    """Degrees east, -180 to 180."""

    kind: Literal["longitude"] = "longitude"
    min: Annotated[float, Field(ge=-180, le=180)] = -180.0
    """The western edge, in degrees east."""
    max: Annotated[float, Field(ge=-180, le=180)] = 180.0
    """The eastern edge, in degrees east."""
