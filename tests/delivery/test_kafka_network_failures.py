"""Faults between us and a real Kafka: nothing lost or twice, order kept, all accounted for."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.delivery.kafka_harness import (
    PARTITIONS,
    SOON_S,
    Line,
    admin_of,
    consumed,
    expected,
    kafka_behind_proxy,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from aiokafka.admin import AIOKafkaAdminClient

    from gerador.embedded.cluster import EmbeddedKafka
    from tests.delivery.tcp_proxy import Proxy

APPLIED_S = 0.3
"""A broker that tells of a new setting may still be about to act on it."""
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def behind_proxy(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[EmbeddedKafka, Proxy]]:
    """Give a Kafka and the proxy in front of it."""
    async with kafka_behind_proxy(tmp_path_factory.mktemp("faults")) as both:
        yield both


def through(proxy: Proxy) -> str:
    """Return the address by way of the proxy, which behaves again."""
    proxy.swallow_answers = proxy.refuse = False
    return f"127.0.0.1:{proxy.port}"


async def until(what: Callable[[], bool], said: str) -> None:
    """Wait until the function returns something true."""
    deadline = time.monotonic() + SOON_S
    while not what():
        assert time.monotonic() < deadline, said
        await asyncio.sleep(0.02)


async def assert_exact(kafka: EmbeddedKafka, line: Line) -> None:
    """Hold the topic against the recipe, and the ledger against both."""
    total = line.sink.ledger.total
    assert (total.acked, total.failed, total.unknown, total.in_flight) == (line.row, 0, 0, 0)
    assert await consumed(kafka.bootstrap, line.topic) == expected(line.row)


async def test_batches_that_arrived_unheard_are_found_in_the_log(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """A producer replaced while answers were lost resends only what the log does not hold."""
    kafka, proxy = behind_proxy
    async with Line(through(proxy), "unheard") as line:
        await line.send(3)
        assert await line.sink.drain(SOON_S)
        proxy.swallow_answers = True
        await line.send(6)
        await until(lambda: _end_offsets_beyond(line), "nothing was sent")
        await asyncio.sleep(0.3)  # the brokers append what they got, the answers vanish
        proxy.cut()
        line.sink._supervisor.break_off("the test says so")
        await until(lambda: line.sink.ledger.total.unknown > 0, "nothing became unknown")
        assert line.balance() == line.row
        proxy.swallow_answers = False
        proxy.cut()
        assert await line.sink.drain(SOON_S)
        await line.sink.close()
        assert line.seen.restarts == ["the test says so"]
        await assert_exact(kafka, line)


def _end_offsets_beyond(line: Line) -> bool:
    return any(lane.sent for lane in line.sink._settlement.lanes)


async def test_cut_connections_lose_and_repeat_nothing(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """Connections cut again and again under load leave the topic exact."""
    kafka, proxy = behind_proxy
    async with Line(through(proxy), "cut") as line:
        for _ in range(8):
            await line.send(4)
            proxy.cut()
            await asyncio.sleep(0.05)
        assert await line.sink.drain(SOON_S)
        await line.sink.close()
        await assert_exact(kafka, line)


async def test_a_killed_broker_that_comes_back_loses_and_repeats_nothing(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """SIGKILL under load: degraded with a reason meanwhile, exact afterwards."""
    kafka, proxy = behind_proxy
    async with Line(through(proxy), "killed") as line:
        await line.send(10)
        await kafka.kill()
        await line.send(10)
        await until(lambda: line.sink.trouble is not None, "the outage was not noticed")
        assert "no acknowledgement" in (line.sink.trouble or "")
        assert line.balance() == line.row
        await kafka.restart()
        assert await line.sink.drain(SOON_S)
        assert line.sink.trouble is None
        await line.sink.close()
        await assert_exact(kafka, line)


async def test_a_broker_that_hangs_longer_than_the_timeout_is_outlived(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """A broker stopped for longer than request_timeout_ms loses and repeats nothing."""
    kafka, proxy = behind_proxy
    async with Line(through(proxy), "hung") as line:
        await line.send(5)
        pid = kafka.pids[0]
        os.killpg(pid, signal.SIGSTOP)
        try:
            await line.send(5)
            await asyncio.sleep(4.5)
            assert line.sink.trouble is not None
        finally:
            os.killpg(pid, signal.SIGCONT)
        assert await line.sink.drain(SOON_S)
        await line.sink.close()
        await assert_exact(kafka, line)


async def test_a_refused_batch_is_failed_and_the_rest_goes_on(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """When the topic's limit shrinks, what is too large is counted failed, the rest arrives."""
    kafka, proxy = behind_proxy
    async with Line(through(proxy), "shrunk") as line:
        await line.send(2)
        assert await line.sink.drain(SOON_S)
        await _limit(kafka, "shrunk", 20_000)
        made = line.next_slice()
        failed = sum(b.record_count for b in made.batches if len(b.buffer) > 20_000)
        await line.sink.offer(made)
        assert await line.sink.drain(SOON_S)
        assert failed > 0
        assert line.sink.ledger.total.failed == failed
        assert line.sink.ledger.failed_by_reason == {"MessageSizeTooLargeError": failed}
        await _limit(kafka, "shrunk", 1_048_588)
        await line.send(2)
        assert await line.sink.drain(SOON_S)
        await line.sink.close()
        assert line.balance() == line.row == line.sink.ledger.total.acked + failed
        kept = sum(len(v) for v in (await consumed(kafka.bootstrap, "shrunk")).values())
        assert kept == line.sink.ledger.total.acked


