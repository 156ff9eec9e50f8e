"""Three brokers, some of them paused or killed: the topic stays exact."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiokafka.admin import NewTopic

from gerador.embedded.cluster import EmbeddedKafka
from tests.delivery.kafka_harness import PARTITIONS, SOON_S, SinkUnderTest, admin_of
from tests.delivery.test_kafka_network_failures import assert_exact, until
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEADER = 1
FOLLOWERS = (2, 3)
ROWS_AT_ONCE = 200
PAUSE_S = 0.05
REQUEST_TIMEOUT_S = 3.0
"""The request timeout of `SinkUnderTest`."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedKafka]:
    """Yield a cluster of three nodes."""
    folder = tmp_path_factory.mktemp("replicas")
    kafka = EmbeddedKafka(folder, cache_dir=cache_dir(), nodes=3, heap_mb=256)
    await kafka.start()
    try:
        yield kafka
    finally:
        await kafka.stop()


async def create_topic(kafka: EmbeddedKafka, name: str, *replicas: int) -> None:
    """Create a topic on these nodes, led by the first, with min.insync.replicas=2."""
    copies = {partition: list(replicas) for partition in range(PARTITIONS)}
    config = {"min.insync.replicas": "2", "retention.ms": "-1"}
    new = NewTopic(name, -1, -1, replica_assignments=copies, topic_configs=config)
    async with admin_of(kafka.bootstrap) as admin:
        made = await admin.create_topics([new])
    assert [error[1] for error in made.topic_errors] == [0]


@asynccontextmanager
async def sending(under_test: SinkUnderTest) -> AsyncIterator[None]:
    """Send rows continuously; at the end wait until all are acknowledged."""

    async def send() -> None:
        while True:
            await under_test.sink.send(under_test.next_slice(ROWS_AT_ONCE))
            assert under_test.balance() == under_test.row
            await asyncio.sleep(PAUSE_S)

    task = asyncio.create_task(send())
    try:
        await wait_for_acks(under_test, 10)
        yield
        await wait_for_acks(under_test, 10)
    finally:
        task.cancel()
        results = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    under_test.row = under_test.balance()  # the last slice may not have been queued
    assert await under_test.sink.drain(SOON_S)
    await under_test.sink.close()


async def wait_for_acks(under_test: SinkUnderTest, slices: int) -> None:
    """Wait until this many more slices are acknowledged."""
    target = under_test.sink.ledger.total.acked + slices * ROWS_AT_ONCE
    await until(lambda: under_test.sink.ledger.total.acked >= target, "no more acknowledgements")


@contextmanager
def paused(kafka: EmbeddedKafka, *nodes: int) -> Iterator[None]:
    """Pause nodes with SIGSTOP, as if they lost their network."""
    groups = [pid for node in nodes if (pid := kafka.pids[node - 1]) is not None]
    for group in groups:
        os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        for group in groups:
            os.killpg(group, signal.SIGCONT)


async def test_unreplicated_records_are_waited_for(three: EmbeddedKafka) -> None:
    """With its only follower paused, the log may be truncated: nothing in it counts as acked."""
    await create_topic(three, "unreplicated", LEADER, FOLLOWERS[0])
    async with SinkUnderTest(three.bootstrap, "unreplicated") as under_test, sending(under_test):
        with paused(three, FOLLOWERS[0]):
            await until(lambda: under_test.sink.problem is not None, "the outage was not noticed")
            acked = under_test.sink.ledger.total.acked
            under_test.sink._supervisor.replace_producer("replaced by the test")
            await until(
                lambda: "to be replicated" in (under_test.sink.problem or ""),
                "the problem was not reported",
            )
            assert under_test.sink.ledger.total.acked == acked
            assert under_test.sink.ledger.total.unknown > 0
    assert "replaced by the test" in under_test.observer.restarts
    await assert_exact(three, under_test)


async def test_one_of_two_followers_is_enough(three: EmbeddedKafka) -> None:
    """With one in-sync replica nothing is acknowledged; with two of three, all rows are."""
    await create_topic(three, "followers", LEADER, *FOLLOWERS)
    async with SinkUnderTest(three.bootstrap, "followers") as under_test, sending(under_test):
        with paused(three, FOLLOWERS[0]):
            with paused(three, FOLLOWERS[1]):
                await until(
                    lambda: under_test.sink.problem is not None, "the outage was not noticed"
                )
                await asyncio.sleep(REQUEST_TIMEOUT_S)
            await wait_for_acks(under_test, 10)
            await until(lambda: under_test.sink.problem is None, "the run did not recover")
    await assert_exact(three, under_test)


async def test_a_paused_leader_is_replaced(three: EmbeddedKafka) -> None:
    """A leader resumes with requests in its sockets after another one was elected."""
    await create_topic(three, "paused-leader", LEADER, *FOLLOWERS)
    async with SinkUnderTest(three.bootstrap, "paused-leader") as under_test, sending(under_test):
        with paused(three, LEADER):
            await wait_for_acks(under_test, 10)
    await assert_exact(three, under_test)


async def test_a_killed_leader_is_replaced(three: EmbeddedKafka) -> None:
    """After SIGKILL of the leader another one is elected, and the topic is exact."""
    await create_topic(three, "killed-leader", LEADER, *FOLLOWERS)
    async with SinkUnderTest(three.bootstrap, "killed-leader") as under_test, sending(under_test):
        await three.kill(LEADER)
        await wait_for_acks(under_test, 10)
        await three.restart(LEADER)
    await assert_exact(three, under_test)
