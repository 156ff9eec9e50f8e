"""Scaled rates: every kind of rate of a scenario, its recipe, and its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import gerador
from gerador.cli.run_setup import plan_from_settings
from gerador.errors import SettingError
from gerador.scenario.dump import write_scenario
from gerador.scenario.load import load_plan
from gerador.scenario.plan import stream_target_rate
from gerador.scenario.rate_scaling import with_scaled_rates
from gerador.settings.load import load_settings

if TYPE_CHECKING:
    from pathlib import Path

SCENARIO = """
rate: 1000/s
streams:
  shared: {weight: 3, fields: {id: uuid}}
  other: {fields: {id: uuid}}
  own:
    rate: 50/h
    fields: {id: uuid}
    at: {1m: {burst: 50}, 2m: {rate: 10/s, over: 1m}, 3m: pause}
  unpaced: {rate: max, fields: {id: uuid}}
  ramp: {rate: {ramp: {from: 0/s, to: 5k/s, over: 2m}, poisson: true}, fields: {id: uuid}}
  sine: {rate: {sine: {from: 500/s, to: 5000/s, period: 10m}}, fields: {id: uuid}}
  diurnal: {rate: {diurnal: {low: 100/s, high: 2k/s, peak: 20}}, fields: {id: uuid}}
  steps:
    rate: {steps: [{rate: 1k/s, for: 1m}, {rate: 0/s, for: 30s}], repeat: true}
    fields: {id: uuid}
  bulk: {rate: {rows: 1000, every: 1s}, fields: {id: uuid}}
  few: {rate: {rows: 5, every: 1s}, fields: {id: uuid}}
"""
SCALED = {
    "shared": "75/s", "other": "25/s", "own": "5/h", "unpaced": "max",
    "ramp": "0/s to 500/s over 2m, then held, poisson", "sine": "sine 50/s to 500/s, period 10m",
    "diurnal": "diurnal 10/s to 200/s, peak 20h UTC",
    "steps": "100/s for 1m, 0/s for 30s, repeated",
    "bulk": "100 every 1 s", "few": "1 every 2 s",
}  # fmt: skip


def written(folder: Path, text: str) -> Path:
    """Return a file with the text of a scenario."""
    (file := folder / "s.yaml").write_text(text, "utf-8")
    return file


def rates(plan: Any) -> dict[str, str]:
    """Return the target rate of each stream."""
    return {s.spec.name: str(stream_target_rate(s)) for s in plan.streams}


def test_every_rate_is_scaled(tmp_path: Path):
    """Constant rates, shares, curves, generations, bursts and scripted rates; not max."""
    plan = load_plan(str(written(tmp_path, SCENARIO)), {})
    scaled = with_scaled_rates(plan, 0.1)
    assert rates(scaled) == SCALED
    own = next(s for s in scaled.streams if s.spec.name == "own")
    changes = [str(change.change()) for change in own.at.values()]
    assert changes[1] == "1/s over 1m"
    assert own.at[60 * 10**9].change().rows == 5  # type: ignore[union-attr]


def test_the_recipe_has_the_scaled_rates(tmp_path: Path):
    """The scaled model, written as a file, is a scenario with the same rates."""
    scenario = with_scaled_rates(load_plan(str(written(tmp_path, SCENARIO)), {}), 0.1).scenario
    assert scenario is not None
    again = load_plan(str(written(tmp_path, write_scenario(scenario))), {})
    assert rates(again) == SCALED


def test_default_generations_are_scaled(tmp_path: Path):
    """Without any rate, the default of a generation per second is scaled."""
    plan = load_plan(str(written(tmp_path, "streams: {s: {fields: {id: uuid}}}")), {})
    assert rates(with_scaled_rates(plan, 2)) == {"s": "2000 every 1 s"}
    assert rates(with_scaled_rates(plan, 0.0015)) == {"s": "2 every 1.333333333 s"}


def test_scaled_streams_in_python(tmp_path: Path):
    """Rows have the same values, and event times of the scaled rates."""
    text = "streams: {s: {rate: 10/s, fields: {id: uuid, at: event_time}}}"
    file, start = written(tmp_path, text), "2026-01-01T00:00:00Z"
    whole = gerador.streams(file, seed=1, start=start)["s"].rows(0, 5)
    tenth = gerador.streams(file, seed=1, start=start, scale=0.1)["s"].rows(0, 5)
    assert whole["id"] == tenth["id"]
    assert (tenth["at"][4].as_py() - tenth["at"][0].as_py()).total_seconds() == 4


@pytest.mark.parametrize(
    ("text", "scale", "message"),
    [
        ("streams: {s: {rate: 5M/s, fields: {id: uuid}}}", 10,
         r"scale 10: stream 's': rate 5000000/s becomes 5e\+07/s, outside \[1/h, 10000000/s\]"),
        ("streams: {s: {rate: 50/h, fields: {id: uuid}}}", 0.001, "outside"),
        ("streams: {s: {rate: {sine: {from: 0/s, to: 2/s, period: 1s}}, fields: {id: uuid}}}", 0.1,
         "scale 0.1: stream 's': sine: less than one row in 1s"),
        ("streams: {s: {fields: {id: uuid}, live_changes: [{row: 1, at: 1s, rate: 5/s}]}}", 2,
         "scale 2: stream 's' has live_changes, whose rows depend on the rates"),
        ("streams: {s: {fields: {id: uuid}}}", 0, "scale 0 is outside"),
    ],
)  # fmt: skip
def test_invalid_scales_are_rejected(tmp_path: Path, text: str, scale: float, message: str):
    """The message names the scale, the stream and the rate."""
    plan = load_plan(str(written(tmp_path, text)), {})
    with pytest.raises(SettingError, match=message):
        with_scaled_rates(plan, scale)


def test_the_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """--scale needs a scenario and excludes --rate, which reports the rates that it keeps."""
    file = str(written(tmp_path, SCENARIO))
    assert rates(plan_from_settings(load_settings({}, scenario=file, scale="0.1"), {})) == SCALED
    with pytest.raises(SettingError, match=r"^--scale=0\.1: requires a scenario; use --rate$"):
        plan_from_settings(load_settings({}, scale="0.1"), {})
    both = load_settings({"GERADOR_RATE": "5"}, scenario=file, scale="0.1")
    with pytest.raises(SettingError, match=r"^--scale=0\.1 and GERADOR_RATE=5 both change"):
        plan_from_settings(both, {})
    capsys.readouterr()
    plan_from_settings(load_settings({}, scenario=file, rate="100"), {})
    assert capsys.readouterr().err == (
        "gerador: --rate=100: own, unpaced, ramp, sine, diurnal, steps, bulk, few keep their own "
        "rates; --scale 0.1 scales all rates\n"
    )
    plan_from_settings(load_settings({}, scenario="nexmark", scale="0.1"), {})
