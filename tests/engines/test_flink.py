"""Flink on a topic that `gerador run` filled: the SQL of deploy/flink against the answer key."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pytest
from aiokafka import AIOKafkaConsumer
from flink_sql import sink_topic, variable_values
from mini_cluster import Flink, flink

from tests.engines.answer import Window, assert_equal
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engines.answer import Key
    from tests.engines.conftest import Filled

WINDOWS_OF_CITY: Final = """
    SELECT CAST(window_start AS STRING), CAST(window_end AS STRING), cidade, records, mean_salario
    FROM per_city_minute WHERE cidade = '{}'"""
FIRST_SECOND: Final = "SELECT * FROM registros WHERE `timestamp` < TIMESTAMP '2025-12-31 23:59:31'"
FIRST_ROWS: Final = 1_000
TYPES: Final = {
    "nome": "STRING NOT NULL",
    "idade": "INT NOT NULL",
    "salario": "DOUBLE NOT NULL",
    "cidade": "STRING NOT NULL",
    "cargo": "STRING NOT NULL",
    "timestamp": "TIMESTAMP(3) NOT NULL *ROWTIME*",
    "geracao_id": "STRING NOT NULL",
}


@pytest.fixture(scope="module")
def engine(filled: Filled) -> Iterator[Flink]:
    """Give a Flink that has run tables.sql."""
    with flink(cache_dir()) as started:
        started.run_file("tables.sql", variable_values(filled.environ, bounded=True))
        yield started


def instant(text: str) -> datetime:
    """Return the UTC instant that Flink writes without a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def latest_by_key(bootstrap: str, topic: str) -> tuple[int, dict[bytes, dict[str, Any]]]:
    """Read a topic as its readers do; return how many records there were, and the last of each."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        count, latest = 0, {}
        while count < sum(ends.values()):
            for records in (await consumer.getmany(timeout_ms=1_000)).values():
                count += len(records)
                latest |= {record.key: json.loads(record.value) for record in records}
        return count, latest
    finally:
        await consumer.stop()


async def test_the_job_fills_the_upsert_topic(filled: Filled, answer: dict[Key, tuple[int, int]]):
    """job.sql writes each window once under its key, and what is read back is the answer key."""
    filled.run("flink/local_flink.py", "--bounded")
    topic = sink_topic(variable_values(filled.environ))
    count, latest = await latest_by_key(filled.bootstrap, topic)
    assert count == len(latest) == len(answer)
    for key, value in latest.items():
        assert json.loads(key) == {name: value[name] for name in ("window_start", "cidade")}
    assert_equal(
        (
            Window(
                instant(w["window_start"]),
                instant(w["window_end"]),
                w["cidade"],
                w["records"],
                w["mean_salario"],
            )
            for w in latest.values()
        ),
        answer,
    )


def test_a_query_has_the_final_rows_only(engine: Flink, answer: dict[Key, tuple[int, int]]):
    """A query over the view gives each window of a city once, when it is over."""
    cidade = min(cidade for _, cidade in answer)
    found = engine.rows(WINDOWS_OF_CITY.format(cidade))
    expected = {key: value for key, value in answer.items() if key[1] == cidade}
    assert_equal((Window(instant(a), instant(b), *rest) for a, b, *rest in found), expected)


def test_the_types_are_the_avro_types(engine: Flink):
    """tables.sql gives no schema: Flink's columns and the writer's fields have to agree."""
    schema = getattr(engine.tables, "from")("registros").getResolvedSchema()
    columns = {c.getName(): str(c.getDataType().toString()) for c in schema.getColumns()}
    assert columns == TYPES


def test_rows_arrive_as_they_were_made(engine: Flink, rows: list[pa.RecordBatch]):
    """Each field of the first second equals the generated one, times to the millisecond."""
    made = pa.Table.from_batches(rows).slice(0, FIRST_ROWS).to_pylist()
    utc = engine.jvm.java.time.ZoneOffset.UTC
    found = {}
    for *before, when, generation in engine.rows(FIRST_SECOND):
        ms = when.toInstant(utc).toEpochMilli()
        found[ms] = [*before, datetime.fromtimestamp(ms / 1000, UTC), generation]
    assert [found[ms] for ms in sorted(found)] == [list(row.values()) for row in made]


def test_a_registry_that_is_away_is_one_line(filled: Filled):
    """Without its registry the job fails with an error that names the registry."""
    environ = filled.environ | {"SCHEMA_REGISTRY_URL": "http://127.0.0.1:1"}
    done = filled.ended(
        "flink/local_flink.py", "--bounded", "SELECT nome FROM registros", **environ
    )
    assert done.returncode == 1
    refused = "local_flink: java.net.ConnectException: Connection refused"
    assert done.stderr.splitlines()[-1] == refused
