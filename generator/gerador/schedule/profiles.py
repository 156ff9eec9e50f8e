"""Load profiles as declared under ``rate:`` (constant, generations, ramp, sine, diurnal, steps), and their conversion to target rates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from gerador.errors import did_you_mean
from gerador.limits import (
    GENERATION_ROWS_MAX,
    INTERVAL_S_MAX,
    INTERVAL_S_MIN,
    PERIOD_NS_MIN,
    RAMP_NS_MAX,
    RAMP_NS_MIN,
)
from gerador.schedule import curves
from gerador.schedule import target_rate as paces
from gerador.schedule.unit_types import (
    DurationNs,
    NonNegativeRate,
    OffsetNs,
    PositiveRate,
    ShorthandText,
    read_rate_or_max,
)
from gerador.units import MAX_RATE_TEXT, NS_PER_S, duration_text

if TYPE_CHECKING:
    from gerador.schedule.target_rate import TargetRate


STEPS_MAX: Final = 100
HOURS_PER_DAY: Final = 24


class DeclarationModel(BaseModel):
    """What all of these have in common: they are frozen, and know every key of theirs."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Constant(DeclarationModel):
    """The same rate always: ``500/s``, or ``max`` for as fast as possible."""

    constant: Annotated[PositiveRate | Literal["max"], BeforeValidator(read_rate_or_max)]
    """Rows per second, 0.001 to 10M: 500/s, 10k/s; or max, as fast as possible."""
    poisson: bool = False
    """Whether rows arrive at random at that rate, as a Poisson process; evenly when not."""

    @model_validator(mode="after")
    def _arrives_by_the_clock(self) -> Self:
        if self.poisson and self.constant == MAX_RATE_TEXT:
            raise ValueError(
                "poisson with rate max: as fast as possible nothing arrives by the clock; "
                "give a rate, like {constant: 500/s, poisson: true}"
            )
        return self


class Generations(DeclarationModel):
    """So many rows together, again and again: ``{rows: 1000, every: 1s}``."""

    rows: Annotated[int, Field(ge=1, le=GENERATION_ROWS_MAX)]
    """Rows that fall due together."""
    every: DurationNs
    """Time between them, 1ms to 1d."""
    poisson: bool = False
    """Whether rows arrive at random at that rate, as a Poisson process; evenly when not."""

    @field_validator("every")
    @classmethod
    def _in_range(cls, every: int) -> int:
        return _check_duration(
            every, "every", int(INTERVAL_S_MIN * NS_PER_S), int(INTERVAL_S_MAX) * NS_PER_S
        )


class RampParameters(DeclarationModel):
    """From one rate to another, evenly; that one is held afterwards."""

    from_: Annotated[NonNegativeRate, Field(alias="from")]
    """Rows per second at the beginning, also 0/s."""
    to: NonNegativeRate
    """Rows per second at the end, and from then on."""
    over: DurationNs
    """How long it takes, 1ms to 7d."""

    @field_validator("over")
    @classmethod
    def _in_range(cls, over: int) -> int:
        return _check_duration(over, "over", RAMP_NS_MIN, RAMP_NS_MAX)

    @model_validator(mode="after")
    def _makes_rows(self) -> Self:
        return _check_some_rate(self, "ramp", self.from_, self.to)


class Ramp(DeclarationModel):
    """``{ramp: {from: 0/s, to: 5k/s, over: 2m}}``."""

    ramp: RampParameters
    """A ramp from one rate to another, which is held afterwards."""
    poisson: bool = False
    """Whether rows arrive at random at that rate, as a Poisson process; evenly when not."""


class SineParameters(DeclarationModel):
    """A wave that begins with `from`, is at `to` half a period later, and so on."""

    from_: Annotated[NonNegativeRate, Field(alias="from")]
    """Rows per second at the beginning of each period."""
    to: NonNegativeRate
    """Rows per second in the middle of each period."""
    period: DurationNs
    """Time from one beginning to the next, 1s to 7d."""
    phase: OffsetNs = 0
    """How far into a period it begins."""

    @field_validator("period")
    @classmethod
    def _in_range(cls, period: int) -> int:
        return _check_duration(period, "period", PERIOD_NS_MIN, RAMP_NS_MAX)

    @model_validator(mode="after")
    def _makes_rows(self) -> Self:
        mean = (self.from_ + self.to) / 2
        if mean and mean * self.period < NS_PER_S:
            raise ValueError(
                f"sine: less than one row in {duration_text(self.period)}; raise one of them"
            )
        return _check_some_rate(self, "sine", self.from_, self.to)


class Sine(DeclarationModel):
    """``{sine: {from: 500/s, to: 5000/s, period: 10m, phase: 0s}}``."""

    sine: SineParameters
    """A wave between two rates."""
    poisson: bool = False
    """Whether rows arrive at random at that rate, as a Poisson process; evenly when not."""


class DiurnalParameters(DeclarationModel):
    """A wave over each day (UTC): `high` at the hour `peak`, `low` twelve hours from it."""

    low: NonNegativeRate
    """Rows per second twelve hours from the peak."""
    high: NonNegativeRate
    """Rows per second at the peak."""
    peak: Annotated[float, Field(ge=0, lt=HOURS_PER_DAY, allow_inf_nan=False)]
    """Hour of the day (UTC); 20.5 is half past eight in the evening."""

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        if self.low > self.high:
            raise ValueError("diurnal: low is above high; exchange them, or move the peak")
        return _check_some_rate(self, "diurnal", self.low, self.high)


