"""Network and broker failures with a real Kafka: no loss, no duplicates, order kept."""

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
    SinkUnderTest,
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

CONFIG_APPLY_S = 0.3
"""Time for a broker to apply a configuration that it reports already."""
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def behind_proxy(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[EmbeddedKafka, Proxy]]:
    """Yield a Kafka and the proxy in front of it."""
    async with kafka_behind_proxy(tmp_path_factory.mktemp("failures")) as kafka_and_proxy:
        yield kafka_and_proxy


def proxied(proxy: Proxy) -> str:
    """Return the proxy's address, with its failures turned off."""
    proxy.swallow_answers = proxy.refuse = False
    return f"127.0.0.1:{proxy.port}"


async def until(condition: Callable[[], bool], failure: str) -> None:
    """Wait until the condition is true."""
    deadline = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < deadline, failure
        await asyncio.sleep(0.02)


async def assert_exact(kafka: EmbeddedKafka, under_test: SinkUnderTest) -> None:
    """Compare the topic with the recipe, and the ledger with both."""
    total = under_test.sink.ledger.total
    assert (total.acked, total.failed, total.unknown, total.in_flight) == (under_test.row, 0, 0, 0)
    assert await consumed(kafka.bootstrap, under_test.topic) == expected(under_test.row)


async def test_batches_without_a_response_are_found_in_the_log(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """After lost responses only batches that are not in the log are resent."""
    kafka, proxy = behind_proxy
    async with SinkUnderTest(proxied(proxy), "no-response") as under_test:
        await under_test.send(3)
        assert await under_test.sink.drain(SOON_S)
        proxy.swallow_answers = True
        await under_test.send(6)
        await until(lambda: _has_sent_batches(under_test), "nothing was sent")
        await asyncio.sleep(0.3)  # the broker appends the requests, the responses are lost
        proxy.cut()
        under_test.sink._supervisor.replace_producer("replaced by the test")
        await until(lambda: under_test.sink.ledger.total.unknown > 0, "nothing became unknown")
        assert under_test.balance() == under_test.row
        proxy.swallow_answers = False
        proxy.cut()
        assert await under_test.sink.drain(SOON_S)
        await under_test.sink.close()
        assert under_test.observer.restarts == ["replaced by the test"]
        await assert_exact(kafka, under_test)


def _has_sent_batches(under_test: SinkUnderTest) -> bool:
    return any(queue.sent for queue in under_test.sink._tracker.queues)


async def test_cut_connections(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """Connections that are cut repeatedly under load leave the topic exact."""
    kafka, proxy = behind_proxy
    async with SinkUnderTest(proxied(proxy), "cut") as under_test:
        for _ in range(8):
            await under_test.send(4)
            proxy.cut()
            await asyncio.sleep(0.05)
        assert await under_test.sink.drain(SOON_S)
        await under_test.sink.close()
        await assert_exact(kafka, under_test)


async def test_a_killed_and_restarted_broker(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """During the outage the sink reports a problem; afterwards the topic is exact."""
    kafka, proxy = behind_proxy
    async with SinkUnderTest(proxied(proxy), "killed") as under_test:
        await under_test.send(10)
        await kafka.kill()
        await under_test.send(10)
        await until(lambda: under_test.sink.problem is not None, "the outage was not noticed")
        assert "no acknowledgement" in (under_test.sink.problem or "")
        assert under_test.balance() == under_test.row
        await kafka.restart()
        assert await under_test.sink.drain(SOON_S)
        assert under_test.sink.problem is None
        await under_test.sink.close()
        await assert_exact(kafka, under_test)


async def test_a_broker_that_hangs_longer_than_the_request_timeout(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """A broker stopped for longer than request_timeout_ms leaves the topic exact."""
    kafka, proxy = behind_proxy
    async with SinkUnderTest(proxied(proxy), "hung") as under_test:
        await under_test.send(5)
        pid = kafka.pids[0]
        os.killpg(pid, signal.SIGSTOP)
        try:
            await under_test.send(5)
            await asyncio.sleep(4.5)
            assert under_test.sink.problem is not None
        finally:
            os.killpg(pid, signal.SIGCONT)
        assert await under_test.sink.drain(SOON_S)
        await under_test.sink.close()
        await assert_exact(kafka, under_test)


async def test_a_rejected_batch_fails_and_the_others_continue(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """With a lower max.message.bytes, batches above it fail and all others are acknowledged."""
    kafka, proxy = behind_proxy
    async with SinkUnderTest(proxied(proxy), "shrunk") as under_test:
        await under_test.send(2)
        assert await under_test.sink.drain(SOON_S)
        await _limit(kafka, "shrunk", 20_000)
        slice_ = under_test.next_slice()
        failed = sum(b.record_count for b in slice_.batches if len(b.buffer) > 20_000)
        await under_test.sink.send(slice_)
        assert await under_test.sink.drain(SOON_S)
        assert failed > 0
        assert under_test.sink.ledger.total.failed == failed
        assert under_test.sink.ledger.failed_by_reason == {"MessageSizeTooLargeError": failed}
        await _limit(kafka, "shrunk", 1_048_588)
        await under_test.send(2)
        assert await under_test.sink.drain(SOON_S)
        await under_test.sink.close()
        assert under_test.balance() == under_test.row == under_test.sink.ledger.total.acked + failed
        kept = sum(len(v) for v in (await consumed(kafka.bootstrap, "shrunk")).values())
        assert kept == under_test.sink.ledger.total.acked


async def _limit(kafka: EmbeddedKafka, topic: str, size: int) -> None:
    async with admin_of(kafka.bootstrap) as admin:
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(size)})]
        )
        await _wait_for_config(admin, topic, str(size))


async def _wait_for_config(admin: AIOKafkaAdminClient, topic: str, size: str) -> None:
    """Wait until the broker reports the value: the controller responds earlier."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic)]
    while True:
        (response,) = await admin.describe_configs(resources)
        entries = {entry[0]: entry[1] for entry in response.resources[0][4]}
        if entries["max.message.bytes"] == size:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(CONFIG_APPLY_S)


async def test_a_topic_that_is_deleted_and_created_again(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """Rows after the deletion arrive in the new topic, once."""
    kafka, proxy = behind_proxy
    async with SinkUnderTest(proxied(proxy), "recreated") as under_test:
        await under_test.send(2)
        assert await under_test.sink.drain(SOON_S)
        async with admin_of(kafka.bootstrap) as admin:
            await admin.delete_topics(["recreated"])
            await asyncio.sleep(1)
            await admin.create_topics([NewTopic("recreated", PARTITIONS, 1)])
        before = under_test.row
        await under_test.send(3)
        assert await under_test.sink.drain(SOON_S)
        await under_test.sink.close()
        total = under_test.sink.ledger.total
        assert (total.acked, total.unknown, total.failed) == (under_test.row, 0, 0)
        values_by_partition = await consumed(kafka.bootstrap, "recreated")
        all_values = expected(under_test.row)
        for partition, values in values_by_partition.items():
            assert values == all_values[partition][-len(values) :]
            assert len(values) >= (under_test.row - before) // PARTITIONS


async def test_closing_while_the_broker_is_unavailable(
    behind_proxy: tuple[EmbeddedKafka, Proxy],
) -> None:
    """Close returns within seconds; rows without a response are unknown, unsent ones failed."""
    _, proxy = behind_proxy
    async with SinkUnderTest(proxied(proxy), "unavailable") as under_test:
        await under_test.send(2)
        assert await under_test.sink.drain(SOON_S)
        proxy.swallow_answers = True
        await under_test.send(6)
        await asyncio.sleep(0.3)
        started_s = time.monotonic()
        await under_test.sink.close()
        assert time.monotonic() - started_s < 5
        total = under_test.sink.ledger.total
        assert total.in_flight == 0
        assert total.unknown > 0
        assert under_test.balance() == under_test.row
        assert set(under_test.sink.ledger.failed_by_reason) <= {"stopped before sending"}
