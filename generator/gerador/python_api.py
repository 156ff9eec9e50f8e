"""Python API: streams as tables of rows, from a built-in name, an Avro schema or a scenario."""

from __future__ import annotations

import os
import secrets
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gerador.events.rows import StreamRows
from gerador.events.stream_set import StreamSet
from gerador.limits import GENERATION_ROWS, INTERVAL_S, SEED_CHOSEN_BITS
from gerador.pandas_extra import name_pandas_extra
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import target_rate_or_generations
from gerador.units import EPOCH, NS_PER_MS, parse_timestamp_ns, timestamp_text
from gerador.values.faker_pool import check_locale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal
    from pathlib import Path

    import pyarrow as pa

    from gerador.avro.load import SchemaSource
    from gerador.encoding.encoded_values import EncodedValues
    from gerador.events.row_chunk import RowChunk
    from gerador.scenario.external_sources import SchemaReader
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.values.declaration import ValueGenerator


class Stream:
    """An infinite table of rows, each a pure function of stream, seed and start time.

    Returned by `gerador.stream` and `gerador.streams`. Thread-safe.
    """

    def __init__(self, rows: StreamRows) -> None:
        self._rows = rows
        name_pandas_extra()

    @property
    def spec(self) -> StreamSpec:
        """The declaration of the stream."""
        return self._rows.spec

    @property
    def seed(self) -> int:
        """The seed, given or random. The same seed and `start` reproduce the rows."""
        return self._rows.seed

    @property
    def start(self) -> datetime:
        """Due time of row 0, in UTC."""
        return EPOCH + timedelta(microseconds=self._rows.schedule.start_ns // 1_000)

    @property
    def start_text(self) -> str:
        """`start` in ISO 8601 with milliseconds."""
        return timestamp_text(self._rows.schedule.start_ns)

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of `rows`."""
        return self._rows.schema

    def rows(self, a: int, b: int) -> pa.RecordBatch:
        """Return rows [a, b) as Arrow columns, which pandas and Polars can convert.

        ``to_pandas()`` of the result requires pandas: ``pip install 'gerador-stream[pandas]'``.

        Raises SettingError: not 0 <= a <= b, or more than 4,194,304 rows (use `chunks`).
        """
        return self._rows.rows(a, b)

    def chunks(self, a: int, b: int) -> Iterator[RowChunk]:
        """Yield rows [a, b) in zero-copy slices of up to 16,384 rows, for any number of rows."""
        return self._rows.chunks(a, b)

    def encode(self, a: int, b: int) -> EncodedValues:
        """Return the Avro datums of rows [a, b), unframed; ``result[i]`` is the bytes of one.

        Raises SettingError: as `rows`.
        """
        from gerador.encoding.avro_encoder import AvroRowEncoder  # noqa: PLC0415 - loads kernels

        return AvroRowEncoder(self.spec.schema.root).encode(self.rows(a, b))

    def __repr__(self) -> str:
        return f"<Stream {self.spec.name!r} seed={self.seed} start={self.start_text}>"


def stream(  # noqa: PLR0913 - one argument per option
    name: str | None = None,
    *,
    schema: SchemaSource | None = None,
    seed: int | None = None,
    start: str | datetime | None = None,
    rate: float | str | Decimal | None = None,
    generation_rows: int = GENERATION_ROWS,
    interval_s: float = INTERVAL_S,
    fields: Mapping[str, ValueGenerator] | None = None,
    locale: str | None = None,
) -> Stream:
    """Return a built-in stream, or the stream of any Avro schema.

    Args:
        name: a built-in stream (default ``registros``); with `schema`, the name of its stream.
        schema: an Avro schema: paths of files or a folder (`schema` of scenarios, or a
            list), dict, or JSON text.
        seed: 0 to 2**63 - 1. Default: random, available as `Stream.seed`.
        start: due time of row 0: ISO 8601 text or datetime, truncated to milliseconds; UTC if it
            has no time zone. Default: current time.
        rate: target rate in rows per second, a text such as ``"50/h"``, or ``"max"`` for as fast as
            possible, with 1 ms of event time per row. Default: whole generations at an interval.
        generation_rows: rows per generation.
        interval_s: seconds between generations, without `rate`; 0 is ``"max"``.
        fields: generators by field path; other fields have the default generator of their type.
        locale: language and country of Faker values, such as ``en_US``. Default: ``pt_BR`` of the
            built-in stream, else ``en_US``.

    Raises:
        SettingError: an invalid argument. The message is one line with the value.
        SchemaError: an unreadable or invalid schema.
    """
    if locale is not None:
        check_locale(locale)
    spec = spec_for(name, schema, generation_rows=generation_rows, fields=fields, locale=locale)
    target_rate = target_rate_or_generations(
        rate, generation_rows=generation_rows, interval_s=interval_s
    )
    schedule = Schedule.starting(_start_ns(start), target_rate)
    return Stream(StreamRows(spec, _random_seed() if seed is None else seed, schedule))


def streams(
    source: str | Path,
    *,
    seed: int | None = None,
    start: str | datetime | None = None,
    registry: SchemaReader | None = None,
    locale: str | None = None,
    scale: float | None = None,
) -> dict[str, Stream]:
    """Return the streams of a scenario file, or of a built-in scenario, by name.

    Args:
        source: path of a scenario file, or a built-in name such as ``ecommerce``.
        seed: overrides the scenario's seed. Default: the scenario's, or random.
        start: overrides the scenario's start. Default: the scenario's, or the current time.
        registry: returns the schema of a subject and version (None: the latest) with its version,
            for scenarios that read schemas from a registry. Without it, they are an error.
        locale: overrides the scenario's locale of Faker values. Streams and fields with a locale
            of their own keep it.
        scale: factor for all rates of the scenario, as `--scale` of `gerador run`.

    ``${NAME}`` in the file is replaced by the environment variable. Rows of a bounded stream after
    its last one are never sent: references of `missing` rows point to them.

    Raises:
        ScenarioError: an invalid file. The message has one line per error.
        SettingError: an invalid seed, start, locale or scale.
    """
    # Scenarios need YAML and the model; imported here, so that `stream` does not load them.
    from gerador.scenario.load import load_plan  # noqa: PLC0415
    from gerador.scenario.plan import schedules_for  # noqa: PLC0415

    if locale is not None:
        check_locale(locale)
    plan = load_plan(str(source), os.environ, registry, locale)
    if scale is not None:
        from gerador.scenario.rate_scaling import with_scaled_rates  # noqa: PLC0415

        plan = with_scaled_rates(plan, scale)
    seed = plan.seed if seed is None else seed
    seed = _random_seed() if seed is None else seed
    start_ns = _start_ns(plan.start if start is None else start)
    specs = [stream.spec for stream in plan.streams]
    rows = StreamSet(specs, seed, schedules_for(plan, start_ns, seed))
    return {spec.name: Stream(rows.rows_of(spec.name)) for spec in specs}


def _random_seed() -> int:
    return secrets.randbits(SEED_CHOSEN_BITS)


def _start_ns(start: str | datetime | None) -> int:
    """Return a start time (None: the current time) in nanoseconds, truncated to milliseconds."""
    ns = time.time_ns() if start is None else parse_timestamp_ns(start)
    return ns // NS_PER_MS * NS_PER_MS
