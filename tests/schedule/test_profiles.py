"""What a file's `rate:` and `at:` may say, what it means, and how the rest is refused."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from gerador.schedule.changes import Burst, Halt, RateChange
from gerador.schedule.profiles import LoadProfile, to_target_rate
from gerador.schedule.scripted_changes import Script, check_script_rate, scripted_changes
from gerador.schedule.target_rate import MAX, constant_rate, generations_rate, with_poisson_arrivals

COURSE: TypeAdapter[Any] = TypeAdapter(LoadProfile)
AT: TypeAdapter[Any] = TypeAdapter(Script)
NS = 10**9

WRITTEN = [
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
    """Return what a file's text declares."""
    return adapter.validate_python(yaml.safe_load(text))


@pytest.mark.parametrize(("text", "told"), WRITTEN)
def test_a_rate_means_what_it_says(text: str, told: str):
    """Each form becomes the pace of its words."""
    assert str(to_target_rate(read(COURSE, text))) == told


@pytest.mark.parametrize("text", [text for text, _ in WRITTEN])
def test_what_is_dumped_reads_as_the_same(text: str):
    """A declaration that is written to a file again, as JSON or YAML, is the same declaration."""
    course = read(COURSE, text)
    dumped = COURSE.dump_python(course, mode="json", by_alias=True)
    assert COURSE.validate_python(dumped) == course
    assert read(COURSE, yaml.safe_dump(json.loads(json.dumps(dumped)))) == course


@pytest.mark.parametrize("text", [text for text, _ in WRITTEN])
def test_an_editor_accepts_what_is_accepted(text: str):
    """The JSON Schema of a rate takes each form, also the short ones."""
    jsonschema.validate(yaml.safe_load(text), COURSE.json_schema(by_alias=True))


def test_constants_are_the_paces_there_have_always_been():
    """Constant rates, generations and full speed are no shapes."""
    assert to_target_rate(read(COURSE, "10k/s")) == constant_rate(10_000)
    assert to_target_rate(read(COURSE, "max")) is MAX
    assert to_target_rate(read(COURSE, "{rows: 10, every: 0.5}")) == generations_rate(10, 0.5)
    arrivals = read(COURSE, "{rows: 10, every: 0.5, poisson: true}")
    assert to_target_rate(arrivals) == with_poisson_arrivals(constant_rate(20))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fast", "rate 'fast': a rate looks like 500, 10k, 1.5M or max"),
        ("-1", "rate -1: a rate looks like"),
        ("0", "rate 0/s: no row would ever be due; give 0.001/s or more"),
        ("11M", "rate '11M': must be 0.001 to 10000000 rows per second"),
        ("1000.5", "rate 1000.5: too fine"),
        ("true", "True is no rate"),
        ("null", "None is no rate; write 500/s, max, or a shape"),
        ("[]", "[] is no rate"),
        ("{}", "rate with nothing: give one of constant, diurnal, ramp, rows, sine, steps"),
        ("{sin: {}}", "rate with sin: give one of"),
        ("{sin: {}}", "(did you mean 'sine'?)"),
        ("{constant: 1, sine: {}}", "rate has constant and sine; give one of them"),
        ("{constant: max, poisson: true}", "nothing arrives by the clock"),
        ("{constant: 5, poison: true}", "Extra inputs are not permitted"),
        ("{rows: 0, every: 1s}", "greater than or equal to 1"),
        ("{rows: 5, every: 2d}", "every 2d: give 1ms to 1d"),
        ("{rows: 5, every: soon}", "'soon' is no duration; it looks like 30s, 5m, 1h or 500ms"),
        ("{rows: 5}", "Field required"),
        ("{ramp: {from: max, to: 5, over: 1m}}", "rate max stands for itself only"),
        ("{ramp: {from: 0, to: 0, over: 1m}}", "ramp: every rate is 0/s"),
        ("{ramp: {from: 0, to: 5, over: 0s}}", "'0s': give a time above zero"),
        ("{ramp: {from: 0, to: 5, over: 9d}}", "over 9d: give 1ms to 7d"),
        ("{sine: {from: 1, to: 2, period: 10ms}}", "period 10ms: give 1s to 7d"),
        ("{sine: {from: 0, to: 0.01, period: 1m}}", "sine: less than one row in 1m"),
        ("{diurnal: {low: 1, high: 2, peak: 24}}", "less than 24"),
        ("{diurnal: {low: 3, high: 2, peak: 4}}", "low is above high"),
        ("{steps: []}", "at least 1 item"),
        ("{steps: [{rate: 0, for: 1s}]}", "steps: every rate is 0/s"),
        ("{steps: [{rate: 0.1, for: 1s}], repeat: true}", "less than one row a turn"),
        ("{steps: [{rate: 5, for: 4d}, {rate: 5, for: 4d}]}", "longer than 7d together"),
    ],
)
def test_a_rate_that_makes_no_sense_is_one_line(text: str, told: str):
    """The line names the value and what is right."""
    with pytest.raises(ValidationError) as refused:
        read(COURSE, text)
    lines = [error["msg"] for error in refused.value.errors()]
    assert any(told in line for line in lines), lines
    assert not any("\n" in line for line in lines)


