"""What an answer lists of a schedule: the stretches around now."""

from __future__ import annotations

from gerador.events.changes import Burst, NewPace
from gerador.events.pace import rate
from gerador.events.schedule import Schedule
from gerador.service.steering import STRETCHES_AHEAD_MAX, STRETCHES_SHOWN_MAX, Stretch

NS = 10**9


def test_planned_stretches_are_listed():
    """A script's stretches stand with their rows, instants and words, before they begin."""
    schedule = Schedule.starting(0, rate(10), script=((NS, Burst(5)),))
    assert [(s.row, s.at, s.pace) for s in Stretch.of(schedule, 0)] == [
        (0, "1970-01-01T00:00:00.000Z", "10/s"),
        (10, "1970-01-01T00:00:01.000Z", "5 at once"),
        (15, "1970-01-01T00:00:01.000Z", "10/s"),
    ]
    assert Stretch.of(None, None) == ()


def test_a_long_schedule_is_listed_around_now():
    """Of many stretches the newest and the next ones are listed, oldest first."""
    script = tuple((n * NS, NewPace(rate(10 + n))) for n in range(1, 400))
    schedule = Schedule.starting(0, rate(10), script=script)
    shown = Stretch.of(schedule, 200 * NS)
    assert len(shown) == STRETCHES_SHOWN_MAX
    assert shown[-1].pace == f"{10 + 200 + STRETCHES_AHEAD_MAX}/s"
    assert Stretch.of(schedule, 0)[0].pace == "10/s"
    assert Stretch.of(schedule, 500 * NS)[-1].pace == "409/s"
