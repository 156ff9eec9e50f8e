"""Changes in scenario files: scripted (``at:``) and recorded live ones (``live_changes:``)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_serializer, model_validator

from gerador.errors import did_you_mean
from gerador.limits import BURST_ROWS_MAX, ROW_INDEX_MAX
from gerador.schedule.changes import (
    MAX_RATE_WITH_SCRIPT,
    Burst,
    LiveChange,
    PauseChange,
    RateChange,
)
from gerador.schedule.profiles import Constant, DeclarationModel, LoadProfile
from gerador.schedule.unit_types import OffsetNs, RampNs, ShorthandText
from gerador.units import parse_duration_ns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gerador.schedule.changes import Change

SCRIPTED_CHANGES_MAX: Final = 1_000


class ScriptedBurst(DeclarationModel):
    """Rows that are due at once: ``{burst: 50000}``."""

    burst: Annotated[int, Field(ge=1, le=BURST_ROWS_MAX)]
    """Rows that are due at once."""

    def change(self) -> Change:
        """Return the change."""
        return Burst(self.burst)


class ScriptedRate(DeclarationModel):
    """A new load profile, or a ramp to a constant rate: ``{rate: 10k/s, over: 2m}``."""

    rate: LoadProfile
    """The load profile from then on."""
    over: RampNs | None = None
    """Duration of the ramp to the rate; immediate by default."""

    def model_post_init(self, _: Any, /) -> None:
        """Check that the rate is not max, and constant if there is a ramp.

        Raises ValueError.
        """
        if _is_max(self.rate):
            raise ValueError(
                "rate max cannot be scripted: the row that is due at a time would depend on the "
                "machine's speed; set a rate, or change the stream live"
            )
        _check_ramp(self.rate, self.over)

    def change(self) -> Change:
        """Return the change. Raises SettingError: as the profile's `target_rate`."""
        return RateChange(self.rate.target_rate(), self.over or 0)


class ScriptedPause(DeclarationModel):
    """``pause`` or ``resume``."""

    action: Literal["pause", "resume"]
    """pause: no row is due from then on; resume: rows are due again."""

    @model_serializer
    def _serialize(self) -> str:
        return self.action

    def change(self) -> Change:
        """Return the change."""
        return PauseChange(self.action)


def _is_max(rate: Any) -> bool:
    return isinstance(rate, Constant) and rate.constant == "max"


def _check_ramp(rate: LoadProfile | None, over: int | None) -> None:
    if over is not None and not isinstance(rate, Constant):
        raise ValueError("over requires a constant rate, for example {rate: 10k/s, over: 2m}")


_CHANGE_BY_KEY: Final = {"burst": "burst", "rate": "rate", "over": "rate", "action": "pause"}
_PAUSE_CHANGES: Final = ("pause", "resume")
_EXPECTED_CHANGE: Final = "expected pause, resume, {burst: 50000} or {rate: 10k/s, over: 2m}"


@dataclass(frozen=True, slots=True)
class _DuplicateTime:
    """Replaces a change whose time equals that of an earlier key."""

    other: Any


def _parse_change(value: Any) -> Any:
    if isinstance(value, _DuplicateTime):
        raise ValueError(f"the same time as {value.other}; change one of them")  # noqa: TRY004
    if isinstance(value, DeclarationModel) or (
        isinstance(value, dict) and _change_tag(value) is not None
    ):
        return value
    if value in _PAUSE_CHANGES:
        return {"action": value}
    if value is None or value == {}:
        raise ValueError(f"missing change; {_EXPECTED_CHANGE}")
    name = next(iter(value)) if isinstance(value, dict) else value
    if not isinstance(name, str) or name in _CHANGE_BY_KEY:
        raise ValueError(f"{value!r} is not a change; {_EXPECTED_CHANGE}")
    hint = did_you_mean(name, [*_PAUSE_CHANGES, *_CHANGE_BY_KEY], _EXPECTED_CHANGE)
    raise ValueError(f"unknown change {name!r}{hint}")


