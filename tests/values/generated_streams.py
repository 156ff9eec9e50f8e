"""Streams of a few fields for tests, their rows, and a check of all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gerador.avro.load import parse_avro
from gerador.events.stream_set import StreamSet
from gerador.scenario.stream_spec import StreamSpec
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values import AnyGenerator

START_NS = 1_767_225_600_000_000_000
STAMP = {"type": "long", "logicalType": "timestamp-millis"}
DATE = {"type": "int", "logicalType": "date"}
BOUNDARY = 16_384
"""The first row of the second block."""


def spec(
    name: str, types: Mapping[str, Any], fields: Mapping[str, AnyGenerator], rows: int | None = None
) -> StreamSpec:
    """Return a stream whose fields have these Avro types (JSON) and generators."""
    record = {"type": "record", "name": name.title().replace("-", "")}
    record["fields"] = [{"name": n, "type": t} for n, t in types.items()]
    schema = parse_avro(json.dumps(record))
    return StreamSpec(name=name, topic=name, schema=schema, fields=dict(fields), rows=rows)


def tables(*specs: StreamSpec, rows_per_s: int = 1_000, seed: int = 7) -> StreamSet:
    """Return the rows of streams that have the same rate."""
    schedule = Schedule.starting(START_NS, constant_rate(rows_per_s))
    return StreamSet(specs, seed, {s.name: schedule for s in specs})


def columns(made: StreamSet, name: str, a: int, b: int) -> dict[str, list[Any]]:
    """Return rows [a, b) of a stream as lists by field."""
    rows = made.rows_of(name).rows(a, b)
    rows.validate(full=True)
    return {field: rows[field].to_pylist() for field in rows.schema.names}


def assert_any_cut(*specs: StreamSpec, name: str, cuts: tuple[int, ...] = (1, 9, 30)) -> None:
    """Assert that rows around the end of a block are the same in any cut, of other tables."""
    a, b = BOUNDARY - 20, BOUNDARY + 20
    whole = tables(*specs).rows_of(name).rows(a, b).to_pylist()
    for cut in cuts:
        made = tables(*specs).rows_of(name)
        after = made.rows(a + cut, b).to_pylist()  # the later part first
        assert made.rows(a, a + cut).to_pylist() + after == whole
