"""Avro types in both engines: the output of `gerador sample --check-portable`, verified."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
from mini_cluster import Flink, flink, root_cause
from py4j.java_collections import JavaArray, JavaMap
from py4j.java_gateway import JavaObject
from py4j.protocol import Py4JJavaError

import gerador
from gerador.avro.load import load_avro
from gerador.avro.portability import portability_warnings
from tests.e2e.command import started
from tests.engines.conftest import ROWS_JOB, Filled
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.kafka_fixture import Broker

ROWS: Final = 20
ONCE: Final = ["--buffer-size", str(ROWS), "--interval", "86400"]
"""One generation now, the next one tomorrow: the run stays up, and with it the registry."""
RECIPE: Final = {"seed": 1, "start": "2026-01-01T00:00:00Z"}
KEY: Final = "id"
"""A long: no two of the rows have the same."""


class Case(NamedTuple):
    """A field: its Avro type, its column in Flink, in Spark, and whether it travels."""

    avro: Any
    flink: str
    spark: str
    travels: bool = True


def logical(name: str, base: str = "long", **more: Any) -> dict[str, Any]:
    """Return a logical type on a primitive one."""
    return {"type": base, "logicalType": name, **more}


def fixed(name: str, size: int, **more: Any) -> dict[str, Any]:
    """Return a fixed type."""
    return {"type": "fixed", "name": name, "size": size, **more}


INNER: Final = {
    "type": "record",
    "name": "Inner",
    "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": ["null", "string"]}],
}
CASES: Final = {
    KEY: Case("long", "BIGINT", "bigint"),
    "yes": Case("boolean", "BOOLEAN", "boolean"),
    "small": Case("int", "INT", "int"),
    "single": Case("float", "FLOAT", "float"),
    "twice": Case("double", "DOUBLE", "double"),
    "raw": Case("bytes", "BYTES", "binary"),
    "text": Case("string", "STRING", "string"),
    "maybe": Case(["null", "string"], "STRING", "string"),
    "day": Case(logical("date", "int"), "DATE", "date"),
    "at": Case(logical("timestamp-millis"), "TIMESTAMP(3)", "timestamp"),
    "maybe_at": Case(["null", logical("timestamp-millis")], "TIMESTAMP(3)", "timestamp"),
    "local_at": Case(logical("local-timestamp-millis"), "TIMESTAMP(3)", "timestamp_ntz"),
    "exact": Case(
        logical("decimal", "bytes", precision=12, scale=3), "DECIMAL(12, 3)", "decimal(12,3)"
    ),
    "uuid": Case(logical("uuid", "string"), "STRING", "string"),
    "many": Case({"type": "array", "items": ["null", "int"]}, "ARRAY<INT>", "array<int>"),
    "named": Case(
        {"type": "map", "values": "double"}, "MAP<STRING NOT NULL, DOUBLE>", "map<string,double>"
    ),
    "inner": Case(INNER, "ROW<a INT, b STRING>", "struct<a:int,b:string>"),
    "whole": Case(["null", "int", "long"], "BIGINT", "bigint"),
    "enum": Case({"type": "enum", "name": "E", "symbols": ["A"]}, "STRING", "string", False),
    "fixed": Case(fixed("F", 4), "BINARY(4)", "binary", False),
    "exact_fixed": Case(
        fixed("D", 8, logicalType="decimal", precision=12), "DECIMAL(12, 0)", "decimal(12,0)", False
    ),
    "uuid_fixed": Case(fixed("U", 16, logicalType="uuid"), "STRING", "binary", False),
    "duration": Case(fixed("P", 12, logicalType="duration"), "BYTES", "binary", False),
    "micros": Case(logical("timestamp-micros"), "TIMESTAMP(3)", "timestamp", False),
    "nanos": Case(logical("timestamp-nanos"), "TIMESTAMP(3)", "bigint", False),
    "local_micros": Case(logical("local-timestamp-micros"), "TIMESTAMP(3)", "timestamp_ntz", False),
    "local_nanos": Case(logical("local-timestamp-nanos"), "TIMESTAMP(3)", "bigint", False),
    "time_millis": Case(logical("time-millis", "int"), "TIME(3)", "int", False),
    "time_micros": Case(logical("time-micros"), "TIME(3)", "bigint", False),
    "either": Case(
        ["null", "int", "string"], "STRING", "struct<member0:int,member1:string>", False
    ),
}
TRAVELLING: Final = [name for name, case in CASES.items() if case.travels]
REFUSED: Final = ["enum", "fixed", "exact_fixed", "uuid_fixed", "duration", "time_micros", "either"]
"""Fields that end a Flink job."""
WRONG: Final = ["micros", "nanos", "local_micros", "local_nanos"]
"""Fields that Flink reads as an instant thousands of years away, without an error."""


def schema_file(folder: Path, fields: dict[str, Any]) -> Path:
    """Write the schema of a record with these fields."""
    declared = [{"name": name, "type": avro} for name, avro in fields.items()]
    path = folder / "schema.avsc"
    path.write_text(json.dumps({"type": "record", "name": "T", "fields": declared}), "utf-8")
    return path


@contextmanager
def filled_with(schema: Path, topic: str, kafka: Broker) -> Iterator[Filled]:
    """Fill a topic by `gerador run` and keep it up."""
    words = ["--schema", str(schema), "--topic", topic, "--bootstrap-servers", kafka.bootstrap]
    recipe = ["--seed", str(RECIPE["seed"]), "--start", str(RECIPE["start"])]
    config = ["--topic-config", "retention.ms=-1", "--port", "0"]
    with started("run", *words, *recipe, *ONCE, *config) as running:
        running.until("acked", ROWS)
        yield Filled(kafka.bootstrap, running.url(), topic)


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a schema with a field of every type."""
    return schema_file(tmp_path_factory.mktemp("every"), {n: c.avro for n, c in CASES.items()})


