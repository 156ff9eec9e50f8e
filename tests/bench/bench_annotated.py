"""How fast rows of an annotated schema, and texts of each kind, are made and encoded.

Run it by hand: ``python -m tests.bench.bench_annotated``. One thread, by the processor's time,
the best of several spans. Nothing here is asserted: timings are not tests.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Final

from gerador.encoding.datum import DatumEncoder
from gerador.events.limits import BLOCK_ROWS
from gerador.events.pace import MAX
from gerador.events.rows import StreamRows
from gerador.events.schedule import Schedule
from gerador.scenario.avro import load_avro, parse_avro
from gerador.scenario.default import schema_file, spec_of
from gerador.scenario.fields import (
    FakerField,
    FieldSpec,
    IpField,
    LatitudeField,
    RegexField,
    SpanField,
    TextField,
    TimestampField,
)
from gerador.scenario.model import StreamSpec

BLOCKS: Final = 16
SPANS: Final = 5
ANNOTATED: Final = "usuarios_anotado.avsc"
TIME: Final = {"type": "long", "logicalType": "timestamp-millis"}
START: Final = datetime(2026, 1, 1, tzinfo=UTC)

KINDS: Final[dict[str, tuple[object, FieldSpec]]] = {
    "regex, few texts": ("string", RegexField(pattern="Item_[1-9][0-9]{0,2}")),
    "regex, one width": ("string", RegexField(pattern="[A-Z]{3}-[0-9]{4}")),
    "regex, one class": ("string", RegexField(pattern="[a-z ]{10,15}")),
    "regex, parts": ("string", RegexField(pattern="(GET|PUT) /[a-z]{3,9}/[0-9]{1,4}")),
    "regex, copies": ("string", RegexField(pattern="([a-z]{1,3}-)+end")),
    "regex, unique": ("string", RegexField(pattern="[A-Z]{3}[0-9]{7}", unique=True)),
    "text": ("string", TextField()),
    "text, prefix": ("string", TextField(prefix="x-")),
    "faker": ("string", FakerField(provider="name")),
    "ip, version 4": ("string", IpField(network="10.0.0.0/8")),
    "ip, version 6": ("string", IpField(network="2001:db8::/32")),
    "latitude": ("double", LatitudeField()),
    "span": ("double", SpanField()),
    "timestamp": (TIME, TimestampField(after=START, before=START.replace(year=2027))),
}


def spec_of_kind(kind: object, declared: FieldSpec) -> StreamSpec:
    """Return a stream of one declared field."""
    fields = [{"name": "x", "type": kind}]
    schema = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))
    return StreamSpec(name="s", topic="s", schema=schema, fields={"x": declared}, rows=2**30)


def best_rows_per_s(spec: StreamSpec) -> tuple[float, float]:
    """Return the best rates of making alone, and of making and encoding."""
    rows = StreamRows(spec, 42, Schedule.starting(1_767_225_600_000_000_000, MAX))
    encoder = DatumEncoder(spec.schema.root)
    made = both = 0.0
    size = BLOCKS * BLOCK_ROWS
    for span in range(SPANS):
        began_s = time.process_time()
        tiles = list(rows.tiles(span * size, (span + 1) * size))
        made_s = time.process_time()
        for tile in tiles:
            encoder.encode(tile.columns)
        done_s = time.process_time()
        made, both = max(made, size / (made_s - began_s)), max(both, size / (done_s - began_s))
    return made, both


def main() -> None:
    """Print both rates of the annotated schema, and of each kind."""
    specs = {ANNOTATED: spec_of(load_avro(schema_file(ANNOTATED)))}
    specs |= {name: spec_of_kind(*case) for name, case in KINDS.items()}
    for name, spec in specs.items():
        made, both = best_rows_per_s(spec)
        sys.stdout.write(f"{name:24} {made / 1e6:6.2f} M rows/s made, {both / 1e6:6.2f} encoded\n")


if __name__ == "__main__":
    main()