class Diurnal(DeclarationModel):
    """``{diurnal: {low: 100/s, high: 2k/s, peak: 20}}``."""

    diurnal: DiurnalParameters
    """A wave over each day (UTC)."""
    poisson: bool = False
    """Whether rows arrive at random at that rate, as a Poisson process; evenly when not."""


class Step(DeclarationModel):
    """One rate for a while."""

    rate: NonNegativeRate
    """Rows per second, also 0/s."""
    for_: Annotated[DurationNs, Field(alias="for")]
    """How long it is held, 1ms to 7d."""

    @field_validator("for_")
    @classmethod
    def _in_range(cls, for_: int) -> int:
        return _check_duration(for_, "for", RAMP_NS_MIN, RAMP_NS_MAX)


class Steps(DeclarationModel):
    """``{steps: [{rate: 1k/s, for: 1m}, {rate: 5k/s, for: 30s}], repeat: true}``.

    Without `repeat` the last rate is held.
    """

    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=STEPS_MAX)]
    """Rates in turn, each for a while."""
    repeat: bool = False
    """Whether they begin again; the last rate is held when not."""
    poisson: bool = False
    """Whether rows arrive at random at that rate, as a Poisson process; evenly when not."""

    @model_validator(mode="after")
    def _makes_rows(self) -> Self:
        total_ns = sum(step.for_ for step in self.steps)
        if total_ns > RAMP_NS_MAX:
            raise ValueError(f"steps: longer than {duration_text(RAMP_NS_MAX)} together")
        if sum(step.rate * step.for_ for step in self.steps) < NS_PER_S and self.repeat:
            raise ValueError("steps: less than one row a turn; raise a rate or a time")
        return _check_some_rate(self, "steps", *(step.rate for step in self.steps))


_PROFILE_BY_KEY: Final = {
    "constant": "constant",
    "rows": "rows",
    "every": "rows",
    "ramp": "ramp",
    "sine": "sine",
    "diurnal": "diurnal",
    "steps": "steps",
}
"""Which key tells which form."""


def _read_profile(value: Any) -> Any:
    """Read ``500/s`` and ``max`` as constants; name what is no rate at all.

    Raises ValueError: neither a text, a number, nor a mapping with a key that tells its form.
    """
    if isinstance(value, DeclarationModel):
        return value
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return {"constant": value}
    if not isinstance(value, dict):
        raise ValueError(f"{value!r} is no rate; write 500/s, max, or a shape like {{sine: …}}")  # noqa: TRY004
    told = {_PROFILE_BY_KEY[key] for key in value if key in _PROFILE_BY_KEY}
    if len(told) == 1:
        return value
    if told:
        raise ValueError(f"rate has {' and '.join(sorted(told))}; give one of them")
    known = ", ".join(sorted({*_PROFILE_BY_KEY.values()}))
    near = next((near for key in value if (near := did_you_mean(str(key), _PROFILE_BY_KEY))), "")
    keys = ", ".join(map(str, value)) or "nothing"
    raise ValueError(f"rate with {keys}: give one of {known}{near}")


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
    BeforeValidator(_read_profile),
    ShorthandText(r"^(max|\d+(\.\d+)?[kM]?(/s)?)$"),
]
"""What stands behind `rate:`."""


def _check_duration(ns: int, what: str, least: int, most: int) -> int:
    if not least <= ns <= most:
        raise ValueError(
            f"{what} {duration_text(ns)}: give {duration_text(least)} to {duration_text(most)}"
        )
    return ns


def _check_some_rate(form: Any, what: str, *rates: float) -> Any:
    if not any(rates):
        raise ValueError(f"{what}: every rate is 0/s, so that no row would ever be due; raise one")
    return form


_HOUR_NS = 3_600 * NS_PER_S


def to_target_rate(course: LoadProfile) -> TargetRate:
    """Return the pace of what stands behind `rate:`.

    Raises SettingError: a shape that makes less than a row a turn.
    """
    made = _profile_rate(course)
    return paces.with_poisson_arrivals(made) if course.poisson else made


def _profile_rate(course: LoadProfile) -> TargetRate:
    match course:
        case Constant():
            return paces.parse_target_rate(
                math.inf if course.constant == "max" else course.constant
            )
        case Generations():
            return paces.generations_rate_ns(course.rows, course.every)
        case Ramp(ramp=way):
            return paces.curve_rate(curves.ramp(way.from_, way.to, way.over))
        case Sine(sine=way):
            return paces.curve_rate(curves.sine(way.from_, way.to, way.period, way.phase))
        case Diurnal(diurnal=way):
            peak_ns = round(way.peak * _HOUR_NS)
            return paces.curve_rate(curves.diurnal(way.low, way.high, peak_ns))
        case Steps():
            each = [(step.rate, step.for_) for step in course.steps]
            return paces.curve_rate(curves.steps(each, repeat=course.repeat))
