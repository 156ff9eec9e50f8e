"""Public Python API: a stream as a table of rows, from a built-in name, an Avro schema or a scenario."""

from __future__ import annotations

import os
import secrets
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gerador.events.rows import StreamRows
from gerador.events.stream_set import StreamSet
from gerador.limits import GENERATION_ROWS, INTERVAL_S, SEED_CHOSEN_BITS
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import target_rate_or_generations
from gerador.units import EPOCH, NS_PER_MS, parse_timestamp_ns, timestamp_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal
    from pathlib import Path

    import pyarrow as pa

    from gerador.avro.load import SchemaSource
    from gerador.encoding.encoded_values import EncodedValues
    from gerador.events.rows import Tile
    from gerador.scenario.external import SchemaReader
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.values import AnyGenerator


class Stream:
    """An infinite table of rows, each a pure function of stream, seed and start.

    Made by `gerador.stream` and `gerador.streams`. Safe to use from several threads.
    """

    def __init__(self, table: StreamRows) -> None:
        self._table = table

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
        return timestamp_text(self._table.schedule.start_ns)

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
        """Yield rows [a, b) in zero-copy pieces of up to 16,384 rows, for any number of rows."""
        return self._table.tiles(a, b)

    def encode(self, a: int, b: int) -> EncodedValues:
        """Return the Avro datums of rows [a, b): ``len``, ``[i] -> bytes``, without any framing.

        Raises SettingError: as `rows`.
        """
        from gerador.encoding.avro_encoder import AvroRowEncoder  # noqa: PLC0415 - loads its kernels

        return AvroRowEncoder(self.spec.schema.root).encode(self.rows(a, b))

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
    fields: Mapping[str, AnyGenerator] | None = None,
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
    start_ns = now_ns() if start is None else parse_timestamp_ns(start) // NS_PER_MS * NS_PER_MS
    chosen = secrets.randbits(SEED_CHOSEN_BITS) if seed is None else seed
    pace = target_rate_or_generations(rate, generation_rows=generation_rows, interval_s=interval_s)
    return Stream(StreamRows(spec, chosen, Schedule.starting(start_ns, pace)))


def streams(
    source: str | Path,
    *,
    seed: int | None = None,
    start: str | datetime | None = None,
    registry: SchemaReader | None = None,
) -> dict[str, Stream]:
    """Return the streams of a scenario file, or of one of the gallery, by their names.

    Args:
        source: the path of a file, or a name such as ``ecommerce``.
        seed: instead of the file's; None, and none there, chooses one.
        start: instead of the file's; None, and none there, is now.
        registry: reads the schema of a subject and a version (None: the latest), and tells the
            version as well, for files that take one from a registry; refused without.

    ``${NAME}`` in the file is read from the environment. Of a bounded stream the rows from its
    bound on are never sent: they are what declared misses refer to.

    Raises:
        ScenarioError: a file that makes no sense; a line for each complaint.
        SettingError: a seed or a start that makes none.
    """
    from gerador.scenario.external import load_plan  # noqa: PLC0415
    from gerador.scenario.plan import schedules_for  # noqa: PLC0415 - loads what files need

    plan = load_plan(str(source), os.environ, registry)
    chosen = plan.seed if seed is None else seed
    chosen = secrets.randbits(SEED_CHOSEN_BITS) if chosen is None else chosen
    begin = plan.start if start is None else start
    start_ns = now_ns() if begin is None else parse_timestamp_ns(begin) // NS_PER_MS * NS_PER_MS
    specs = [stream.spec for stream in plan.streams]
    tables = StreamSet(specs, chosen, schedules_for(plan, start_ns, chosen))
    return {spec.name: Stream(tables.get(spec.name)) for spec in specs}


def now_ns() -> int:
    """Return the clock's instant in nanoseconds since the epoch, cut to whole milliseconds."""
    return time.time_ns() // NS_PER_MS * NS_PER_MS
