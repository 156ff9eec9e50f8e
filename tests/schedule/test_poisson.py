"""Poisson arrivals look like some, are the same from any side, and keep the long-run rate."""

from __future__ import annotations

import numpy as np

from gerador.randomness import StreamSeeds
from gerador.schedule import curves
from gerador.schedule.poisson import CELL_ROWS, PoissonArrivals, _scale
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate, curve_rate, with_poisson_arrivals
from tests.schedule.generated_schedules import NS, START_NS


def arrivals(seed: int = 42, rows_per_s: float = 1_000) -> PoissonArrivals:
    """Return arrivals over a constant rate."""
    return PoissonArrivals(constant_rate(rows_per_s).course, StreamSeeds(seed, "s"), 0)


def times(course: PoissonArrivals, cells: int) -> np.ndarray:
    """Return the instants of the first rows."""
    every = [course.elapsed_many(c * CELL_ROWS, (c + 1) * CELL_ROWS) for c in range(cells)]
    return np.concatenate(every)


def test_the_gaps_vary_as_much_as_they_are_long():
    """The coefficient of variation of the times between arrivals is 1."""
    gaps = np.diff(times(arrivals(), 40))
    assert 0.97 < gaps.std() / gaps.mean() < 1.03


def test_counts_of_short_windows_are_poisson():
    """A chi-square test of counts in windows of five rows does not tell them from Poisson's."""
    at = times(arrivals(), 80)
    window_ns = 5_000_000
    counts = np.bincount(at // window_ns, minlength=int(at[-1] // window_ns))[:-1]
    top = 12
    share = np.exp(-5) * np.cumprod(np.r_[1.0, 5 / np.arange(1, top)])
    share = np.r_[share, 1 - share.sum()]
    seen = np.bincount(np.minimum(counts, top), minlength=top + 1)
    chi_square = ((seen - share * len(counts)) ** 2 / (share * len(counts))).sum()
    assert chi_square < 26.2  # 12 degrees of freedom: 1 % of honest samples are above


def test_every_cell_has_its_rows():
    """The long-run rate is exact: each cell of the base holds as many arrivals as rows."""
    course = arrivals()
    for cell in (1, 7, 1_000):
        end_ns = course.base.elapsed_ns(cell * CELL_ROWS)
        assert course.due(end_ns - 1) == cell * CELL_ROWS


def test_at_the_edge_of_a_cell_the_last_arrivals_may_be_to_come():
    """With all base rows of a cell due, arrivals on the way to the next row are not due yet."""
    course, to_come = arrivals(), 0
    for cell in range(1, 30):
        now_ns = course.base.elapsed_ns(cell * CELL_ROWS - 1)
        arrived = int((times(course, cell) <= now_ns).sum())
        assert course.due(now_ns) == arrived
        assert course.due_many(np.array([now_ns])).tolist() == [arrived]
        to_come += cell * CELL_ROWS - arrived
    assert to_come > 0


def test_arrivals_follow_the_seed_and_the_course():
    """Another seed, or another course of the same stream, has other arrivals."""
    one = times(arrivals(), 2)
    assert np.array_equal(times(arrivals(), 2), one)
    assert not np.array_equal(times(arrivals(43), 2), one)
    later = PoissonArrivals(constant_rate(1_000).course, StreamSeeds(42, "s"), CELL_ROWS * 9)
    assert not np.array_equal(times(later, 2), one)


def test_arrivals_are_as_dense_as_the_rate():
    """Over a wave most arrivals come where the rate is high."""
    pace = with_poisson_arrivals(curve_rate(curves.sine(100, 1_900, 100 * NS)))
    schedule = Schedule.starting(START_NS, pace, seeds=StreamSeeds(1, "s"))
    due = [schedule.due_rows(START_NS + s * NS) for s in (0, 25, 75, 100)]
    low = due[1] - due[0] + due[3] - due[2]  # type: ignore[operator]
    high = due[2] - due[1]  # type: ignore[operator]
    assert 0.18 < low / (low + high) < 0.25  # the integral says 0.2135


def test_the_part_of_a_gap_is_exact():
    """Fractions of long gaps are floored exactly, without leaving 64 bits."""
    draws = StreamSeeds(3, "s").draws("gaps", 0)
    gaps = (draws.words(500) >> np.uint64(3)).astype(np.int64)
    fractions = (draws.words(500) >> np.uint64(32)).astype(np.int64)
    exact = [int(g) * int(f) >> 32 for g, f in zip(gaps, fractions, strict=True)]
    assert _scale(gaps, fractions).tolist() == exact
