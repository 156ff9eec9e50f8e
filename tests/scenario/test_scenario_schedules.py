"""Schedules of a scenario's streams: event time steps, and recorded live changes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gerador.scenario.external_sources import ExternalTypes
from gerador.scenario.load import parse_scenario
from gerador.scenario.plan import event_time_step_ns, schedules_for

if TYPE_CHECKING:
    from pathlib import Path

    from gerador.scenario.plan import ScenarioPlan

START_NS = 1_700_000_000 * 10**9
STEERED = """
seed: 1
streams:
  a:
    rate: 100/s
    live_changes:
      - {row: 151, at: 1.5s, rate: 1k/s}
      - {row: 652, at: 2s, action: pause}
      - {row: 652, at: 3s, action: resume}
    fields: {n: sequence}
"""


def plan(text: str, folder: Path) -> ScenarioPlan:
    """Return the plan of a scenario's text."""
    return parse_scenario(text, "s.yaml", {}, ExternalTypes(folder))


def test_event_time_steps_at_an_unlimited_rate(tmp_path: Path):
    """Steps follow the weights; all streams together advance one millisecond per row."""
    text = "rate: max\nstreams:\n  a: {weight: 1, fields: {n: sequence}}\n"
    made = plan(text + "  b: {weight: 49, fields: {n: sequence}}\n", tmp_path)
    steps = [event_time_step_ns(made, stream) for stream in made.streams]
    assert steps == [50_000_000, Fraction(50_000_000, 49)]


def test_recorded_changes(tmp_path: Path):
    """Recorded live changes reproduce the schedule of the run."""
    schedule = schedules_for(plan(STEERED, tmp_path), START_NS, 1)["a"]
    assert schedule.due_rows(START_NS + 1_499_999_999) == 150
    assert schedule.due_rows(START_NS + 1_999_999_999) == 651
    assert schedule.due_rows(START_NS + 2_999_999_999) == 652
    assert schedule.due_rows(START_NS + 3_999_999_999) == 1_652
