"""Load profiles as declared under ``rate:``, and their conversion to target rates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from gerador.errors import did_you_mean
from gerador.limits import GENERATION_ROWS_MAX, RAMP_NS_MAX
from gerador.schedule import curves
from gerador.schedule.target_rate import (
    curve_rate,
    generations_rate_ns,
    parse_target_rate,
    with_poisson_arrivals,
)
from gerador.schedule.unit_types import (
    RATE_SCHEMA_PATTERN,
    IntervalNs,
    NonNegativeRate,
    OffsetNs,
    PeriodNs,
    RampNs,
    RateOrMax,
    ShorthandText,
)
from gerador.units import MAX_RATE_TEXT, NS_PER_S, duration_text

if TYPE_CHECKING:
    from gerador.schedule.target_rate import TargetRate

STEPS_MAX: Final = 100
HOURS_PER_DAY: Final = 24
_NS_PER_HOUR: Final = 3_600 * NS_PER_S


class DeclarationModel(BaseModel):
    """Base of profiles and changes: immutable, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Constant(DeclarationModel):
    """A constant rate: ``500/s``, or ``max`` for as fast as possible."""

    constant: RateOrMax
    """A rate, 1/h to 10M/s: 500/s, 3000/min, 50/h; or max for as fast as possible."""
    poisson: bool = False
    """Random arrivals at this mean rate (Poisson process) instead of evenly spaced ones."""

    @model_validator(mode="after")
    def _check_poisson(self) -> Self:
        if self.poisson and self.constant == MAX_RATE_TEXT:
            raise ValueError(
                "rate max cannot have poisson arrivals: its rows have no due times; "
                "expected a rate, for example {constant: 500/s, poisson: true}"
            )
        return self

    def target_rate(self) -> TargetRate:
        """Return the target rate."""
        rate = math.inf if self.constant == "max" else self.constant
        return _with_arrivals(parse_target_rate(rate), poisson=self.poisson)


class Generations(DeclarationModel):
    """Several rows at once, periodically: ``{rows: 1000, every: 1s}``."""

    rows: Annotated[int, Field(ge=1, le=GENERATION_ROWS_MAX)]
    """Rows that are due at once."""
    every: IntervalNs
    """Interval, 1ms to 1d."""
    poisson: bool = False
    """Random arrivals at this mean rate (Poisson process) instead of generations."""

    def target_rate(self) -> TargetRate:
        """Return the target rate."""
        return _with_arrivals(generations_rate_ns(self.rows, self.every), poisson=self.poisson)


class RampParameters(DeclarationModel):
    """A linear change from one rate to another, which is then held."""

    from_: Annotated[NonNegativeRate, Field(alias="from")]
    """Rows per second at the start; 0/s is allowed."""
    to: NonNegativeRate
    """Rows per second at the end and afterwards."""
    over: RampNs
    """Duration, 1ms to 7d."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_rates("ramp", self.from_, self.to)
        return self


class Ramp(DeclarationModel):
    """``{ramp: {from: 0/s, to: 5k/s, over: 2m}}``."""

    ramp: RampParameters
    """A linear change from one rate to another, which is then held."""
    poisson: bool = False
    """Random arrivals at this mean rate (Poisson process) instead of evenly spaced ones."""

    def target_rate(self) -> TargetRate:
        """Return the target rate."""
        curve = curves.ramp(self.ramp.from_, self.ramp.to, self.ramp.over)
        return _with_arrivals(curve_rate(curve), poisson=self.poisson)


class SineParameters(DeclarationModel):
    """A sine with rate `from` at the start of each period and `to` in its middle."""

    from_: Annotated[NonNegativeRate, Field(alias="from")]
    """Rows per second at the start of each period."""
    to: NonNegativeRate
    """Rows per second in the middle of each period."""
    period: PeriodNs
    """Period, 1s to 7d."""
    phase: OffsetNs = 0
    """Position in the period at the start of the stream."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        mean = (self.from_ + self.to) / 2
        if mean and mean * self.period < NS_PER_S:
            raise ValueError(
                f"sine: less than one row in {duration_text(self.period)}; "
                "raise a rate or the period"
            )
        _check_rates("sine", self.from_, self.to)
        return self


class Sine(DeclarationModel):
    """``{sine: {from: 500/s, to: 5000/s, period: 10m, phase: 0s}}``."""

    sine: SineParameters
    """A sine between two rates."""
    poisson: bool = False
    """Random arrivals at this mean rate (Poisson process) instead of evenly spaced ones."""

    def target_rate(self) -> TargetRate:
        """Return the target rate. Raises SettingError: less than one row per period."""
        sine = self.sine
        curve = curves.sine(sine.from_, sine.to, sine.period, sine.phase)
        return _with_arrivals(curve_rate(curve), poisson=self.poisson)


