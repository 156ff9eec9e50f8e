"""Throughput of rows of the default stream: chunks, rows, and Faker row by row.

Run by hand: ``python tests/bench/bench_rows.py``. Best of several spans, one thread,
by the processor's time, so that neighbours on a shared machine disturb it less.
"""

from __future__ import annotations

import random
import sys
import time
from typing import TYPE_CHECKING

from faker import Faker

from gerador.events.rows import StreamRows
from gerador.limits import BLOCK_ROWS
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX, TargetRate, constant_rate, generations_rate

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCKS = 128
SPANS = 7
FAKER_ROWS = 3_000


def table(target_rate: TargetRate, generation_rows: int) -> StreamRows:
    """Return the rows of the default stream."""
    schedule = Schedule.starting(1_767_225_600_000_000_000, target_rate)
    return StreamRows(spec_for(generation_rows=generation_rows), 42, schedule)


def best_rows_per_s(make: Callable[[int, int], int]) -> float:
    """Return the best rate over spans of blocks that are not cached."""
    best = 0.0
    for span in range(SPANS):
        first = span * BLOCKS * BLOCK_ROWS
        began_s = time.process_time()
        made = make(first, first + BLOCKS * BLOCK_ROWS)
        best = max(best, made / (time.process_time() - began_s))
    return best


def chunks(made: StreamRows) -> Callable[[int, int], int]:
    """Return a function that generates rows as chunks."""
    return lambda a, b: sum(chunk.columns.num_rows for chunk in made.chunks(a, b))


def faker_rows(_a: int, _b: int) -> int:
    """Generate rows with Faker, one dict per row."""
    faker, rng = Faker("pt_BR"), random.Random(1)  # noqa: S311 - nothing secret here
    rows = [
        {"nome": faker.name(), "idade": rng.randint(18, 80), "cidade": faker.city(),
         "salario": round(rng.uniform(1_000, 15_000), 2), "cargo": faker.job()}
        for _ in range(FAKER_ROWS)
    ]  # fmt: skip
    return len(rows)


def main() -> None:
    """Print rows per second, and the ratio to Faker."""
    began_s = time.process_time()
    usual = table(generations_rate(1_000, 1), 1_000)
    ready_s = time.process_time() - began_s
    results = {
        "chunks, generations of 1,000": best_rows_per_s(chunks(usual)),
        "chunks, 500,000 rows/s": best_rows_per_s(chunks(table(constant_rate(500_000), 1_000))),
        "chunks, as fast as possible": best_rows_per_s(chunks(table(MAX, 1_000))),
        "chunks, generations of 1 row": best_rows_per_s(chunks(table(MAX, 1))),
        "rows, plain text": best_rows_per_s(lambda a, b: usual.rows(a, b).num_rows),
        "Faker, one dict at a time": best_rows_per_s(faker_rows),
    }
    slowest = results["Faker, one dict at a time"]
    sys.stdout.write(f"first table ready after {ready_s:.2f} s (Faker's import and pools)\n")
    for name, rows_per_s in results.items():
        sys.stdout.write(f"{name:<30}{rows_per_s:>14,.0f} rows/s {rows_per_s / slowest:>7.0f} x\n")


if __name__ == "__main__":
    main()