def _change_tag(value: Any) -> str | None:
    keys = value if isinstance(value, dict) else type(value).model_fields
    return next((_CHANGE_BY_KEY[key] for key in keys if key in _CHANGE_BY_KEY), None)


def _parse_script(value: Any) -> Any:
    """Sort changes by time. The keys stay as in the file, for the locations of errors.

    Raises ValueError: not a mapping, or too many changes.
    """
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 - pydantic reports ValueErrors
            "at is not a mapping of times to changes; "
            "expected, for example, {5m: {burst: 50000}, 10m: pause}"
        )
    if len(value) > SCRIPTED_CHANGES_MAX:
        raise ValueError(f"at has {len(value)} changes; the maximum is {SCRIPTED_CHANGES_MAX}")
    times = {key: _offset_ns(key) for key in value}
    first_key: dict[float, Any] = {}
    for key, ns in times.items():
        first_key.setdefault(ns, key)
    return {
        key: value[key] if ns == math.inf or first_key[ns] == key else _DuplicateTime(first_key[ns])
        for key, ns in sorted(times.items(), key=lambda item: item[1])
    }


def _offset_ns(key: Any) -> float:
    """Return a key's nanoseconds; infinity if invalid, which the key's type reports."""
    try:
        return float(parse_duration_ns(key))
    except ValueError:
        return math.inf


ScriptedChange: TypeAlias = Annotated[
    Annotated[ScriptedBurst, Tag("burst")]
    | Annotated[ScriptedRate, Tag("rate")]
    | Annotated[ScriptedPause, Tag("pause")],
    Discriminator(_change_tag),
    BeforeValidator(_parse_change),
    ShorthandText("^(pause|resume)$", number=False),
]
Script: TypeAlias = Annotated[dict[OffsetNs, ScriptedChange], BeforeValidator(_parse_script)]
"""The value of ``at:``, in ascending order of time."""


def check_script_rate(rate: Any, at: dict[int, Any]) -> None:
    """Check that a stream with a script does not have rate max. Raises ValueError."""
    if at and _is_max(rate):
        raise ValueError(MAX_RATE_WITH_SCRIPT)


def scripted_changes(script: Mapping[int, ScriptedChange]) -> tuple[tuple[int, Change], ...]:
    """Return the changes of ``at:`` by nanoseconds after the start, ascending.

    Raises SettingError: as the profiles' `target_rate`.
    """
    return tuple((offset_ns, script[offset_ns].change()) for offset_ns in sorted(script))


class RecordedChange(DeclarationModel):
    """A live change of an earlier run: ``{row: 120500, at: 12.345678901s, rate: 10k/s}``."""

    row: Annotated[int, Field(ge=0, le=ROW_INDEX_MAX)]
    """First row that it affects."""
    at: OffsetNs
    """Time after the start, to the nanosecond."""
    rate: LoadProfile | None = None
    """The new load profile."""
    over: RampNs | None = None
    """Duration of the ramp to the rate."""
    burst: Annotated[int, Field(ge=1, le=BURST_ROWS_MAX)] | None = None
    """Rows that were due at once."""
    action: Literal["pause", "resume"] | None = None
    """Whether the stream was paused or resumed."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(x is not None for x in (self.rate, self.burst, self.action)) != 1:
            raise ValueError("expected exactly one of rate, burst and action")
        _check_ramp(self.rate, self.over)
        return self

    def live_change(self) -> LiveChange:
        """Return the change with its time and row."""
        return LiveChange(self.at, self.row, self._change())

    def _change(self) -> Change:
        if self.burst is not None:
            return Burst(self.burst)
        if self.action is not None:
            return PauseChange(self.action)
        assert self.rate is not None  # noqa: S101 - it is one of the three
        return RateChange(self.rate.target_rate(), self.over or 0)


def recorded_changes(recorded: Sequence[RecordedChange]) -> tuple[LiveChange, ...]:
    """Return the live changes of an earlier run."""
    return tuple(change.live_change() for change in recorded)
