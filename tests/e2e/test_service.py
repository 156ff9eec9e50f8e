"""The service with a real Kafka through its API: counts, notices and errors."""

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
    """/dados, /status and /readyz of a running stream."""
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
    """/metrics and /status count the same acknowledged rows."""
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


async def test_a_missing_topic_is_created(kafka: Broker) -> None:
    """It has the partitions and the configuration of the settings."""
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


async def test_a_topic_with_too_few_partitions_is_rejected(kafka: Broker) -> None:
    """The error names both numbers."""
    async with admin_of(kafka.bootstrap) as admin:
        await admin.create_topics([NewTopic("e2e-few", 2, 1)])
    with pytest.raises(SettingError, match=r"PARTITIONS=5: topic 'e2e-few' has 2 partition"):
        async with served(kafka.bootstrap, topic="e2e-few", partitions="5") as s:
            await s.finished()


async def test_event_times_ahead_of_the_clock_are_accepted_or_a_notice(kafka: Broker) -> None:
    """A new topic accepts them; a topic with a limit causes a notice."""
    fast = {"rows": "10", "rate": "max"}
    async with served(kafka.bootstrap, topic="e2e-ahead", **fast) as s:
        await s.until_acked(10)
        assert s.run.status().notices == ()
    bound = "message.timestamp.after.max.ms=3600000"
    async with served(kafka.bootstrap, topic="e2e-bound", topic_config=bound, **fast) as s:
        await s.until_acked(10)
        (notice,) = s.run.status().notices
        assert "accepts 1 h; increase its message.timestamp.after.max.ms" in notice
    async with served(kafka.bootstrap, topic="e2e-bound", rows="10", rate="100") as s:
        await s.until_acked(10)
        assert s.run.status().notices == ("topic already contains 10 records from before this run",)


async def test_event_times_older_than_the_retention_are_a_notice(kafka: Broker) -> None:
    """A start before the retention of the topic is a notice in the status."""
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


async def test_the_service_waits_for_an_unavailable_broker() -> None:
    """The service stays up, is degraded, and reports the reason."""
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


async def test_the_contract_without_kafka() -> None:
    """Without Kafka, rows are generated, shown and counted in the same way."""
    async with (
        served("unused:1", no_kafka=True, buffer_size="5", interval_s="0.05") as s,
        httpx.AsyncClient(base_url=s.url) as http,
    ):
        await s.until_acked(20)
        assert len((await http.get("/dados")).json()) == 5
        status = (await http.get("/status")).json()
        assert status["topic"] is None
        assert status["status"] == "ativo"