async def _limit(kafka: EmbeddedKafka, topic: str, size: int) -> None:
    async with admin_of(kafka.bootstrap) as admin:
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(size)})]
        )
        await _until_told(admin, topic, str(size))


async def _until_told(admin: AIOKafkaAdminClient, topic: str, size: str) -> None:
    """Wait until the broker has heard of it: the answer comes from the controller, before."""
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic)]
    while True:
        (response,) = await admin.describe_configs(asked)
        entries = {entry[0]: entry[1] for entry in response.resources[0][4]}
        if entries["max.message.bytes"] == size:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(APPLIED_S)


async def test_a_topic_deleted_and_made_anew_goes_on_filling(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """A topic that is deleted under us comes back, and later rows arrive in it, once."""
    kafka, proxy = behind_proxy
    async with Line(through(proxy), "anew") as line:
        await line.send(2)
        assert await line.sink.drain(SOON_S)
        async with admin_of(kafka.bootstrap) as admin:
            await admin.delete_topics(["anew"])
            await asyncio.sleep(1)
            await admin.create_topics([NewTopic("anew", PARTITIONS, 1)])
        before = line.row
        await line.send(3)
        assert await line.sink.drain(SOON_S)
        await line.sink.close()
        total = line.sink.ledger.total
        assert (total.acked, total.unknown, total.failed) == (line.row, 0, 0)
        held = await consumed(kafka.bootstrap, "anew")
        wanted = expected(line.row)
        for partition, values in held.items():
            assert values == wanted[partition][-len(values) :]
            assert len(values) >= (line.row - before) // PARTITIONS


async def test_closing_while_the_broker_is_away_is_bounded_and_honest(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """Close returns within seconds; what was sent unheard is unknown, what was not is failed."""
    _, proxy = behind_proxy
    async with Line(through(proxy), "away") as line:
        await line.send(2)
        assert await line.sink.drain(SOON_S)
        proxy.swallow_answers = True
        await line.send(6)
        await asyncio.sleep(0.3)
        began = time.monotonic()
        await line.sink.close()
        assert time.monotonic() - began < 5
        total = line.sink.ledger.total
        assert total.in_flight == 0
        assert total.unknown > 0
        assert line.balance() == line.row
        assert set(line.sink.ledger.failed_by_reason) <= {"stopped before sending"}