class DiurnalParameters(DeclarationModel):
    """A daily sine in UTC: `high` at hour `peak`, `low` twelve hours later."""

    low: NonNegativeRate
    """Rows per second twelve hours from the peak."""
    high: NonNegativeRate
    """Rows per second at the peak."""
    peak: Annotated[float, Field(ge=0, lt=HOURS_PER_DAY, allow_inf_nan=False)]
    """Hour of the day (UTC); 20.5 is 20:30."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.low > self.high:
            raise ValueError("diurnal: low is above high; swap them, or move the peak by 12 hours")
        _check_rates("diurnal", self.low, self.high)
        return self


class Diurnal(DeclarationModel):
    """``{diurnal: {low: 100/s, high: 2k/s, peak: 20}}``."""

    diurnal: DiurnalParameters
    """A daily sine in UTC."""
    poisson: bool = False
    """Random arrivals at this mean rate (Poisson process) instead of evenly spaced ones."""

    def target_rate(self) -> TargetRate:
        """Return the target rate. Raises SettingError: less than one row per day."""
        peak_ns = round(self.diurnal.peak * _NS_PER_HOUR)
        curve = curves.diurnal(self.diurnal.low, self.diurnal.high, peak_ns)
        return _with_arrivals(curve_rate(curve), poisson=self.poisson)


class Step(DeclarationModel):
    """A constant rate for a duration."""

    rate: NonNegativeRate
    """Rows per second; 0/s is allowed."""
    for_: Annotated[RampNs, Field(alias="for")]
    """Duration, 1ms to 7d."""


class Steps(DeclarationModel):
    """``{steps: [{rate: 1k/s, for: 1m}, {rate: 5k/s, for: 30s}], repeat: true}``.

    Without `repeat` the last rate is held.
    """

    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=STEPS_MAX)]
    """Constant rates, each for a duration."""
    repeat: bool = False
    """Repeat the steps, instead of holding the last rate."""
    poisson: bool = False
    """Random arrivals at this mean rate (Poisson process) instead of evenly spaced ones."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(step.for_ for step in self.steps) > RAMP_NS_MAX:
            raise ValueError(f"steps: longer than {duration_text(RAMP_NS_MAX)} in total")
        if self.repeat and sum(step.rate * step.for_ for step in self.steps) < NS_PER_S:
            raise ValueError("steps: less than one row per period; raise a rate or a duration")
        _check_rates("steps", *(step.rate for step in self.steps))
        return self

    def target_rate(self) -> TargetRate:
        """Return the target rate. Raises SettingError: less than one row per period."""
        rates = [(step.rate, step.for_) for step in self.steps]
        return _with_arrivals(
            curve_rate(curves.steps(rates, repeat=self.repeat)), poisson=self.poisson
        )


def _check_rates(profile: str, *rates: float) -> None:
    if not any(rates):
        raise ValueError(
            f"{profile}: every rate is 0/s, so no row would ever be due; raise one of them"
        )


def _with_arrivals(target_rate: TargetRate, *, poisson: bool) -> TargetRate:
    return with_poisson_arrivals(target_rate) if poisson else target_rate


_PROFILE_BY_KEY: Final = {
    "constant": "constant",
    "rows": "rows",
    "every": "rows",
    "ramp": "ramp",
    "sine": "sine",
    "diurnal": "diurnal",
    "steps": "steps",
}
"""The profile that a key belongs to."""
_OPTIONS: Final = ("poisson", "repeat")
"""Keys that are next to those of a profile."""


def _parse_profile(value: Any) -> Any:
    """Expand ``500/s`` and ``max`` to constant rates; check the keys of a mapping.

    Raises ValueError: not a text, a number, or a mapping with the keys of one profile.
    """
    if isinstance(value, DeclarationModel):
        return value
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return {"constant": value}
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 - pydantic reports ValueErrors
            f"{value!r} is not a rate; "
            "expected 500/s, max, or a load profile, for example {sine: …}"
        )
    profiles = {_PROFILE_BY_KEY[key] for key in value if key in _PROFILE_BY_KEY}
    if len(profiles) == 1:
        return value
    if profiles:
        raise ValueError(f"rate has {' and '.join(sorted(profiles))}; use one of them")
    valid = f"load profiles: {', '.join(sorted({*_PROFILE_BY_KEY.values()}))}"
    names = [str(key) for key in value if key not in _OPTIONS]
    if not names:
        raise ValueError(f"missing load profile; {valid}")
    name = next((name for name in names if did_you_mean(name, _PROFILE_BY_KEY)), names[0])
    raise ValueError(f"unknown load profile {name!r}{did_you_mean(name, _PROFILE_BY_KEY, valid)}")


def _profile_tag(value: Any) -> str | None:
    keys = value if isinstance(value, dict) else type(value).model_fields
    return next((_PROFILE_BY_KEY[key] for key in keys if key in _PROFILE_BY_KEY), None)


LoadProfile: TypeAlias = Annotated[
    Annotated[Constant, Tag("constant")]
    | Annotated[Generations, Tag("rows")]
    | Annotated[Ramp, Tag("ramp")]
    | Annotated[Sine, Tag("sine")]
    | Annotated[Diurnal, Tag("diurnal")]
    | Annotated[Steps, Tag("steps")],
    Discriminator(_profile_tag),
    BeforeValidator(_parse_profile),
    ShorthandText(f"^(max|{RATE_SCHEMA_PATTERN})$"),
]
"""The value of ``rate:``."""
