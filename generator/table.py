"""A stream as an infinite table: what `import generator` offers.

Ties a declared stream, a seed and a schedule together. It reads the clock and the system's
entropy once, and only for what the caller left open; nothing here talks to Kafka.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from generator.errors import SchemaError, SettingError, did_you_mean
from generator.events.instants import EPOCH, instant_ns, iso_text
from generator.events.pace import MAX, Pace, generations
from generator.events.pace import rate as constant_rate
from generator.events.rows import StreamRows
from generator.events.schedule import Schedule
from generator.events.seeds import SEED_MAX
from generator.events.segment import NS_PER_MS
from generator.scenario.avro import load_avro, parse_avro
from generator.scenario.default import DEFAULT_STREAM, default_stream, spec_of
from generator.scenario.model import GENERATION_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    import pyarrow as pa

    from generator.encoding.measured import Datums
    from generator.events.rows import Tile
    from generator.scenario.avro import AvroSchema
    from generator.scenario.fields import FieldSpec
    from generator.scenario.model import StreamSpec

INTERVAL_S: Final = 1.0
RATE_FULL_SPEED: Final = "max"
STREAMS: Final = (DEFAULT_STREAM,)

SchemaSource: TypeAlias = "str | Path | Mapping[str, Any]"
"""The path of an .avsc file, the schema as a dict, or its JSON text (starting with ``{``)."""


class Stream:
    """An infinite table of rows, each a pure function of stream, seed and start.

    Made by `generator.stream`. Safe to use from several threads.
    """

    def __init__(self, spec: StreamSpec, seed: int, schedule: Schedule) -> None:
        self._table = StreamRows(spec, seed, schedule)

    @property
    def spec(self) -> StreamSpec:
        """What was declared."""
        return self._table.spec

    @property
    def seed(self) -> int:
        """The seed, given or chosen: with `start` it makes the same rows again."""
        return self._table.seed

    @property
    def start(self) -> datetime:
        """The instant that row 0 is due, in UTC."""
        return EPOCH + timedelta(microseconds=self._table.schedule.start_ns // 1_000)

    @property
    def start_text(self) -> str:
        """`start` as ISO 8601 text, to the millisecond."""
        return iso_text(self._table.schedule.start_ns)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of `rows`."""
        return self._table.schema

    def rows(self, a: int, b: int) -> pa.RecordBatch:
        """Return rows [a, b) as Arrow columns; ``.to_pandas()`` and Polars take them from there.

        Raises SettingError: not 0 <= a <= b, or over 4,194,304 rows at once (iterate `tiles`).
        """
        return self._table.rows(a, b)

    def tiles(self, a: int, b: int) -> Iterator[Tile]:
        """Yield rows [a, b) in zero-copy pieces of up to 4,096 rows, for any number of rows."""
        return self._table.tiles(a, b)

    def encode(self, a: int, b: int) -> Datums:
        """Return the Avro datums of rows [a, b): ``len``, ``[i] -> bytes``, without any framing.

        Raises SettingError: as `rows`.
        """
        from generator.encoding.datum import DatumEncoder  # noqa: PLC0415 - loads its kernels

        return DatumEncoder(self.spec.schema.root).encode(self.rows(a, b))

    def __repr__(self) -> str:
        return f"<Stream {self.spec.name!r} seed={self.seed} start={self.start_text}>"


def stream(
    name: str | None = None,
    *,
    schema: SchemaSource | None = None,
    seed: int | None = None,
    start: str | datetime | None = None,
    rate: float | str | Decimal | None = None,
    generation_rows: int = GENERATION_ROWS,
    interval_s: float = INTERVAL_S,
    fields: Mapping[str, FieldSpec] | None = None,
) -> Stream:
    """Return a stream by name, or the stream of any Avro record schema.

    Args:
        name: a built-in stream (default ``registros``); with `schema`, what to call its stream.
        schema: an Avro record schema: path of an .avsc file, dict, or JSON text.
        seed: 0 to 2**63 - 1; None chooses one, to be read from `Stream.seed`.
        start: when row 0 is due: ISO 8601 text or datetime, cut to milliseconds, UTC without a
            zone; None is now.
        rate: rows per second (0.001 to 10,000,000), or ``"max"`` for as fast as possible, where
            event time advances 1 ms a row; None makes whole generations due together.
        generation_rows: rows that share a generation.
        interval_s: seconds between generations, when `rate` is None; 0 is ``"max"``.
        fields: how values are chosen, by field path, where not by default.

    Raises:
        SettingError: a value that makes no sense; the line names it and the way out.
        SchemaError: the schema cannot be read or is not a record that can be columns.
    """
    spec = spec_for(name, schema, generation_rows=generation_rows, fields=fields)
    start_ns = now_ns() if start is None else instant_ns(start) // NS_PER_MS * NS_PER_MS
    chosen = secrets.randbelow(SEED_MAX + 1) if seed is None else seed
    pace = pace_for(rate, generation_rows=generation_rows, interval_s=interval_s)
    return Stream(spec, chosen, Schedule.starting(start_ns, pace))


def now_ns() -> int:
    """Return the clock's instant in nanoseconds since the epoch, cut to whole milliseconds."""
    return time.time_ns() // NS_PER_MS * NS_PER_MS


def pace_for(
    rate: float | str | Decimal | None, *, generation_rows: int, interval_s: float
) -> Pace:
    """Return the pace of a rate, ``"max"``, or None for generations.

    Raises SettingError: as `generator.events.pace.rate` and `generations`.
    """
    if rate is None:
        return generations(generation_rows, interval_s)
    return MAX if rate == RATE_FULL_SPEED else constant_rate(rate)


def spec_for(
    name: str | None,
    schema: SchemaSource | None,
    *,
    generation_rows: int = GENERATION_ROWS,
    fields: Mapping[str, FieldSpec] | None = None,
) -> StreamSpec:
    """Return the declaration of a built-in stream, or of the stream of `schema`.

    Raises SettingError: an unknown name or a declaration that does not fit. SchemaError.
    """
    if schema is not None:
        avro = _avro_of(schema)
        return spec_of(avro, name=name, generation_rows=generation_rows, fields=fields)
    if name not in (None, *STREAMS):
        known = ", ".join(STREAMS)
        hint = did_you_mean(str(name), STREAMS)
        raise SettingError(f"no stream {name!r}{hint}; name one of {known}, or give a schema")
    return default_stream(generation_rows=generation_rows, fields=fields)


def _avro_of(schema: SchemaSource) -> AvroSchema:
    if isinstance(schema, Mapping):
        return parse_avro(_json_of(schema))
    if isinstance(schema, str) and schema.lstrip().startswith("{"):
        return parse_avro(schema)
    return load_avro(Path(schema))


def _json_of(schema: Mapping[str, Any]) -> str:
    try:
        return json.dumps(schema)
    except TypeError as e:
        raise SchemaError(f"schema: not JSON: {e}; give a dict of text, numbers and lists") from e
