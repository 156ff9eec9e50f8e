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
"""Blocks that a round makes a field at a time."""
KEY: Final = "(key)"
"""Stands for the encoding of keys and the choice of partitions; no field is called so."""
_NS: Final = 1e9


@dataclass(frozen=True, slots=True)
class FieldCost:
    """Nanoseconds of the processor's time a row, and the share of all fields' time."""

    name: str
    made_ns: float
    encoded_ns: float
    """0.0 of a hidden field."""
    share: float


def measure_field_costs(lone: StreamStages, rounds: int) -> tuple[FieldCost, ...]:
    """Return what each field costs, the dearest first: of each the best of some rounds.

    The key is a field of its own. A field that looks up rows of another stream pays for those
    that are made for it.
    """
    made: dict[str, float] = {}
    encoded: dict[str, float] = {}
    for _ in range(rounds):
        _keep_minimum(made, _generation_ns(lone))
        _keep_minimum(encoded, _encoding_ns(lone))
    total = sum(made.values()) + sum(encoded.values())
    found = [
        FieldCost(name, m, e, (m + e) / total)
        for name in made | encoded
        for m, e in [(made.get(name, 0.0), encoded.get(name, 0.0))]
    ]
    return tuple(sorted(found, key=lambda cost: -cost.share))


def _keep_minimum(best: dict[str, float], found: Mapping[str, float]) -> None:
    for name, cost in found.items():
        best[name] = min(cost, best.get(name, cost))


def _generation_ns(lone: StreamStages) -> dict[str, float]:
    """Return the nanoseconds a row that making each field takes."""
    spent: dict[str, float] = defaultdict(float)
    blocks = lone.blocks(BLOCKS)
    for index in blocks:
        began_s = time.process_time()
        for name in lone.rows.steps(index):
            now_s = time.process_time()
            spent[name] += now_s - began_s
            began_s = now_s
    return {name: s * _NS / (len(blocks) * BLOCK_ROWS) for name, s in spent.items()}


def _encoding_ns(lone: StreamStages) -> dict[str, float]:
    """Return the nanoseconds a row that encoding each field takes, and the key."""
    index = lone.blocks(1)[0]
    tile = next(lone.rows.tiles(index * BLOCK_ROWS, (index + 1) * BLOCK_ROWS))
    record, form = lone.spec.schema.root, lone.spec.output.format
    encoders = [value_encoder(replace(record, fields=(f,)), form, b"") for f in record.fields]
    costs = {
        field.name: _ns_per_row(partial(encoder.encode, tile.columns.select([field.name])))
        for field, encoder in zip(record.fields, encoders, strict=True)
    }
    if lone.keys is not None and lone.spec.key is not None:
        encode, count = lone.keys.encode, lone.partitions
        column = tile.columns.column(lone.spec.key)
        costs[KEY] = _ns_per_row(lambda: partitions_by_key(encode(column), 0, count))
    return costs


def _ns_per_row(work: Callable[[], object]) -> float:
    work()  # dictionaries are encoded once
    began_s = time.process_time()
    work()
    return (time.process_time() - began_s) * _NS / BLOCK_ROWS
