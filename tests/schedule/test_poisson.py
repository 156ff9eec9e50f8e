"""Poisson arrivals: distribution, exact long-run rate, and independence of access."""

from __future__ import annotations

import numpy as np

from gerador.randomness import StreamSeeds
from gerador.schedule import curves
from gerador.schedule.poisson import CELL_ROWS, PoissonArrivals, _scale
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate, curve_rate, with_poisson_arrivals
from tests.schedule.generated_schedules import NS, START_NS


def arrivals(seed: int = 42, rows_per_s: float = 1_000) -> PoissonArrivals:
    """Return Poisson arrivals over a constant rate."""
    return PoissonArrivals(constant_rate(rows_per_s).arrivals, StreamSeeds(seed, "s"), 0)


def times(process: PoissonArrivals, cells: int) -> np.ndarray:
    """Return the times of the rows of the first cells."""
    every = [process.elapsed_ns_range(c * CELL_ROWS, (c + 1) * CELL_ROWS) for c in range(cells)]
    return np.concatenate(every)


def test_the_gaps_vary_as_much_as_they_are_long():
    """The coefficient of variation of the times between arrivals is 1."""
    gaps = np.diff(times(arrivals(), 40))
    assert 0.97 < gaps.std() / gaps.mean() < 1.03


def test_counts_of_short_windows_are_poisson():
    """A chi-square test of counts in windows of five rows does not reject Poisson."""
    at = times(arrivals(), 80)
    window_ns = 5_000_000
    counts = np.bincount(at // window_ns, minlength=int(at[-1] // window_ns))[:-1]
    top = 12
    share = np.exp(-5) * np.cumprod(np.r_[1.0, 5 / np.arange(1, top)])
    share = np.r_[share, 1 - share.sum()]
    seen = np.bincount(np.minimum(counts, top), minlength=top + 1)
    chi_square = ((seen - share * len(counts)) ** 2 / (share * len(counts))).sum()
    assert chi_square < 26.2  # 12 degrees of freedom: 1 % of Poisson samples are above


def test_every_cell_has_its_rows():
    """The long-run rate is exact: each cell of the base has as many arrivals as rows."""
    process = arrivals()
    for cell in (1, 7, 1_000):
        end_ns = process.base.elapsed_ns(cell * CELL_ROWS)
        assert process.due_rows(end_ns - 1) == cell * CELL_ROWS


def test_the_last_arrivals_of_a_cell_may_be_pending():
    """With all base rows of a cell due, arrivals after the last of them are not due yet."""
    process, pending = arrivals(), 0
    for cell in range(1, 30):
        now_ns = process.base.elapsed_ns(cell * CELL_ROWS - 1)
        arrived = int((times(process, cell) <= now_ns).sum())
        assert process.due_rows(now_ns) == arrived
        assert process.due_rows_many(np.array([now_ns])).tolist() == [arrived]
        pending += cell * CELL_ROWS - arrived
    assert pending > 0


def test_arrivals_depend_on_seed_and_origin():
    """Another seed, or another segment of the same stream, has other arrivals."""
    one = times(arrivals(), 2)
    assert np.array_equal(times(arrivals(), 2), one)
    assert not np.array_equal(times(arrivals(43), 2), one)
    later = PoissonArrivals(constant_rate(1_000).arrivals, StreamSeeds(42, "s"), CELL_ROWS * 9)
    assert not np.array_equal(times(later, 2), one)


def test_arrivals_follow_the_rate():
    """Over a sine most arrivals are where the rate is high."""
    target_rate = with_poisson_arrivals(curve_rate(curves.sine(100, 1_900, 100 * NS)))
    schedule = Schedule.starting(START_NS, target_rate, seeds=StreamSeeds(1, "s"))
    due = [schedule.due_rows(START_NS + s * NS) for s in (0, 25, 75, 100)]
    low = due[1] - due[0] + due[3] - due[2]  # type: ignore[operator]
    high = due[2] - due[1]  # type: ignore[operator]
    assert 0.18 < low / (low + high) < 0.25  # the integral is 0.2135


def test_fractions_of_a_gap_are_exact():
    """Fractions of long gaps are floored exactly, without 64-bit overflow."""
    rng = StreamSeeds(3, "s").rng("gaps", 0)
    gaps = (rng.words(500) >> np.uint64(3)).astype(np.int64)
    fractions = (rng.words(500) >> np.uint64(32)).astype(np.int64)
    exact = [int(g) * int(f) >> 32 for g, f in zip(gaps, fractions, strict=True)]
    assert _scale(gaps, fractions).tolist() == exact
