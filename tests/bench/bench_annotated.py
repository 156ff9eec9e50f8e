"""Throughput of rows of an annotated schema, and of each text generator.

Run it with ``python -m tests.bench.bench_annotated``. One thread, CPU time, the best of several
spans. Nothing is asserted: timings are not tests.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from gerador.avro.load import load_avro, parse_avro
from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.events.rows import StreamRows
from gerador.limits import BLOCK_ROWS
from gerador.scenario.gallery import packaged_schema_path
from gerador.scenario.stream_spec import StreamSpec, spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX
from gerador.values.date_time import TimestampGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.faker_pool import FakerGenerator
from gerador.values.geo import LatitudeGenerator
from gerador.values.ip import IpGenerator
from gerador.values.regex.generator import RegexGenerator
from gerador.values.text import TextGenerator

if TYPE_CHECKING:
    from gerador.values import AnyGenerator

BLOCKS: Final = 16
SPANS: Final = 5
ANNOTATED: Final = "usuarios_anotado.avsc"
TIME: Final = {"type": "long", "logicalType": "timestamp-millis"}
START: Final = datetime(2026, 1, 1, tzinfo=UTC)

KINDS: Final[dict[str, tuple[object, AnyGenerator]]] = {
    "regex, few texts": ("string", RegexGenerator(pattern="Item_[1-9][0-9]{0,2}")),
    "regex, one width": ("string", RegexGenerator(pattern="[A-Z]{3}-[0-9]{4}")),
    "regex, one class": ("string", RegexGenerator(pattern="[a-z ]{10,15}")),
    "regex, parts": ("string", RegexGenerator(pattern="(GET|PUT) /[a-z]{3,9}/[0-9]{1,4}")),
    "regex, copies": ("string", RegexGenerator(pattern="([a-z]{1,3}-)+end")),
    "regex, unique": ("string", RegexGenerator(pattern="[A-Z]{3}[0-9]{7}", unique=True)),
    "text": ("string", TextGenerator()),
    "text, prefix": ("string", TextGenerator(prefix="x-")),
    "faker": ("string", FakerGenerator(provider="name")),
    "ip, version 4": ("string", IpGenerator(network="10.0.0.0/8")),
    "ip, version 6": ("string", IpGenerator(network="2001:db8::/32")),
    "latitude": ("double", LatitudeGenerator()),
    "span": ("double", UniformDistribution(min=0, max=1, continuous=True)),
    "timestamp": (TIME, TimestampGenerator(after=START, before=START.replace(year=2027))),
}


def spec_of_kind(kind: object, declared: AnyGenerator) -> StreamSpec:
    """Return a stream with one field."""
    fields = [{"name": "x", "type": kind}]
    schema = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))
    return StreamSpec(name="s", topic="s", schema=schema, fields={"x": declared}, rows=2**30)


def best_rows_per_s(spec: StreamSpec) -> tuple[float, float]:
    """Return the best rates of generation, and of generation with encoding."""
    rows = StreamRows(spec, 42, Schedule.starting(1_767_225_600_000_000_000, MAX))
    encoder = AvroRowEncoder(spec.schema.root)
    made = both = 0.0
    size = BLOCKS * BLOCK_ROWS
    for span in range(SPANS):
        began_s = time.process_time()
        chunks = list(rows.chunks(span * size, (span + 1) * size))
        made_s = time.process_time()
        for chunk in chunks:
            encoder.encode(chunk.columns)
        done_s = time.process_time()
        made, both = max(made, size / (made_s - began_s)), max(both, size / (done_s - began_s))
    return made, both


def main() -> None:
    """Print both rates of the annotated schema and of each generator."""
    specs = {ANNOTATED: spec_for(schema=load_avro(packaged_schema_path(ANNOTATED)))}
    specs |= {name: spec_of_kind(*case) for name, case in KINDS.items()}
    for name, spec in specs.items():
        made, both = best_rows_per_s(spec)
        sys.stdout.write(f"{name:24} {made / 1e6:6.2f} M rows/s made, {both / 1e6:6.2f} encoded\n")


if __name__ == "__main__":
    main()
