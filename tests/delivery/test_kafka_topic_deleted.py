"""A topic that is deleted during a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.delivery.kafka.connection import Connection
from gerador.delivery.kafka.producer_supervisor import TOPIC_DELETED
from gerador.delivery.kafka.sink import KafkaSink
from gerador.delivery.kafka.topic import TopicSpec
from tests.delivery.kafka_harness import (
    PARTITIONS,
    SOON_S,
    SinkUnderTest,
    admin_of,
    consumed,
    expected,
)
from tests.delivery.test_kafka_network_failures import until

if TYPE_CHECKING:
    from tests.kafka_fixture import Broker

TOPIC = "deleted-during-a-run"
NEVER_MS = 3_600_000
"""A request timeout that is longer than the test: waiting for it fails the test."""


def sink_without_timeout(bootstrap: str) -> SinkUnderTest:
    """Return a sink whose requests do not time out."""

    async def connect() -> Connection:
        return Connection(bootstrap_servers=bootstrap, request_timeout_ms=NEVER_MS)

    under_test = SinkUnderTest(bootstrap, TOPIC)
    under_test.sink = KafkaSink(
        connect, TopicSpec(name=TOPIC, partitions=PARTITIONS), under_test.observer
    )
    return under_test


async def test_a_deleted_topic_is_created_again_before_a_timeout(kafka: Broker) -> None:
    """When the metadata lack the topic it is created again, and later rows arrive in it."""
    async with sink_without_timeout(kafka.bootstrap) as under_test:
        await under_test.send(2)
        assert await under_test.sink.drain(SOON_S)
        async with admin_of(kafka.bootstrap) as admin:
            await admin.delete_topics([TOPIC])
        before = under_test.row
        await under_test.send(1)
        await until(
            lambda: under_test.observer.restarts == [TOPIC_DELETED], "the deletion was not noticed"
        )
        await under_test.send(2)
        assert await under_test.sink.drain(SOON_S)
        await under_test.sink.close()
        total = under_test.sink.ledger.total
        assert (total.acked, total.unknown, total.failed) == (under_test.row, 0, 0)
    all_values = expected(under_test.row)
    for partition, values in (await consumed(kafka.bootstrap, TOPIC)).items():
        assert values == all_values[partition][-len(values) :]
        assert len(values) >= (under_test.row - before) // PARTITIONS
