"""A scenario on a real Kafka: its topics contain the rows that its recipe reproduces."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

import fastavro
import httpx
from aiokafka import AIOKafkaConsumer

import gerador
from tests.e2e.service import served

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kafka_fixture import Broker

PREFIX_BYTES: Final = 5
SCENARIO: Final = """
seed: 42
streams:
  clientes:
    topic: {name: e2e-clientes, partitions: 2, key: id, config: {cleanup.policy: compact}}
    rows: 500
    fields: {id: uuid, uf: {choice: {SP: 3, RJ: 1}}}
    rate: max
  pedidos:
    topic: {name: e2e-pedidos, partitions: 3, key: cliente_id}
    fields:
      id: {sequence: {start: 1}}
      cliente_id: {from: clientes.id, missing: 5%}
      uf: {from: clientes.uf, row_of: cliente_id}
      momento: event_time
      total: {lognormal: {median: 80, sigma: 0.6, decimals: 2}}
    rate: {constant: 2k/s, poisson: true}
"""


async def records_of(bootstrap: str, topic: str) -> list[Any]:
    """Return every record of a topic."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        read: list[Any] = []
        while len(read) < sum(ends.values()):
            for records in (await consumer.getmany(timeout_ms=1_000)).values():
                read += records
        return read
    finally:
        await consumer.stop()


def row_of(record: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the decoded datum of a record with Confluent framing."""
    made = fastavro.schemaless_reader(io.BytesIO(record.value[PREFIX_BYTES:]), schema, None)
    assert isinstance(made, dict)
    return {name: str(v) if name.endswith("id") and name != "id" else v for name, v in made.items()}


async def test_a_steered_run_is_repeated_by_its_recipe(kafka: Broker, tmp_path: Path) -> None:
    """Rates, a ramp, a burst and a pause are in GET /recipe, and give the same rows and times."""
    (tmp_path / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    async with (
        served(kafka.bootstrap, scenario=str(tmp_path / "s.yaml")) as s,
        httpx.AsyncClient(base_url=s.url) as http,
    ):
        await s.until_acked(1_500)
        steered = [
            await http.patch("/streams/pedidos", json={"rate": "5k", "over": "500ms"}),
            await http.post("/streams/pedidos/burst?rows=3000"),
            await http.post("/streams/pedidos/pause"),
            await http.post("/streams/pedidos/resume"),
        ]
        assert [answer.status_code for answer in steered] == [200] * 4
        recipe = (await http.get("/recipe", headers={"Accept": "application/yaml"})).text
        await s.until_acked(7_000)
    (tmp_path / "recipe.yaml").write_text(recipe, encoding="utf-8")

    again = gerador.streams(tmp_path / "recipe.yaml")
    schema = json.loads(again["pedidos"].spec.schema.json)
    records = await records_of(kafka.bootstrap, "e2e-pedidos")
    found = sorted((row_of(r, schema) for r in records), key=lambda row: row["id"])
    expected = again["pedidos"].rows(0, len(records)).to_pylist()
    assert len(records) > 6_000
    assert found == expected
    clients = again["clientes"].rows(0, 500)["id"].to_pylist()
    keys = {r.key.decode() for r in await records_of(kafka.bootstrap, "e2e-clientes")}
    assert keys == set(clients)
    misses = sum(row["cliente_id"] not in keys for row in expected)
    assert 0 < misses / len(expected) < 0.1


async def test_a_bounded_stream_is_finished_while_others_go_on(
    kafka: Broker, tmp_path: Path
) -> None:
    """The run stays active, /streams shows the finished stream, /dados returns rows of both."""
    text = SCENARIO.replace("e2e-", "e2e-on-")
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    async with (
        served(kafka.bootstrap, scenario=str(tmp_path / "s.yaml")) as s,
        httpx.AsyncClient(base_url=s.url) as http,
    ):
        await s.until_acked(4_000)
        status = (await http.get("/status")).json()
        assert status["status"] == "ativo"
        assert status["streams"]["clientes"]["status"] == "concluido"
        assert status["streams"]["clientes"]["acked"] == 500
        assert status["streams"]["pedidos"]["status"] == "ativo"
        assert (await http.get("/readyz")).status_code == 200
        clients = (await http.get("/dados?stream=clientes")).json()
        assert {row["uf"] for row in clients} == {"SP", "RJ"}


LARGE = f"""\
seed: 5
streams:
  s:
    topic: {{name: e2e-large, partitions: 2, config: {{max.message.bytes: "1000"}}}}
    rows: 2000
    rate: max
    fields:
      n: {{sequence: {{start: 0}}}}
      text: {{choice: [{"a" * 20}, {"b" * 2000}, {"c" * 900}]}}
"""


async def test_only_records_that_the_topic_rejects_fail(kafka: Broker, tmp_path: Path) -> None:
    """With a limit of 1,000 bytes, each record that fits is in the topic; the others fail."""
    (tmp_path / "s.yaml").write_text(LARGE, encoding="utf-8")
    rows = gerador.streams(tmp_path / "s.yaml")["s"].rows(0, 2000).to_pylist()
    fitting = {row["n"] for row in rows if len(row["text"]) < 1000}
    assert 100 < len(fitting) < 1900
    async with served(kafka.bootstrap, scenario=str(tmp_path / "s.yaml")) as s:
        await s.finished()
        status = s.run.status()
        assert (status.acked, status.failed) == (len(fitting), 2000 - len(fitting))
        assert status.failed_by_reason == {"RecordTooLargeError": status.failed}
    schema = json.loads(gerador.streams(tmp_path / "s.yaml")["s"].spec.schema.json)
    sent = [row_of(r, schema)["n"] for r in await records_of(kafka.bootstrap, "e2e-large")]
    assert sorted(sent) == sorted(fitting)
