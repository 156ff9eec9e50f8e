"""Three brokers, of which some stand still or die: the topic is exact, and acknowledged is true."""

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
from tests.delivery.kafka_harness import PARTITIONS, SOON_S, Line, admin_of
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
"""That of a `Line`."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedKafka]:
    """Give a cluster of three nodes."""
    folder = tmp_path_factory.mktemp("replicas")
    kafka = EmbeddedKafka(folder, cache_dir=cache_dir(), nodes=3, heap_mb=256)
    await kafka.start()
    try:
        yield kafka
    finally:
        await kafka.stop()


async def make_topic(kafka: EmbeddedKafka, name: str, *replicas: int) -> None:
    """Make a topic whose replicas are on these nodes, the first one leading; two must hold it."""
    copies = {partition: list(replicas) for partition in range(PARTITIONS)}
    config = {"min.insync.replicas": "2", "retention.ms": "-1"}
    new = NewTopic(name, -1, -1, replica_assignments=copies, topic_configs=config)
    async with admin_of(kafka.bootstrap) as admin:
        made = await admin.create_topics([new])
    assert [error[1] for error in made.topic_errors] == [0]


@asynccontextmanager
async def run_under_way(line: Line) -> AsyncIterator[None]:
    """Offer rows all the time; afterwards wait until all are settled."""

    async def offer() -> None:
        while True:
            await line.sink.offer(line.next_slice(ROWS_AT_ONCE))
            assert line.balance() == line.row
            await asyncio.sleep(PAUSE_S)

    offering = asyncio.create_task(offer())
    try:
        await more(line, 10)
        yield
        await more(line, 10)
    finally:
        offering.cancel()
        ended = await asyncio.gather(offering, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError)
    line.row = line.balance()  # the slice that was being offered may not have been taken
    assert await line.sink.drain(SOON_S)
    await line.sink.close()


async def more(line: Line, slices: int) -> None:
    """Wait until that much more is acknowledged."""
    goal = line.sink.ledger.total.acked + slices * ROWS_AT_ONCE
    await until(lambda: line.sink.ledger.total.acked >= goal, "no more acknowledgements")


@contextmanager
def stopped(kafka: EmbeddedKafka, *nodes: int) -> Iterator[None]:
    """Let nodes stand still, as machines do that swap or lose their network."""
    groups = [pid for node in nodes if (pid := kafka.pids[node - 1]) is not None]
    for group in groups:
        os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        for group in groups:
            os.killpg(group, signal.SIGCONT)


async def test_what_is_not_replicated_yet_is_waited_for(three: EmbeddedKafka) -> None:
    """With the only follower still, a replaced producer settles nothing: the log may yet change."""
    await make_topic(three, "unreplicated", LEADER, FOLLOWERS[0])
    async with Line(three.bootstrap, "unreplicated") as line, run_under_way(line):
        with stopped(three, FOLLOWERS[0]):
            await until(lambda: line.sink.trouble is not None, "the outage was not noticed")
            acked = line.sink.ledger.total.acked
            line.sink._supervisor.break_off("the test says so")
            await until(lambda: "to be replicated" in (line.sink.trouble or ""), "it is not said")
            assert line.sink.ledger.total.acked == acked
            assert line.sink.ledger.total.unknown > 0
    assert "the test says so" in line.seen.restarts
    await assert_exact(three, line)


async def test_one_follower_is_enough_and_none_is_waited_for(three: EmbeddedKafka) -> None:
    """Without two replicas in sync nothing is acknowledged; with two of three, all goes on."""
    await make_topic(three, "followers", LEADER, *FOLLOWERS)
    async with Line(three.bootstrap, "followers") as line, run_under_way(line):
        with stopped(three, FOLLOWERS[0]):
            with stopped(three, FOLLOWERS[1]):
                await until(lambda: line.sink.trouble is not None, "the outage was not noticed")
                await asyncio.sleep(REQUEST_TIMEOUT_S)
            await more(line, 10)
            await until(lambda: line.sink.trouble is None, "the run did not recover")
    await assert_exact(three, line)


async def test_a_leader_that_stands_still_is_replaced(three: EmbeddedKafka) -> None:
    """A leader wakes up with requests of ours in its sockets, and is leader no more."""
    await make_topic(three, "frozen-leader", LEADER, *FOLLOWERS)
    async with Line(three.bootstrap, "frozen-leader") as line, run_under_way(line):
        with stopped(three, LEADER):
            await more(line, 10)
    await assert_exact(three, line)


async def test_a_killed_leader_is_replaced(three: EmbeddedKafka) -> None:
    """SIGKILL of the leader under load: another leads, nothing is lost or twice."""
    await make_topic(three, "killed-leader", LEADER, *FOLLOWERS)
    async with Line(three.bootstrap, "killed-leader") as line, run_under_way(line):
        await three.kill(LEADER)
        await more(line, 10)
        await three.restart(LEADER)
    await assert_exact(three, line)
