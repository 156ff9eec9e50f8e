"""Throughput of generators that depend on other values: rows per second of a column.

Run by hand: ``python tests/bench/bench_derived.py [kind …]``. Best of several blocks that were not
generated before, one thread, CPU time; the fields that a column reads are generated before.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from gerador.avro.load import parse_avro
from gerador.events.stream_set import StreamSet
from gerador.scenario.stream_spec import StreamSpec
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate
from gerador.values.column import ALL_ROWS, Block
from gerador.values.counters import RoundRobinGenerator, SequenceGenerator
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.faker_pool import FakerGenerator
from gerador.values.random_walk import RandomWalkGenerator
from gerador.values.references import ReferenceGenerator
from gerador.values.sql.generator import SqlGenerator
from gerador.values.state_machine import StateMachineGenerator
from gerador.values.template import TemplateGenerator
from gerador.values.time_offset import TimeOffsetGenerator

if TYPE_CHECKING:
    from gerador.values import AnyGenerator

BLOCKS = 30
ROWS_PER_S_MIN = 300_000
"""Lower rates are marked."""
STAMP = {"type": "long", "logicalType": "timestamp-millis"}
ITEM = {"type": "record", "name": "Item", "fields": [{"name": "preco", "type": "double"}]}
SHOP = {
    "browse": {"to": {"cart": 1, "leave": 3}, "steps": {"poisson": 3}},
    "cart": {"to": {"browse": 1, "buy": 1}},
    "buy": {},
    "leave": {},
}
READ: dict[str, Any] = {
    "k": "int", "a": "double", "n": "long", "nome": "string", "at": STAMP, "texto": "string",
    "itens": {"type": "array", "items": ITEM}, "whole": "long", "near": "long",
}  # fmt: skip
READ_FIELDS: dict[str, AnyGenerator] = {
    "k": RoundRobinGenerator(count=1_000),
    "nome": FakerGenerator(provider="name"),
    "whole": ReferenceGenerator(field="p.id"),
    "near": ReferenceGenerator(field="q.id", recent=10_000),
}
KINDS: dict[str, tuple[Any, AnyGenerator]] = {
    "template, pool": ("string", TemplateGenerator(text="{nome|first|lower|ascii}@x.br")),
    "template, texts": ("string", TemplateGenerator(text="{texto|lower}@x.br")),
    "template, slug of texts": ("string", TemplateGenerator(text="{texto|slug}")),
    "template, numbers": ("string", TemplateGenerator(text="{n}-{a}")),
    "template, timestamp": ("string", TemplateGenerator(text="{at}")),
    "offset": (STAMP, TimeOffsetGenerator(field="at", by=60)),
    "offset, drawn": (STAMP, TimeOffsetGenerator(field="at", by=ExponentialDistribution(mean=30))),
    "from, long": ("long", ReferenceGenerator(field="p.id")),
    "from, text": ("string", ReferenceGenerator(field="p.nome")),
    "from, skewed, misses": (
        "string",
        ReferenceGenerator(field="p.nome", skew={"zipf": 1.2}, missing=0.01),  # type: ignore[arg-type]
    ),
    "from, row of another": ("string", ReferenceGenerator(field="p.nome", row_of="whole")),
    "from, recent": ("long", ReferenceGenerator(field="q.id", recent=10_000)),
    "from, recent text": ("string", ReferenceGenerator(field="q.nome", row_of="near")),
    "from, recent, a million": ("long", ReferenceGenerator(field="q.id", recent=1_000_000)),
    "walk by turns": ("double", RandomWalkGenerator(key="k")),
    "walk by time": ("double", RandomWalkGenerator(key="nome", every=1.0)),
    "states by turns": ("string", StateMachineGenerator(states=SHOP, key="k")),  # type: ignore[arg-type]
    "states by time": (
        "string",
        StateMachineGenerator(states=SHOP, key="texto", every=1.0),  # type: ignore[arg-type]
    ),
    "sql, numbers": ("double", SqlGenerator(text="a * n")),
    "sql, text": ("string", SqlGenerator(text="upper(nome) || n")),
    "sql, list": ("long", SqlGenerator(text="len(list_transform(itens, lambda i: i.preco * 2))")),
}


def spec(
    name: str, types: dict[str, Any], fields: dict[str, AnyGenerator], rows: int | None
) -> Any:
    """Return a stream."""
    record = {"type": "record", "name": f"R{name}"}
    record["fields"] = [{"name": n, "type": t} for n, t in types.items()]  # type: ignore[assignment]
    schema = parse_avro(json.dumps(record))
    return StreamSpec(name=name, topic=name, schema=schema, fields=fields, rows=rows)


def rows_per_s(kind: Any, declared: AnyGenerator) -> float:
    """Return the best rate of generating a column."""
    parent: dict[str, AnyGenerator] = {
        "id": SequenceGenerator(),
        "nome": FakerGenerator(provider="name"),
    }
    types = {"id": "long", "nome": "string"}
    specs = [
        spec("s", {**READ, "v": kind}, {**READ_FIELDS, "v": declared}, None),
        spec("p", types, parent, 10_000),
        spec("q", types, parent, None),
    ]
    schedule = Schedule.starting(1_767_225_600_000_000_000, constant_rate(100_000))
    rows = StreamSet(specs, 42, {s.name: schedule for s in specs}).rows_of("s")
    return max(_block(rows, 100 + n) for n in range(BLOCKS))


def _block(rows: Any, index: int) -> float:
    """Generate a block as `StreamRows` does, and return the last field's rate."""
    fields, rate_found = rows._fields, 0.0
    block = Block(index, rows._seeds, rows.schedule, 1_000)
    assert len(block.event_time_ms) == len(ALL_ROWS)
    for i in fields.order:
        began_s = time.process_time()
        block.generated[fields.paths[i]] = fields.columns[i].generate(block, ALL_ROWS)
        if fields.paths[i] == "v":
            rate_found = len(ALL_ROWS) / max(time.process_time() - began_s, 1e-9)
    return rate_found


def main(wanted: list[str]) -> None:
    """Print the rate of each generator."""
    for name, (kind, declared) in KINDS.items():
        if not wanted or any(name.startswith(word) for word in wanted):
            found = rows_per_s(kind, declared)
            mark = "" if found >= ROWS_PER_S_MIN else "  << too slow"
            sys.stdout.write(f"{name:26} {found / 1e6:8.2f} M rows/s{mark}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
