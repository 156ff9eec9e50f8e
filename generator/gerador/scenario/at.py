"""What a scenario's `at:` holds: changes by their time from the start on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_serializer

from gerador.errors import did_you_mean
from gerador.limits import BURST_ROWS_MAX
from gerador.scenario.course import Constant, Course, Form
from gerador.scenario.rates import OffsetNs, RampNs, read_offset
from gerador.scenario.sugar import AlsoText

CHANGES_MAX: Final = 1_000


class BurstAt(Form):
    """So many rows at once: ``{burst: 50000}``."""

    burst: Annotated[int, Field(ge=1, le=BURST_ROWS_MAX)]
    """Rows that are due at once."""


class RateAt(Form):
    """Another rate or shape; with `over`, a ramp to it: ``{rate: 10k/s, over: 2m}``."""

    rate: Course
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


class HaltAt(Form):
    """No row is due from then on, or again: ``pause``, ``resume``."""

    halt: Literal["pause", "resume"]
    """pause: no row is due from then on; resume: again."""

    @model_serializer
    def _as_written(self) -> str:
        return self.halt


_FORMS: Final = {"burst": "burst", "rate": "rate", "over": "rate", "halt": "halt"}
_WORDS: Final = ("pause", "resume")


@dataclass(frozen=True, slots=True)
class _SameTime:
    """What stands where a change has the time of one before it."""

    other: Any


def _read_change(value: Any) -> Any:
    if isinstance(value, _SameTime):
        raise ValueError(f"the same time as {value.other}; write one of them later")  # noqa: TRY004
    if isinstance(value, Form) or (isinstance(value, dict) and _form(value) is not None):
        return value
    if value in _WORDS:
        return {"halt": value}
    way_out = "write pause, resume, {burst: 50000} or {rate: 10k/s, over: 2m}"
    key = next(iter(value), None) if isinstance(value, dict) else value
    raise ValueError(
        f"{value!r} is no change; {way_out}{did_you_mean(str(key), [*_WORDS, *_FORMS])}"
    )


def _form(value: Any) -> str | None:
    keys = value if isinstance(value, dict) else type(value).model_fields
    return next((_FORMS[key] for key in keys if key in _FORMS), None)


def _read_at(value: Any) -> Any:
    """Put changes in the order of time, by the very keys of the file: faults are told by these.

    Raises ValueError: no mapping, or too many.
    """
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 - pydantic tells ValueErrors
            "at is a mapping of times to changes, like {5m: {burst: 50000}, 10m: pause}"
        )
    if len(value) > CHANGES_MAX:
        raise ValueError(f"at has {len(value)} changes; {CHANGES_MAX} are the most")
    times = {offset: _instant(offset) for offset in value}
    first: dict[float, Any] = {}
    for offset, ns in times.items():
        first.setdefault(ns, offset)
    return {
        offset: value[offset] if ns == math.inf or first[ns] == offset else _SameTime(first[ns])
        for offset, ns in sorted(times.items(), key=lambda item: item[1])
    }


def _instant(offset: Any) -> float:
    """Return a key's nanoseconds; infinity for what is no time, which its own type refuses."""
    try:
        return float(read_offset(offset))
    except ValueError:
        return math.inf


Change: TypeAlias = Annotated[
    Annotated[BurstAt, Tag("burst")]
    | Annotated[RateAt, Tag("rate")]
    | Annotated[HaltAt, Tag("halt")],
    Discriminator(_form),
    BeforeValidator(_read_change),
    AlsoText("^(pause|resume)$", number=False),
]
At: TypeAlias = Annotated[dict[OffsetNs, Change], BeforeValidator(_read_at)]
"""What stands behind `at:`, ascending by time."""


def check_at(rate: Any, at: dict[int, Any]) -> None:
    """Refuse a script over full speed.

    Raises ValueError: says why.
    """
    if at and isinstance(rate, Constant) and rate.constant == "max":
        raise ValueError(
            "at with rate max: as fast as possible, the row at an instant depends on the machine, "
            "so that no change can be planned; give a rate, or steer the stream live"
        )
