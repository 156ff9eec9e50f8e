"""The service on a real Kafka, seen from its API: the counts agree, and faults are told."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import httpx
import pytest
from aiokafka.admin import NewTopic

from gerador.errors import SettingError
from tests.delivery.kafka_harness import admin_of
from tests.e2e.service import served

if TYPE_CHECKING:
    from tests.kafka_fixture import Broker

SEVEN = {"nome", "idade", "salario", "cidade", "cargo", "timestamp", "geracao_id"}


async def test_dados_status_and_metrics_of_a_running_stream(kafka: Broker) -> None:
    """The original contract on the new path: /dados, /status, and metrics that equal it."""
    async with (
        served(kafka.bootstrap, topic="e2e-api", buffer_size="50", interval_s="0.1") as s,
        httpx.AsyncClient(base_url=s.url) as http,
    ):
        await s.until_acked(200)
        rows = (await http.get("/dados")).json()
        assert len(rows) == 50
        assert all(row.keys() == SEVEN for row in rows)
        assert len({row["geracao_id"] for row in rows}) == 1
        status = (await http.get("/status")).json()
        assert status["status"] == "ativo"
        assert status["registros_atuais"] == 50
        assert status["total_geracoes"] >= 4
        assert (await http.get("/readyz")).status_code == 200


async def test_metrics_equal_status_once_a_bounded_run_is_over(kafka: Broker) -> None:
    """What /metrics counts as acknowledged is what /status says, and what was asked."""
    async with (
        served(kafka.bootstrap, topic="e2e-metrics", rows="3000", rate="max") as s,
        httpx.AsyncClient(base_url=s.url) as http,
    ):
        await s.until_acked(3000)
        text = (await http.get("/metrics")).text
        acked = re.search(r"^gerador_records_acked_total\{.*\} (\S+)$", text, re.MULTILINE)
        assert acked is not None
        assert float(acked[1]) == 3000
        status = (await http.get("/status")).json()
        assert (status["due"], status["acked"], status["unknown"]) == (3000, 3000, 0)


async def test_the_topic_is_made_as_asked(kafka: Broker) -> None:
    """A missing topic gets the partitions and the configuration of the settings."""
    async with served(
        kafka.bootstrap,
        topic="e2e-made",
        partitions="7",
        topic_config="retention.ms=-1,cleanup.policy=delete",
        rows="10",
        rate="max",
    ) as s:
        await s.finished()
        assert s.run.status().partitions == 7


async def test_a_topic_with_fewer_partitions_than_asked_is_refused(kafka: Broker) -> None:
    """The refusal names both numbers and the ways out."""
    async with admin_of(kafka.bootstrap) as admin:
        await admin.create_topics([NewTopic("e2e-few", 2, 1)])
    with pytest.raises(SettingError, match=r"KAFKA_TOPIC_PARTITIONS=5: topic 'e2e-few' has 2;"):
        async with served(kafka.bootstrap, topic="e2e-few", partitions="5") as s:
            await s.finished()


async def test_event_times_that_outrun_the_clock_are_announced_or_let_in(kafka: Broker) -> None:
    """A topic that is made here takes them; one that bounds them is a notice when it matters."""
    fast = {"rows": "10", "rate": "max"}
    async with served(kafka.bootstrap, topic="e2e-ahead", **fast) as s:
        await s.until_acked(10)
        assert s.run.status().notices == ()
    bound = "message.timestamp.after.max.ms=3600000"
    async with served(kafka.bootstrap, topic="e2e-bound", topic_config=bound, **fast) as s:
        await s.until_acked(10)
        (notice,) = s.run.status().notices
        assert "takes 1 h: set message.timestamp.after.max.ms" in notice
    async with served(kafka.bootstrap, topic="e2e-bound", rows="10", rate="100") as s:
        await s.until_acked(10)
        assert s.run.status().notices == ("the topic held 10 records before this run",)


async def test_event_times_older_than_the_retention_are_announced(kafka: Broker) -> None:
    """A start beyond the topic's retention stands in the status as a notice."""
    async with served(
        kafka.bootstrap,
        topic="e2e-old",
        topic_config="retention.ms=3600000",
        start="2020-01-01T00:00:00Z",
        rows="10",
        rate="max",
    ) as s:
        await s.until_acked(10)
        (notice,) = s.run.status().notices
        assert "retention.ms=3600000" in notice
        assert "2020-01-01" in notice


async def test_a_broker_that_is_away_at_the_start_is_waited_for() -> None:
    """Nothing listens: the service stays up, is degraded, and says why and what to do."""
    async with (
        served("127.0.0.1:1", topic="e2e-away") as s,
        httpx.AsyncClient(base_url=s.url) as http,
    ):
        async with asyncio.timeout(10):
            while (status := (await http.get("/status")).json())["status"] != "degradado":
                await asyncio.sleep(0.05)
        assert "connection refused" in status["reason"]
        assert (await http.get("/livez")).status_code == 200
        assert (await http.get("/readyz")).status_code == 503
        answer = await http.get("/dados")
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0


async def test_memory_alone_fulfils_the_original_contract() -> None:
    """Without Kafka rows are made, shown and counted in the same way."""
    async with (
        served("unused:1", no_kafka=True, buffer_size="5", interval_s="0.05") as s,
        httpx.AsyncClient(base_url=s.url) as http,
    ):
        await s.until_acked(20)
        assert len((await http.get("/dados")).json()) == 5
        status = (await http.get("/status")).json()
        assert status["topic"] is None
        assert status["status"] == "ativo"
