"""Hypothesis strategies: target rates, and schedules with scripted and live changes."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.randomness import StreamSeeds
from gerador.schedule import curves
from gerador.schedule.changes import Burst, Change, PauseChange, RateChange
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import (
    MAX,
    PAUSED,
    TargetRate,
    constant_rate,
    curve_rate,
    generations_rate,
    with_poisson_arrivals,
)
from gerador.units import NS_PER_DAY

NS = 10**9
START_NS = 1_767_225_600_000_000_000
SEEDS = StreamSeeds(7, "courses")

levels = st.integers(1, 400_000).map(lambda n: n / 8)
spans = st.integers(1_000, 400_000).map(lambda ms: ms * 1_000_000)


@st.composite
def curve_rates(draw: st.DrawFn) -> TargetRate:
    """Draw a ramp, sine, diurnal or steps curve, with rates from 1/8 to 50,000 rows per second."""
    low, high, over = draw(levels), draw(levels), draw(spans)
    which = draw(st.sampled_from(["ramp", "down", "wave", "day", "steps"]))
    if which == "ramp":
        return curve_rate(curves.ramp(low, high, over))
    if which == "down":
        return curve_rate(curves.ramp(low, 0, over))
    if which == "wave":
        return curve_rate(curves.sine(low + 2, high, over, draw(st.integers(0, over))))
    if which == "day":
        return curve_rate(curves.diurnal(low, high, draw(st.integers(0, NS_PER_DAY - 1))))
    each = [(low + 2, over), *draw(st.lists(st.tuples(levels, spans), max_size=3))]
    return curve_rate(curves.steps(each, repeat=draw(st.booleans())))


constants = st.integers(125, 50_000_000).map(lambda n: constant_rate(n // 1_000 + 1))
cadences = st.builds(
    generations_rate, st.integers(1, 2_000), st.integers(1, 10_000).map(lambda n: n / 1_000)
)
ticking = st.one_of(constants, cadences, curve_rates())
clocked = ticking | ticking.map(with_poisson_arrivals)
target_rates = clocked | st.sampled_from([MAX, PAUSED])
changes = st.one_of(
    st.builds(Burst, st.integers(1, 3_000)),
    st.sampled_from(PauseChange),
    clocked.map(RateChange),
    st.builds(RateChange, constants, spans),
)


@st.composite
def scripts(draw: st.DrawFn) -> tuple[tuple[int, Change], ...]:
    """Draw up to four changes in the first two minutes."""
    at = sorted(draw(st.lists(st.integers(0, 120 * NS), max_size=4)))
    return tuple((offset_ns, draw(changes)) for offset_ns in at)


@st.composite
def scripted(draw: st.DrawFn) -> Schedule:
    """Draw a schedule with a timed rate and a script."""
    return Schedule.starting(START_NS, draw(clocked), seeds=SEEDS, script=draw(scripts()))


steps_ns = st.sampled_from([Fraction(10**6), Fraction(51 * 10**6, 50), Fraction(1, 3), Fraction(0)])


@st.composite
def changed_live(draw: st.DrawFn) -> Schedule:
    """Draw a scripted schedule, or one at full speed, with up to three live changes."""
    full = Schedule.starting(START_NS, MAX, seeds=SEEDS, event_step_ns=draw(steps_ns))
    schedule = draw(scripted() | st.just(full))
    now_ns, taken = START_NS, 0
    for change in draw(st.lists(changes | st.just(RateChange(MAX)), max_size=3)):
        now_ns += draw(st.integers(0, 40 * NS))
        due = schedule.due_rows(now_ns)
        taken = max(taken, draw(st.integers(0, 5_000)) + taken if due is None else due)
        try:
            taken, schedule = schedule.with_change(now_ns, taken, change)
        except SettingError as error:
            assert "rate max" in str(error)  # noqa: PT017
    return schedule


schedules = scripted() | changed_live()
