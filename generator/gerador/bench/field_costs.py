"""Cost of each field of a stream: generating and encoding its values."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from gerador.encoding.formats import value_encoder
from gerador.encoding.partitioner import partitions_by_key
from gerador.limits import BLOCK_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gerador.bench.stream_stages import StreamStages


BLOCKS: Final = 4
"""Blocks generated field by field in each round."""
KEY: Final = "(key)"
"""Name for encoding keys and computing partitions; not a valid field name."""
_NS: Final = 1e9


@dataclass(frozen=True, slots=True)
class FieldCost:
    """CPU nanoseconds per row, and the share of all fields' CPU time."""

    name: str
    generate_ns: float
    encode_ns: float
    """0.0 for a hidden field."""
    share: float


def measure_field_costs(stages: StreamStages, rounds: int) -> tuple[FieldCost, ...]:
    """Return the cost of each field, highest first: the minimum of several rounds.

    The key is a separate entry. The cost of a lookup field includes generating the rows of the
    other stream.
    """
    generate_ns: dict[str, float] = {}
    encode_ns: dict[str, float] = {}
    for _ in range(rounds):
        _keep_minimum(generate_ns, _generation_ns(stages))
        _keep_minimum(encode_ns, _encoding_ns(stages))
    total = sum(generate_ns.values()) + sum(encode_ns.values())
    costs = [
        FieldCost(name, g, e, (g + e) / total)
        for name in generate_ns | encode_ns
        for g, e in [(generate_ns.get(name, 0.0), encode_ns.get(name, 0.0))]
    ]
    return tuple(sorted(costs, key=lambda cost: -cost.share))


def _keep_minimum(best: dict[str, float], found: Mapping[str, float]) -> None:
    for name, cost in found.items():
        best[name] = min(cost, best.get(name, cost))


def _generation_ns(stages: StreamStages) -> dict[str, float]:
    """Return the CPU nanoseconds per row to generate each field."""
    spent: dict[str, float] = defaultdict(float)
    blocks = stages.blocks(BLOCKS)
    for index in blocks:
        began_s = time.process_time()
        for name in stages.rows.generate_fields(index):
            now_s = time.process_time()
            spent[name] += now_s - began_s
            began_s = now_s
    return {name: s * _NS / (len(blocks) * BLOCK_ROWS) for name, s in spent.items()}


def _encoding_ns(stages: StreamStages) -> dict[str, float]:
    """Return the CPU nanoseconds per row to encode each field, and the key."""
    index = stages.blocks(1)[0]
    chunk = next(stages.rows.chunks(index * BLOCK_ROWS, (index + 1) * BLOCK_ROWS))
    record, form = stages.spec.schema.root, stages.spec.output.format
    encoders = [value_encoder(replace(record, fields=(f,)), form, b"") for f in record.fields]
    costs = {
        field.name: _ns_per_row(partial(encoder.encode, chunk.columns.select([field.name])))
        for field, encoder in zip(record.fields, encoders, strict=True)
    }
    keys, count = stages.encoder.keys, stages.encoder.partitions
    if keys is not None and stages.spec.key is not None:
        encode = keys.encode
        column = chunk.columns.column(stages.spec.key)
        costs[KEY] = _ns_per_row(lambda: partitions_by_key(encode(column), 0, count))
    return costs


def _ns_per_row(work: Callable[[], object]) -> float:
    work()  # encoded dictionaries are cached
    began_s = time.process_time()
    work()
    return (time.process_time() - began_s) * _NS / BLOCK_ROWS
