"""The schedule segments in the details of a stream."""

from __future__ import annotations

from gerador.schedule.changes import Burst, RateChange
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate
from gerador.service.stream_detail import SEGMENTS_AHEAD_MAX, SEGMENTS_SHOWN_MAX, ScheduleSegment

NS = 10**9


def test_future_segments_are_listed():
    """Segments of scripted changes are listed with row, time and rate before they start."""
    schedule = Schedule.starting(0, constant_rate(10), script=((NS, Burst(5)),))
    assert [(s.row, s.at, s.target_rate) for s in ScheduleSegment.of(schedule, 0)] == [
        (0, "1970-01-01T00:00:00.000Z", "10/s"),
        (10, "1970-01-01T00:00:01.000Z", "5 at once"),
        (15, "1970-01-01T00:00:01.000Z", "10/s"),
    ]
    assert ScheduleSegment.of(None, None) == ()


def test_a_long_schedule_is_listed_around_now():
    """Of many segments the latest and the next ones are listed, oldest first."""
    script = tuple((n * NS, RateChange(constant_rate(10 + n))) for n in range(1, 400))
    schedule = Schedule.starting(0, constant_rate(10), script=script)
    shown = ScheduleSegment.of(schedule, 200 * NS)
    assert len(shown) == SEGMENTS_SHOWN_MAX
    assert shown[-1].target_rate == f"{10 + 200 + SEGMENTS_AHEAD_MAX}/s"
    assert ScheduleSegment.of(schedule, 0)[0].target_rate == "10/s"
    assert ScheduleSegment.of(schedule, 500 * NS)[-1].target_rate == "409/s"