@pytest.fixture(scope="module")
def topic(every: Path, kafka: Broker) -> Iterator[Filled]:
    """Give a topic of that schema."""
    with filled_with(every, "types-engines", kafka) as filled:
        yield filled


@pytest.fixture(scope="module")
def made(every: Path) -> dict[int, dict[str, Any]]:
    """Make the rows of the topic again, by KEY."""
    stream = gerador.stream(schema=every, generation_rows=ROWS, **RECIPE)
    return by_key(stream.rows(0, ROWS).to_pylist(maps_as_pydicts="strict"))


@pytest.fixture(scope="module")
def engine(topic: Filled) -> Iterator[Flink]:
    """Give a Flink."""
    assert topic.topic
    with flink(cache_dir()) as running:
        yield running


def plain(value: Any) -> Any:
    """Return a value of pyarrow or of Flink in a form that both can have."""
    match value:
        case JavaArray() | list():
            return [plain(item) for item in value]
        case JavaMap():
            return dict(value)
        case JavaObject():
            return of_java(value)
        case datetime():
            return value.replace(tzinfo=None)
        case date():
            return value.isoformat()
        case _:
            return value


def of_java(value: Any) -> Any:
    """Return a row as a tuple, an instant as a datetime where it is one, the rest as text."""
    kind, text = value.getClass().getSimpleName(), str(value.toString())
    if kind == "Row":
        return tuple(plain(value.getField(i)) for i in range(value.getArity()))
    # An instant thousands of years away begins with a sign.
    return datetime.fromisoformat(text) if kind == "LocalDateTime" and text[0].isdigit() else text


