"""Load profiles and scripts in scenario files: parsing, dumping, JSON Schema and errors."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from gerador.schedule.changes import Burst, PauseChange, RateChange
from gerador.schedule.profiles import LoadProfile
from gerador.schedule.scripted_changes import Script, check_script_rate, scripted_changes
from gerador.schedule.target_rate import MAX, constant_rate, generations_rate, with_poisson_arrivals

PROFILE: TypeAdapter[Any] = TypeAdapter(LoadProfile)
AT: TypeAdapter[Any] = TypeAdapter(Script)
NS = 10**9

PROFILES = [
    ("500/s", "500/s"),
    ("10k/s", "10000/s"),
    ("0.25", "0.25/s"),
    ("7", "7/s"),
    ("max", "max"),
    ("{constant: 500/s, poisson: true}", "500/s, poisson"),
    ("{rows: 1000, every: 1s}", "1000 every 1 s"),
    ("{rows: 1000, every: 500ms, poisson: true}", "2000/s, poisson"),
    ("{ramp: {from: 0/s, to: 5k/s, over: 2m}}", "0/s to 5000/s over 2m, then held"),
    (
        "{sine: {from: 500/s, to: 5000/s, period: 10m, phase: 90s}, poisson: true}",
        "sine 500/s to 5000/s, period 10m, phase 90s, poisson",
    ),
    (
        "{diurnal: {low: 100/s, high: 2k/s, peak: 20.5}}",
        "diurnal 100/s to 2000/s, peak 1230m UTC",
    ),
    (
        "{steps: [{rate: 1k/s, for: 1m}, {rate: 0, for: 30s}], repeat: true}",
        "1000/s for 1m, 0/s for 30s, repeated",
    ),
]


def read(adapter: TypeAdapter[Any], text: str) -> Any:
    """Return the declaration of a YAML text."""
    return adapter.validate_python(yaml.safe_load(text))


@pytest.mark.parametrize(("text", "expected"), PROFILES)
def test_a_profile_has_a_target_rate(text: str, expected: str):
    """Each profile is converted to its target rate."""
    assert str(read(PROFILE, text).target_rate()) == expected


@pytest.mark.parametrize("text", [text for text, _ in PROFILES])
def test_profiles_round_trip(text: str):
    """A profile that is dumped as JSON or YAML is parsed as an equal profile."""
    profile = read(PROFILE, text)
    dumped = PROFILE.dump_python(profile, mode="json", by_alias=True)
    assert PROFILE.validate_python(dumped) == profile
    assert read(PROFILE, yaml.safe_dump(json.loads(json.dumps(dumped)))) == profile


@pytest.mark.parametrize("text", [text for text, _ in PROFILES])
def test_the_json_schema_accepts_profiles(text: str):
    """The JSON Schema of a rate accepts each profile, including short forms."""
    jsonschema.validate(yaml.safe_load(text), PROFILE.json_schema(by_alias=True))


def test_constants_generations_and_max_are_not_curves():
    """Constant rates, generations and max have target rates of their own kind."""
    assert read(PROFILE, "10k/s").target_rate() == constant_rate(10_000)
    assert read(PROFILE, "max").target_rate() is MAX
    assert read(PROFILE, "{rows: 10, every: 0.5}").target_rate() == generations_rate(10, 0.5)
    arrivals = read(PROFILE, "{rows: 10, every: 0.5, poisson: true}")
    assert arrivals.target_rate() == with_poisson_arrivals(constant_rate(20))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fast", "rate 'fast' is not a number of rows per second; expected, for example, 500, 10k"),
        ("-1", "rate -1 is not a number of rows per second"),
        ("0", "rate 0/s: no row would ever be due; the minimum is 1/h"),
        ("11M", "rate '11M' is outside [1/h, 10000000/s]"),
        ("1000.0005", "rate 1000.0005 has too many decimals; use at most three"),
        ("true", "True is not a rate"),
        ("null", "None is not a rate; expected 500/s, max, or a load profile"),
        ("[]", "[] is not a rate"),
        ("{}", "missing load profile; load profiles: constant, diurnal, ramp, rows, sine, steps"),
        ("{sin: {}}", "unknown load profile 'sin'; did"),
        ("{rate: 5}", "unknown load profile 'rate'; load profiles: constant, diurnal"),
        ("{poisson: true, sin: {}}", "unknown load profile 'sin'; did you mean 'sine'?"),
        ("{poisson: true}", "missing load profile"),
        ("{constant: 1, sine: {}}", "rate has constant and sine; use one of them"),
        ("{constant: max, poisson: true}", "rate max cannot have poisson arrivals"),
        ("{constant: 5, poison: true}", "Extra inputs are not permitted"),
        ("{rows: 0, every: 1s}", "greater than or equal to 1"),
        ("{rows: 5, every: 2d}", "2d is outside [1ms, 1d]"),
        (
            "{rows: 5, every: soon}",
            "'soon' is not a duration; expected, for example, 30s, 5m",
        ),
        ("{rows: 5}", "Field required"),
        (
            "{ramp: {from: max, to: 5, over: 1m}}",
            "rate max is not allowed here; expected a number",
        ),
        ("{ramp: {from: 0, to: 0, over: 1m}}", "ramp: every rate is 0/s"),
        ("{ramp: {from: 0, to: 5, over: 0s}}", "0s is outside [1ms, 7d]"),
        ("{ramp: {from: 0, to: 5, over: 9d}}", "9d is outside [1ms, 7d]"),
        ("{sine: {from: 1, to: 2, period: 10ms}}", "10ms is outside [1s, 7d]"),
        ("{sine: {from: 0, to: 0.01, period: 1m}}", "sine: less than one row in 1m"),
        ("{diurnal: {low: 1, high: 2, peak: 24}}", "less than 24"),
        ("{diurnal: {low: 3, high: 2, peak: 4}}", "low is above high"),
        ("{steps: []}", "at least 1 item"),
        ("{steps: [{rate: 0, for: 1s}]}", "steps: every rate is 0/s"),
        ("{steps: [{rate: 0.1, for: 1s}], repeat: true}", "less than one row per period"),
        ("{steps: [{rate: 5, for: 4d}, {rate: 5, for: 4d}]}", "longer than 7d in total"),
    ],
)
def test_invalid_profiles_are_rejected(text: str, message: str):
    """The message is one line with the value and the valid ones."""
    with pytest.raises(ValidationError) as caught:
        read(PROFILE, text)
    lines = [error["msg"] for error in caught.value.errors()]
    assert any(message in line for line in lines), lines
    assert not any("\n" in line for line in lines)


AT_TEXT = "{10m: pause, 5m: {burst: 50000}, 11m: resume, 12m: {rate: 10k/s, over: 2m}}"


def test_a_script_is_sorted_by_time():
    """Changes are in ascending order of time for any order in the file."""
    script = scripted_changes(read(AT, AT_TEXT))
    assert script == (
        (300 * NS, Burst(50_000)),
        (600 * NS, PauseChange.PAUSE),
        (660 * NS, PauseChange.RESUME),
        (720 * NS, RateChange(constant_rate(10_000), 120 * NS)),
    )


def test_scripts_round_trip():
    """A dumped script has the keys of the file, and is parsed as an equal script."""
    at = read(AT, AT_TEXT)
    dumped = AT.dump_python(at, mode="json", by_alias=True, exclude_defaults=True)
    assert dumped == {
        "5m": {"burst": 50_000},
        "10m": "pause",
        "11m": "resume",
        "12m": {"rate": {"constant": "10000/s"}, "over": "2m"},
    }
    assert AT.validate_python(dumped) == at
    jsonschema.validate(yaml.safe_load(AT_TEXT), AT.json_schema(by_alias=True))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{5m: stop}", "unknown change 'stop'; expected pause, resume, {burst: 50000} or"),
        ("{5m: resum}", "; did you mean 'resume'?"),
        ("{5m: {brust: 5}}", "unknown change 'brust'; did you mean 'burst'? Expected pause,"),
        ("{5m: null}", "missing change; expected"),
        ("{5m: {}}", "missing change; expected"),
        ("{5m: burst}", "'burst' is not a change"),
        ("{5m: [pause]}", "['pause'] is not a change"),
        ("{5m: pause, 300s: resume}", "the same time as 5m; change one of them"),
        ("{5m: {rate: 5, over: 8d}}", "8d is outside [1ms, 7d]"),
        ("{5m: {rate: 5, over: 0s}}", "0s is outside [1ms, 7d]"),
        ("{soon: pause}", "'soon' is not a duration"),
        ("{-5: pause}", "-5 is not a duration"),
        ("{5m: {burst: 0}}", "greater than or equal to 1"),
        ("{5m: {burst: 20000000}}", "less than or equal to 10000000"),
        ("{5m: {burst: 5, rate: 1}}", "Extra inputs are not permitted"),
        ("{5m: {over: 1m}}", "Field required"),
        ("{5m: {rate: max}}", "rate max cannot be scripted"),
        ("{5m: {rate: {rows: 5, every: 1s}, over: 1m}}", "over requires a constant rate"),
        ("[pause]", "at is not a mapping of times to changes"),
    ],
)
def test_invalid_scripts_are_rejected(text: str, message: str):
    """The message names the value and the valid ones."""
    with pytest.raises(ValidationError) as caught:
        read(AT, text)
    lines = [error["msg"] for error in caught.value.errors()]
    assert any(message in line for line in lines), lines


def test_a_script_requires_a_rate():
    """A script with `rate: max` is rejected; an empty script is not."""
    check_script_rate(read(PROFILE, "max"), {})
    check_script_rate(read(PROFILE, "5/s"), read(AT, AT_TEXT))
    with pytest.raises(ValueError, match="at cannot be combined with rate max"):
        check_script_rate(read(PROFILE, "max"), read(AT, AT_TEXT))


@pytest.mark.parametrize(
    "text",
    ["50/h", "{ramp: {from: 7/min, to: 1/h, over: 2h}}", "{steps: [{rate: 50/h, for: 72s}]}",
     "{steps: [{rate: 7/min, for: 1m}, {rate: 0/h, for: 1m}], repeat: true}"],
)  # fmt: skip
def test_rates_per_minute_and_hour_are_exact(text: str):
    """They are so in every profile, and in its text, which a recipe contains."""
    profile = read(PROFILE, text)
    again = PROFILE.validate_python(
        profile.model_dump(mode="json", by_alias=True, exclude_unset=True)
    )
    assert again == profile
    arrivals = profile.target_rate().arrivals
    rows_per_h = {"5": 50, "{r": 315, "{s": 50 if "72s" in text else 210}[text[:2].rstrip("0")]
    assert arrivals.due_rows(3_600 * 10**9 - 1) == pytest.approx(rows_per_h, abs=1)