AT_TEXT = "{10m: pause, 5m: {burst: 50000}, 11m: resume, 12m: {rate: 10k/s, over: 2m}}"


def test_a_script_stands_in_the_order_of_time():
    """Whatever the order in the file, changes ascend by their instants."""
    script = scripted_changes(read(AT, AT_TEXT))
    assert script == (
        (300 * NS, Burst(50_000)),
        (600 * NS, Halt.PAUSE),
        (660 * NS, Halt.RESUME),
        (720 * NS, RateChange(constant_rate(10_000), 120 * NS)),
    )


def test_a_script_is_dumped_as_it_is_written():
    """Written again, a script has the words of the file, and reads as the same."""
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
    ("text", "told"),
    [
        ("{5m: stop}", "'stop' is no change; write pause, resume, {burst: 50000} or"),
        ("{5m: resum}", "(did you mean 'resume'?)"),
        ("{5m: {brust: 5}}", "(did you mean 'burst'?)"),
        ("{5m: null}", "None is no change"),
        ("{5m: [pause]}", "['pause'] is no change"),
        ("{5m: pause, 300s: resume}", "the same time as 5m; write one of them later"),
        ("{5m: {rate: 5, over: 8d}}", "over 8d: give 1ms to 7d"),
        ("{5m: {rate: 5, over: 0s}}", "over 0s: give 1ms to 7d"),
        ("{soon: pause}", "'soon' is no duration"),
        ("{-5: pause}", "-5 is no duration"),
        ("{5m: {burst: 0}}", "greater than or equal to 1"),
        ("{5m: {burst: 20000000}}", "less than or equal to 10000000"),
        ("{5m: {burst: 5, rate: 1}}", "Extra inputs are not permitted"),
        ("{5m: {over: 1m}}", "Field required"),
        ("{5m: {rate: max}}", "so that it cannot be planned"),
        ("{5m: {rate: {rows: 5, every: 1s}, over: 1m}}", "over goes with a constant rate only"),
        ("[pause]", "at is a mapping of times to changes"),
    ],
)
def test_a_script_that_makes_no_sense_is_one_line(text: str, told: str):
    """The line names the value and what is right."""
    with pytest.raises(ValidationError) as refused:
        read(AT, text)
    lines = [error["msg"] for error in refused.value.errors()]
    assert any(told in line for line in lines), lines


def test_no_script_goes_with_full_speed():
    """A script over `rate: max` is refused with the reason; without changes there is nothing."""
    check_script_rate(read(COURSE, "max"), {})
    check_script_rate(read(COURSE, "5/s"), read(AT, AT_TEXT))
    with pytest.raises(ValueError, match="the row at an instant depends on the machine"):
        check_script_rate(read(COURSE, "max"), read(AT, AT_TEXT))