def by_key(rows: Iterable[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Return rows in their plain form, by KEY."""
    found = {row[KEY]: {name: plain(value) for name, value in row.items()} for row in rows}
    for row in found.values():
        if "single" in row:  # a float: the shortest text that means it
            row["single"] = str(np.float32(row["single"]))
        if isinstance(row.get("inner"), dict):  # Flink's rows have no names inside
            row["inner"] = tuple(row["inner"].values())
    return found


def only(rows: dict[int, dict[str, Any]], names: Iterable[str]) -> dict[int, dict[str, Any]]:
    """Return the rows with these fields alone."""
    names = list(names)
    return {key: {name: row[name] for name in names} for key, row in rows.items()}


def read(engine: Flink, topic: Filled, columns: Mapping[str, str]) -> dict[int, dict[str, Any]]:
    """Read these fields with Flink, each as the given column type, by KEY."""
    columns = {KEY: "BIGINT", **columns}
    declared = ", ".join(f"`{name}` {column}" for name, column in columns.items())
    engine.execute("DROP TABLE IF EXISTS t")
    engine.execute(
        f"CREATE TABLE t ({declared}) WITH ('connector' = 'kafka', 'topic' = '{topic.topic}', "
        f"'properties.bootstrap.servers' = '{topic.bootstrap}', "
        "'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', "
        f"'format' = 'avro-confluent', 'avro-confluent.url' = '{topic.registry}')"
    )
    return by_key(dict(zip(columns, row, strict=True)) for row in engine.rows("SELECT * FROM t"))


def test_the_check_warns_of_what_does_not_travel_and_of_nothing_else(every: Path):
    """The lines are those of the fields that the tests below see fail."""
    reported = {caution.path for caution in portability_warnings(load_avro(every).root)}
    assert reported == CASES.keys() - set(TRAVELLING)


def test_flink_reads_what_travels(engine: Flink, topic: Filled, made: dict[int, dict[str, Any]]):
    """Flink reads every portable type with the generated values."""
    columns = {name: CASES[name].flink for name in TRAVELLING}
    assert read(engine, topic, columns) == only(made, TRAVELLING)


@pytest.mark.parametrize("name", REFUSED)
def test_flink_refuses(engine: Flink, topic: Filled, name: str):
    """These end a job that declares them."""
    with pytest.raises(Py4JJavaError) as refused:
        read(engine, topic, {name: CASES[name].flink})
    assert "expecting union" in root_cause(refused.value.java_exception)


@pytest.mark.parametrize("name", WRONG)
def test_flink_is_silently_wrong(engine: Flink, topic: Filled, name: str):
    """Finer timestamps are read as milliseconds; as BIGINT they are unchanged."""
    rows = read(engine, topic, {name: "TIMESTAMP(3)"})
    assert len(rows) == ROWS
    assert all(isinstance(row[name], str) for row in rows.values())  # no datetime has such years
    assert {type(row[name]) for row in read(engine, topic, {name: "BIGINT"}).values()} == {int}


def test_spark_reads_every_type(topic: Filled, made: dict[int, dict[str, Any]], tmp_path: Path):
    """Spark reads all types with only the registry's schema; portable types are unchanged."""
    out = tmp_path / "out"
    output = topic.run("spark/local_spark.py", ROWS_JOB, "--output", str(out))
    expected = ",".join(f"{name}:{case.spark}" for name, case in CASES.items())
    assert output.split() == [f"struct<{expected}>"]
    found = pq.read_table(out, columns=TRAVELLING).to_pylist(maps_as_pydicts="strict")
    assert by_key(found) == only(made, TRAVELLING)


def test_a_decimal_too_wide_is_lost(engine: Flink, kafka: Broker, tmp_path: Path):
    """Flink reads decimals of over 38 digits as null; Spark rejects the whole schema."""
    wide = logical("decimal", "bytes", precision=40, scale=3)
    schema = schema_file(tmp_path, {KEY: "long", "wide": wide})
    assert [caution.path for caution in portability_warnings(load_avro(schema).root)] == ["wide"]
    with filled_with(schema, "wide-engines", kafka) as topic:
        rows = read(engine, topic, {"wide": "DECIMAL(38, 3)"})
        assert [row["wide"] for row in rows.values()] == [None] * ROWS
        done = topic.ended("spark/local_spark.py", ROWS_JOB, "--output", str(tmp_path / "out"))
    assert done.returncode != 0
    assert "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION" in done.stdout  # where Python's errors go
