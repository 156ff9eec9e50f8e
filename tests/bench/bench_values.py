"""Throughput of number and choice generators: rows per second of a column.

Run by hand: ``python tests/bench/bench_values.py [kind …]``. Best of several spans of blocks that
were not generated before, one thread, by the processor's time; each also as a share of the plain
uniform integers in the same run. Tables (Poisson's, ranks') are built before.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from gerador.avro.load import parse_avro
from gerador.events.rows import StreamRows
from gerador.limits import BLOCK_ROWS
from gerador.scenario.stream_spec import StreamSpec
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX
from gerador.values.choice import ChoiceGenerator, ConstantGenerator
from gerador.values.counters import RoundRobinGenerator, SequenceGenerator
from gerador.values.distributions.beta import BetaDistribution
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.loguniform import LoguniformDistribution
from gerador.values.distributions.normal import LognormalDistribution, NormalDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.distributions.triangular import TriangularDistribution
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.distributions.zipf import ZipfDistribution

if TYPE_CHECKING:
    from gerador.values import AnyGenerator

BLOCKS = 24
SPANS = 5
ROWS_PER_S_MIN = 1_000_000
"""Lower rates are marked."""
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}
WIDE = {"type": "bytes", "logicalType": "decimal", "precision": 60, "scale": 30}
POINT = {
    "type": "record",
    "name": "P",
    "fields": [
        {"name": "x", "type": "int"},
        {"name": "t", "type": ["null", "string"]},
        {"name": "l", "type": {"type": "array", "items": "double"}},
    ],
}
DRAWN = UniformDistribution(min=1, max=30)
KINDS: dict[str, tuple[Any, AnyGenerator]] = {
    "uniform, whole": ("int", UniformDistribution(min=0, max=999)),
    "uniform, cents": ("double", UniformDistribution(min=0, max=999, decimals=2)),
    "uniform, decimal": (DECIMAL, UniformDistribution(min=0, max=999)),
    "uniform, wide decimal": (WIDE, UniformDistribution(min=0, max=999)),
    "uniform, by step": ("double", UniformDistribution(min=0, max=999, step=0.25)),
    "uniform, drawn ends": ("double", UniformDistribution(min=0, max=NormalDistribution(mean=9))),
    "uniform, unique": ("long", UniformDistribution(min=0, max=10**12, unique=True)),
    "normal": ("double", NormalDistribution()),
    "normal, cut": ("double", NormalDistribution(min=-1, max=1)),
    "normal, drawn mean": ("double", NormalDistribution(mean=DRAWN)),
    "lognormal": ("double", LognormalDistribution()),
    "exponential": ("double", ExponentialDistribution(mean=30)),
    "poisson of 2": ("int", PoissonDistribution(mean=2)),
    "poisson of a million": ("int", PoissonDistribution(mean=1_000_000)),
    "poisson, drawn mean": ("int", PoissonDistribution(mean=DRAWN)),
    "poisson, drawn, 900": ("int", PoissonDistribution(mean=UniformDistribution(min=900, max=999))),
    "poisson, drawn, large": (
        "int",
        PoissonDistribution(mean=UniformDistribution(min=10**4, max=10**5)),
    ),
    "zipf of 1,000": ("int", ZipfDistribution(exponent=1.1, max=1_000)),
    "zipf of 10,000,000": ("int", ZipfDistribution(exponent=1.1, max=10_000_000)),
    "beta": ("double", BetaDistribution(a=2, b=3)),
    "loguniform": ("double", LoguniformDistribution(min=1, max=100)),
    "triangular": ("double", TriangularDistribution(min=0, mode=1, max=4)),
    "sequence": ("long", SequenceGenerator()),
    "sequence, restarting": ("long", SequenceGenerator(step=7, restart=1_000)),
    "sequence, text": ("string", SequenceGenerator()),
    "sequence, boolean": ("boolean", SequenceGenerator(start=True)),
    "turns": ("int", RoundRobinGenerator(count=1_000)),
    "constant, text": ("string", ConstantGenerator(value="a")),
    "constant, record": (POINT, ConstantGenerator(value={"x": 1, "t": "a", "l": [1.5, 2.5]})),
    "choice, text": ("string", ChoiceGenerator(values=list("abcdefgh"))),
    "choice, weighted": ("string", ChoiceGenerator(values=list("abc"), weights=[1, 2, 3])),
    "choice, numbers": ("double", ChoiceGenerator(values=[1, 2.5, 3])),
    "choice, records": (
        POINT,
        ChoiceGenerator(values=[{"x": n, "t": None, "l": [0.5] * n} for n in range(4)]),
    ),
    "choice, unions": (["int", "string", POINT], ChoiceGenerator(values=[1, "a", 2, "b"])),
}


def table(kind: Any, declared: AnyGenerator) -> StreamRows:
    """Return the rows of one field."""
    fields = [{"name": "x", "type": kind}]
    schema = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))
    rows = SPANS * BLOCKS * BLOCK_ROWS if declared.unique else None
    spec = StreamSpec(name="s", topic="s", schema=schema, fields={"x": declared}, rows=rows)
    return StreamRows(spec, 42, Schedule.starting(1_767_225_600_000_000_000, MAX))


def best_rows_per_s(made: StreamRows) -> float:
    """Return the best rate over spans of blocks that are not cached."""
    best = 0.0
    for span in range(SPANS):
        first = span * BLOCKS * BLOCK_ROWS
        began_s = time.process_time()
        rows = sum(t.columns.num_rows for t in made.chunks(first, first + BLOCKS * BLOCK_ROWS))
        best = max(best, rows / (time.process_time() - began_s))
    return best


def main() -> None:
    """Print rows per second of the given generators, or of all."""
    asked = sys.argv[1:] or list(KINDS)
    usual = best_rows_per_s(table(*KINDS["uniform, whole"]))
    for name in asked:
        rows_per_s = best_rows_per_s(table(*KINDS[name]))
        mark = "  slow" if rows_per_s < ROWS_PER_S_MIN else ""
        sys.stdout.write(
            f"{name:<24}{rows_per_s / 1e6:>9.1f} M rows/s {rows_per_s / usual:>6.2f} x{mark}\n"
        )


if __name__ == "__main__":
    main()
