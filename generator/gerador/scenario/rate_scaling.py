"""Multiply all rates of a scenario: constant rates, load profiles, scripted rates and bursts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError

from gerador.errors import SettingError
from gerador.limits import (
    BURST_ROWS_MAX,
    INTERVAL_S,
    RATE_MAX,
    RATE_MIN,
    SCALE_MAX,
    SCALE_MIN,
)
from gerador.scenario.plan import rate_share
from gerador.schedule.profiles import Generations, LoadProfile
from gerador.schedule.scripted_changes import ScriptedChange
from gerador.units import (
    MAX_RATE_TEXT,
    duration_text,
    nearest_rate,
    parse_duration_ns,
    parse_rate,
    rate_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.scenario.model import Scenario, StreamModel
    from gerador.scenario.plan import ScenarioPlan, StreamPlan


_RATE_KEYS: Final = frozenset({"constant", "from", "to", "low", "high", "rate"})
_PROFILE: Final[TypeAdapter[Any]] = TypeAdapter(LoadProfile)
_CHANGE: Final[TypeAdapter[Any]] = TypeAdapter(ScriptedChange)


def with_scaled_rates(plan: ScenarioPlan, scale: float) -> ScenarioPlan:
    """Return a scenario with all rates times `scale`, [0.001, 1,000].

    Rates of max stay, and so do numbers of rows, except those of bursts and generations. Rates are
    rounded as `units.nearest_rate`.

    Raises SettingError: a scale or rate out of range, or recorded live changes, whose rows depend
    on the rates.
    """
    if not SCALE_MIN <= scale <= SCALE_MAX:
        raise SettingError(f"scale {scale:g} is outside [{SCALE_MIN:g}, {SCALE_MAX:g}]")
    scenario = plan.scenario
    assert scenario is not None  # noqa: S101 - plans of scenario files have it
    for name, stream in scenario.streams.items():
        if stream.live_changes:
            raise SettingError(
                f"scale {scale:g}: stream {name!r} has live_changes, whose rows depend on the "
                "rates; remove them from the recipe"
            )
    changed = _scaled_scenario(scenario, scale)
    weights = sum(s.weight for s in scenario.streams.values() if s.rate is None)
    streams = tuple(_scaled_plan(s, changed, weights) for s in plan.streams)
    return replace(plan, streams=streams, scenario=changed)


def _scaled_plan(stream: StreamPlan, scenario: Scenario, weights: float) -> StreamPlan:
    model = scenario.streams[stream.spec.name]
    rate = model.rate
    if rate is None and scenario.rate is not None:
        rate = rate_share(scenario.rate, stream.weight, weights)
    return replace(stream, rate=rate, at=model.at)


def _scaled_scenario(scenario: Scenario, scale: float) -> Scenario:
    has_total = scenario.rate is not None
    streams = {
        name: _scaled_stream(name, stream, scale, has_total=has_total)
        for name, stream in scenario.streams.items()
    }
    update: dict[str, Any] = {"streams": streams}
    if has_total:
        update["rate"] = _scaled("the scenario", scenario.rate, scale, _PROFILE)
    return scenario.model_copy(update=update)


def _scaled_stream(name: str, stream: StreamModel, scale: float, *, has_total: bool) -> StreamModel:
    where = f"stream {name!r}"
    rate = stream.rate
    if rate is None and not has_total:
        rate = Generations.model_validate({"rows": stream.generation_rows, "every": INTERVAL_S})
    update: dict[str, Any] = {}
    if rate is not None:
        update["rate"] = _scaled(where, rate, scale, _PROFILE)
    if stream.at:
        update["at"] = {
            ns: _scaled(where, change, scale, _CHANGE) for ns, change in stream.at.items()
        }
    return stream.model_copy(update=update)


def _scaled(where: str, declared: Any, scale: float, adapter: TypeAdapter[Any]) -> Any:
    """Return a load profile or a scripted change with its rates scaled."""
    value = declared.model_dump(by_alias=True, exclude_unset=True)
    try:
        scaled = adapter.validate_python(_scaled_value(value, scale))
        if adapter is _PROFILE:
            scaled.target_rate()
    except ValidationError as e:
        text = str(e.errors()[0]["msg"]).removeprefix("Value error, ")
        raise SettingError(f"scale {scale:g}: {where}: {text}") from e
    except (SettingError, ValueError) as e:
        raise SettingError(f"scale {scale:g}: {where}: {e}") from e
    return scaled


def _scaled_value(value: Any, scale: float) -> Any:
    if isinstance(value, list | tuple):
        return [_scaled_value(inner, scale) for inner in value]
    if not isinstance(value, dict):
        return value
    if "rows" in value and "every" in value:
        return _scaled_generations(value, scale)
    if "burst" in value:
        return {"burst": min(max(1, round(value["burst"] * scale)), BURST_ROWS_MAX)}
    return {
        key: _scaled_rate(inner, scale)
        if key in _RATE_KEYS and isinstance(inner, str)
        else _scaled_value(inner, scale)
        for key, inner in value.items()
    }


def _scaled_rate(text: str, scale: float) -> str:
    if text == MAX_RATE_TEXT or text.startswith("0/"):
        return text
    rows_per_s = parse_rate(text) * scale
    if not float(RATE_MIN) <= rows_per_s <= RATE_MAX:
        limits = f"[{rate_text(float(RATE_MIN))}, {rate_text(RATE_MAX)}]"
        raise ValueError(f"rate {text} becomes {rows_per_s:g}/s, outside {limits}")
    return rate_text(nearest_rate(rows_per_s))


def _scaled_generations(value: Mapping[str, Any], scale: float) -> dict[str, Any]:
    """Scale the rows of a generation; the interval also, where rows are not an integer."""
    exact = value["rows"] * scale
    rows = max(1, round(exact))
    every_ns = round(parse_duration_ns(value["every"]) * rows / exact)
    return {**value, "rows": rows, "every": duration_text(every_ns)}
