"""A topic that is deleted under a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.delivery.kafka.connection import Connection
from gerador.delivery.kafka.producer_supervisor import TOPIC_DELETED
from gerador.delivery.kafka.sink import KafkaSink
from gerador.delivery.kafka.topic import TopicSpec
from tests.delivery.kafka_harness import PARTITIONS, SOON_S, Line, admin_of, consumed, expected
from tests.delivery.test_kafka_network_failures import until

if TYPE_CHECKING:
    from tests.kafka_fixture import Broker

TOPIC = "deleted-under-a-run"
NEVER_MS = 3_600_000
"""A request time-out that no test outlives: what needs it to pass fails."""


def patient_line(bootstrap: str) -> Line:
    """Return a line whose requests do not time out."""

    async def find() -> Connection:
        return Connection(bootstrap_servers=bootstrap, request_timeout_ms=NEVER_MS)

    line = Line(bootstrap, TOPIC)
    line.sink = KafkaSink(find, TopicSpec(name=TOPIC, partitions=PARTITIONS), line.seen)
    return line


async def test_a_deleted_topic_is_made_again_without_waiting_for_a_timeout(kafka: Broker) -> None:
    """The metadata say that the topic is gone: it is made again, and takes all later rows."""
    async with patient_line(kafka.bootstrap) as line:
        await line.send(2)
        assert await line.sink.drain(SOON_S)
        async with admin_of(kafka.bootstrap) as admin:
            await admin.delete_topics([TOPIC])
        before = line.row
        await line.send(1)
        await until(lambda: line.seen.restarts == [TOPIC_DELETED], "the deletion was not noticed")
        await line.send(2)
        assert await line.sink.drain(SOON_S)
        await line.sink.close()
        total = line.sink.ledger.total
        assert (total.acked, total.unknown, total.failed) == (line.row, 0, 0)
    wanted = expected(line.row)
    for partition, values in (await consumed(kafka.bootstrap, TOPIC)).items():
        assert values == wanted[partition][-len(values) :]
        assert len(values) >= (line.row - before) // PARTITIONS
