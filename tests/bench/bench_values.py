"""How fast each kind of number and choice is made: rows a second of a column, side by side.

Run by hand: ``python tests/bench/bench_values.py [kind …]``. Best of several spans of blocks that
were not made before, one thread, by the processor's time; each also as a share of the plain
uniform whole numbers beside it. Tables (Poisson's, ranks') are made before.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from gerador.events.limits import BLOCK_ROWS
from gerador.events.pace import MAX
from gerador.events.rows import StreamRows
from gerador.events.schedule import Schedule
from gerador.scenario.avro import parse_avro
from gerador.scenario.fields import (
    BetaField,
    ChoiceField,
    ConstantField,
    ExponentialField,
    LognormalField,
    LoguniformField,
    NormalField,
    PoissonField,
    SequenceField,
    TriangularField,
    TurnsField,
    UniformField,
    ZipfField,
)
from gerador.scenario.model import StreamSpec

if TYPE_CHECKING:
    from gerador.scenario.fields import FieldSpec

BLOCKS = 24
SPANS = 5
ROWS_PER_S_MIN = 1_000_000
"""Below it a kind is marked."""
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
DRAWN = UniformField(min=1, max=30)
KINDS: dict[str, tuple[Any, FieldSpec]] = {
    "uniform, whole": ("int", UniformField(min=0, max=999)),
    "uniform, cents": ("double", UniformField(min=0, max=999, decimals=2)),
    "uniform, decimal": (DECIMAL, UniformField(min=0, max=999)),
    "uniform, wide decimal": (WIDE, UniformField(min=0, max=999)),
    "uniform, by step": ("double", UniformField(min=0, max=999, step=0.25)),
    "uniform, drawn ends": ("double", UniformField(min=0, max=NormalField(mean=9))),
    "uniform, unique": ("long", UniformField(min=0, max=10**12, unique=True)),
    "normal": ("double", NormalField()),
    "normal, cut": ("double", NormalField(min=-1, max=1)),
    "normal, drawn mean": ("double", NormalField(mean=DRAWN)),
    "lognormal": ("double", LognormalField()),
    "exponential": ("double", ExponentialField(mean=30)),
    "poisson of 2": ("int", PoissonField(mean=2)),
    "poisson of a million": ("int", PoissonField(mean=1_000_000)),
    "poisson, drawn mean": ("int", PoissonField(mean=DRAWN)),
    "poisson, drawn, 900": ("int", PoissonField(mean=UniformField(min=900, max=999))),
    "poisson, drawn, large": ("int", PoissonField(mean=UniformField(min=10**4, max=10**5))),
    "zipf of 1,000": ("int", ZipfField(exponent=1.1, max=1_000)),
    "zipf of 10,000,000": ("int", ZipfField(exponent=1.1, max=10_000_000)),
    "beta": ("double", BetaField(a=2, b=3)),
    "loguniform": ("double", LoguniformField(min=1, max=100)),
    "triangular": ("double", TriangularField(min=0, mode=1, max=4)),
    "sequence": ("long", SequenceField()),
    "sequence, restarting": ("long", SequenceField(step=7, restart=1_000)),
    "sequence, text": ("string", SequenceField()),
    "sequence, boolean": ("boolean", SequenceField(start=True)),
    "turns": ("int", TurnsField(of=1_000)),
    "constant, text": ("string", ConstantField(value="a")),
    "constant, record": (POINT, ConstantField(value={"x": 1, "t": "a", "l": [1.5, 2.5]})),
    "choice, text": ("string", ChoiceField(values=list("abcdefgh"))),
    "choice, weighted": ("string", ChoiceField(values=list("abc"), weights=[1, 2, 3])),
    "choice, numbers": ("double", ChoiceField(values=[1, 2.5, 3])),
    "choice, records": (
        POINT,
        ChoiceField(values=[{"x": n, "t": None, "l": [0.5] * n} for n in range(4)]),
    ),
    "choice, unions": (["int", "string", POINT], ChoiceField(values=[1, "a", 2, "b"])),
}


def table(kind: Any, declared: FieldSpec) -> StreamRows:
    """Return the table of one field."""
    fields = [{"name": "x", "type": kind}]
    schema = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))
    rows = SPANS * BLOCKS * BLOCK_ROWS if declared.unique else None
    spec = StreamSpec(name="s", topic="s", schema=schema, fields={"x": declared}, rows=rows)
    return StreamRows(spec, 42, Schedule.starting(1_767_225_600_000_000_000, MAX))


def best_rows_per_s(made: StreamRows) -> float:
    """Return the best rate over spans of blocks that were not made before."""
    best = 0.0
    for span in range(SPANS):
        first = span * BLOCKS * BLOCK_ROWS
        began_s = time.process_time()
        rows = sum(t.columns.num_rows for t in made.tiles(first, first + BLOCKS * BLOCK_ROWS))
        best = max(best, rows / (time.process_time() - began_s))
    return best


def main() -> None:
    """Print rows per second of each kind that is asked for, or of all."""
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
