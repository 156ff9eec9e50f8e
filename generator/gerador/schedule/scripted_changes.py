"""Changes declared in a scenario: scripted ones (``at:``) and recorded live ones (``steered:``), and their conversion to schedule changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_serializer, model_validator

from gerador.errors import did_you_mean
from gerador.limits import BURST_ROWS_MAX
from gerador.schedule.changes import Burst, Halt, LiveChange, RateChange
from gerador.schedule.profiles import Constant, DeclarationModel, LoadProfile, to_target_rate
from gerador.schedule.unit_types import OffsetNs, RampNs, ShorthandText, read_offset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gerador.schedule.changes import Change


SCRIPTED_CHANGES_MAX: Final = 1_000


class ScriptedBurst(DeclarationModel):
    """So many rows at once: ``{burst: 50000}``."""

    burst: Annotated[int, Field(ge=1, le=BURST_ROWS_MAX)]
    """Rows that are due at once."""


class ScriptedRate(DeclarationModel):
    """Another rate or shape; with `over`, a ramp to it: ``{rate: 10k/s, over: 2m}``."""

    rate: LoadProfile
    """The rate or shape from then on."""
    over: RampNs | None = None
    """How long the ramp to it takes; at once when not said."""

    def model_post_init(self, _: Any, /) -> None:
        """Refuse a ramp to what is no constant rate, and full speed.

        Raises ValueError: names both.
        """
        if isinstance(self.rate, Constant) and self.rate.constant == "max":
            raise ValueError(
                "rate max: as fast as possible, the row at a later instant depends on the machine, "
                "so that it cannot be planned; give a rate, or steer the stream live"
            )
        if self.over is not None and not isinstance(self.rate, Constant):
            raise ValueError("over goes with a constant rate only, like {rate: 10k/s, over: 2m}")


class ScriptedHalt(DeclarationModel):
    """No row is due from then on, or again: ``pause``, ``resume``."""

    halt: Literal["pause", "resume"]
    """pause: no row is due from then on; resume: again."""

    @model_serializer
    def _as_written(self) -> str:
        return self.halt


_CHANGE_BY_KEY: Final = {"burst": "burst", "rate": "rate", "over": "rate", "halt": "halt"}
_HALT_WORDS: Final = ("pause", "resume")


@dataclass(frozen=True, slots=True)
class _DuplicateTime:
    """What stands where a change has the time of one before it."""

    other: Any


def _read_change(value: Any) -> Any:
    if isinstance(value, _DuplicateTime):
        raise ValueError(f"the same time as {value.other}; write one of them later")  # noqa: TRY004
    if isinstance(value, DeclarationModel) or (
        isinstance(value, dict) and _change_tag(value) is not None
    ):
        return value
    if value in _HALT_WORDS:
        return {"halt": value}
    way_out = "write pause, resume, {burst: 50000} or {rate: 10k/s, over: 2m}"
    key = next(iter(value), None) if isinstance(value, dict) else value
    raise ValueError(
        f"{value!r} is no change; {way_out}{did_you_mean(str(key), [*_HALT_WORDS, *_CHANGE_BY_KEY])}"
    )


def _change_tag(value: Any) -> str | None:
    keys = value if isinstance(value, dict) else type(value).model_fields
    return next((_CHANGE_BY_KEY[key] for key in keys if key in _CHANGE_BY_KEY), None)


def _read_script(value: Any) -> Any:
    """Put changes in the order of time, by the very keys of the file: faults are told by these.

    Raises ValueError: no mapping, or too many.
    """
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 - pydantic tells ValueErrors
            "at is a mapping of times to changes, like {5m: {burst: 50000}, 10m: pause}"
        )
    if len(value) > SCRIPTED_CHANGES_MAX:
        raise ValueError(f"at has {len(value)} changes; {SCRIPTED_CHANGES_MAX} are the most")
    times = {offset: _offset_ns(offset) for offset in value}
    first: dict[float, Any] = {}
    for offset, ns in times.items():
        first.setdefault(ns, offset)
    return {
        offset: value[offset]
        if ns == math.inf or first[ns] == offset
        else _DuplicateTime(first[ns])
        for offset, ns in sorted(times.items(), key=lambda item: item[1])
    }


def _offset_ns(offset: Any) -> float:
    """Return a key's nanoseconds; infinity for what is no time, which its own type refuses."""
    try:
        return float(read_offset(offset))
    except ValueError:
        return math.inf


ScriptedChange: TypeAlias = Annotated[
    Annotated[ScriptedBurst, Tag("burst")]
    | Annotated[ScriptedRate, Tag("rate")]
    | Annotated[ScriptedHalt, Tag("halt")],
    Discriminator(_change_tag),
    BeforeValidator(_read_change),
    ShorthandText("^(pause|resume)$", number=False),
]
Script: TypeAlias = Annotated[dict[OffsetNs, ScriptedChange], BeforeValidator(_read_script)]
"""What stands behind `at:`, ascending by time."""


def check_script_rate(rate: Any, at: dict[int, Any]) -> None:
    """Refuse a script over full speed.

    Raises ValueError: says why.
    """
    if at and isinstance(rate, Constant) and rate.constant == "max":
        raise ValueError(
            "at with rate max: as fast as possible, the row at an instant depends on the machine, "
            "so that no change can be planned; give a rate, or steer the stream live"
        )


RECORDED_ROW_MAX = 2**53 - 1


class RecordedChange(DeclarationModel):
    """One live change: ``{row: 120500, at: 12.345678901s, rate: 10k/s, over: 2m}``."""

    row: Annotated[int, Field(ge=0, le=RECORDED_ROW_MAX)]
    """The first row that it held for."""
    at: OffsetNs
    """When, from the start on, to the nanosecond."""
    rate: LoadProfile | None = None
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


def scripted_changes(script: Mapping[int, ScriptedChange]) -> tuple[tuple[int, Change], ...]:
    """Return what stands behind `at:` by nanoseconds from the start on, ascending.

    Raises SettingError: as `to_target_rate`.
    """
    return tuple((offset_ns, _scripted_change(script[offset_ns])) for offset_ns in sorted(script))


def recorded_changes(steered: Sequence[RecordedChange]) -> tuple[LiveChange, ...]:
    """Return what live steering did in an earlier run."""
    return tuple(LiveChange(each.at, each.row, _recorded_change(each)) for each in steered)


def _recorded_change(steered: RecordedChange) -> Change:
    if steered.burst is not None:
        return Burst(steered.burst)
    if steered.halt is not None:
        return Halt(steered.halt)
    assert steered.rate is not None  # noqa: S101 - it is one of the three
    return RateChange(to_target_rate(steered.rate), steered.over or 0)


def _scripted_change(change: ScriptedChange) -> Change:
    match change:
        case ScriptedBurst():
            return Burst(change.burst)
        case ScriptedHalt():
            return Halt(change.halt)
        case _:
            return RateChange(to_target_rate(change.rate), change.over or 0)
