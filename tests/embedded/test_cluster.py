"""A local Kafka of one node: records, topics, listeners, tools and logs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, UnknownTopicOrPartitionError

from gerador.embedded.cluster import EmbeddedKafka
from gerador.embedded.java import run_tool
from gerador.errors import EmbeddedKafkaError
from tests.embedded.clients import consume, create_topic, produce
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

JAAS = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    'user_ana="segredo de \\"João\\"";'
)
SASL = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN"}
CENTURY_MS = 100 * 365 * 86_400_000


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """Start a node with a SASL listener in a directory with special characters in its name."""
    folder = tmp_path_factory.mktemp("dados do João, nº 1")
    extra = {
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl.plain.sasl.jaas.config": JAAS,
    }
    listeners = {"SASL": "SASL_PLAINTEXT"}
    with EmbeddedKafka(folder, cache_dir=cache_dir(), listeners=listeners, extra=extra) as running:
        yield running


@pytest.mark.parametrize("compression", [None, "gzip", "snappy", "lz4", "zstd"])
async def test_records_are_stored(cluster: EmbeddedKafka, compression: str | None):
    """Acknowledged records are consumed in order, with every compression."""
    topic = f"records-{compression}"
    await create_topic(cluster.bootstrap, topic)
    values = [bytes([i]) * 100 for i in range(20)]
    await produce(cluster.bootstrap, topic, values, compression_type=compression)
    assert await consume(cluster.bootstrap, topic, len(values), group_id=topic) == values


async def test_transactions_commit(cluster: EmbeddedKafka):
    """A committed transaction is visible to read_committed consumers."""
    await create_topic(cluster.bootstrap, "transactions")
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id="t")
    async with asyncio.timeout(30), producer, producer.transaction():
        await producer.send_and_wait("transactions", b"committed", partition=0)
    committed = {"isolation_level": "read_committed"}
    assert await consume(cluster.bootstrap, "transactions", 1, **committed) == [b"committed"]


@pytest.mark.parametrize("shift_ms", [-CENTURY_MS // 2, CENTURY_MS])
async def test_any_timestamp_is_accepted_and_retained(cluster: EmbeddedKafka, shift_ms: int):
    """A timestamp decades in the past or future is neither rejected nor deleted by retention."""
    topic = f"timestamp-{shift_ms}"
    await create_topic(cluster.bootstrap, topic)
    await produce(cluster.bootstrap, topic, [b"x"], timestamp_ms=int(time.time() * 1e3) + shift_ms)
    assert await consume(cluster.bootstrap, topic, 1) == [b"x"]


async def test_topics_are_not_auto_created(cluster: EmbeddedKafka):
    """Describing a topic does not create it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    (described,) = await admin.describe_topics(["absent"])
    topics = await admin.list_topics()
    await admin.close()
    assert described["error_code"] == UnknownTopicOrPartitionError.errno
    assert "absent" not in topics


async def test_an_additional_listener_authenticates(cluster: EmbeddedKafka):
    """The SASL listener accepts the configured user and rejects a wrong password."""
    await create_topic(cluster.bootstrap, "secured")
    address = cluster.bootstrap_of("SASL")
    ana = {**SASL, "sasl_plain_username": "ana", "sasl_plain_password": 'segredo de "João"'}
    await produce(address, "secured", [b"from ana"], **ana)
    assert await consume(address, "secured", 1, **ana) == [b"from ana"]
    with pytest.raises(KafkaConnectionError):
        await produce(address, "secured", [b"x"], **(ana | {"sasl_plain_password": "guess"}))


async def test_a_second_start_on_the_directory_fails(cluster: EmbeddedKafka):
    """Another start on the directory fails while the first cluster keeps running."""
    with pytest.raises(EmbeddedKafkaError, match="in use by process"):
        await EmbeddedKafka(cluster.data_dir, cache_dir=cache_dir()).start()
    assert cluster.alive()


def test_kafka_tools_run(cluster: EmbeddedKafka):
    """A tool of the jars runs and its output is returned."""
    args = ["--bootstrap-server", cluster.bootstrap, "--create", "--topic", "by-tool"]
    done = run_tool("org.apache.kafka.tools.TopicCommand", args, cache_dir=cache_dir())
    assert (done.returncode, "Created topic by-tool" in done.stdout) == (0, True)


def test_logs_go_to_their_file(cluster: EmbeddedKafka):
    """Kafka logs to its file, not to Java's output, which reports only the tests' flags."""
    output = (cluster.data_dir / "node-1/java.out").read_text().splitlines()
    assert [line for line in output if not line.startswith("Picked up JAVA_TOOL_OPTIONS")] == []
    assert "Kafka Server started" in (cluster.data_dir / "node-1/server.log").read_text()
