"""What live steering did to a stream, row by row: the part of a recipe that nobody planned.

Written by GET /recipe, so that a run can be repeated exactly; a person writes `at:` instead.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gerador.limits import BURST_ROWS_MAX
from gerador.scenario.course import Constant, Course, Form
from gerador.scenario.rates import OffsetNs, RampNs

ROW_MAX = 2**53 - 1


class Steered(Form):
    """One live change: ``{row: 120500, at: 12.345678901s, rate: 10k/s, over: 2m}``."""

    row: Annotated[int, Field(ge=0, le=ROW_MAX)]
    """The first row that it held for."""
    at: OffsetNs
    """When, from the start on, to the nanosecond."""
    rate: Course | None = None
    """The rate or shape that it was set to."""
    over: RampNs | None = None
    """How long the ramp to that rate takes."""
    burst: Annotated[int, Field(ge=1, le=BURST_ROWS_MAX)] | None = None
    """Rows that were due at once."""
    halt: Literal["pause", "resume"] | None = None
    """Whether it paused or resumed."""

    @model_validator(mode="after")
    def _is_one_change(self) -> Self:
        if sum(x is not None for x in (self.rate, self.burst, self.halt)) != 1:
            raise ValueError("a change is one of rate, burst and halt; give one of them")
        if self.over is not None and not isinstance(self.rate, Constant):
            raise ValueError("over goes with a constant rate only")
        return self
