"""Starts and closes an idempotent aiokafka producer, and mutes a partition after a failed batch."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka_errors
from aiokafka.structs import TopicPartition

from gerador.delivery.kafka.error_messages import describe
from gerador.delivery.kafka.produce_request import use_single_copy_requests
from gerador.errors import KafkaUnavailableError

if TYPE_CHECKING:
    from gerador.delivery.kafka.connection import Connection


RETRY_BACKOFF_MS: Final = 50
CLOSE_S: Final = 1.0
"""Longest wait for sockets to close when a producer is let go."""
POLL_S: Final = 0.05
SEQUENCE_MAX: Final = 2**31 - 1
SEQUENCE_RESERVE: Final = 50_000_000
"""Rows of a partition after which a producer is replaced, counted down from SEQUENCE_MAX.

aiokafka 0.14 lets the sequence number turn negative at 2^31 where Kafka goes back to 0; half a
minute at 1.5 M rows/s is left to finish what is queued.
"""
SEQUENCE_LIMIT: Final = SEQUENCE_MAX - SEQUENCE_RESERVE


async def start_producer(connection: Connection, topic: str, timeout_s: float) -> Any:
    """Return a started idempotent producer that knows the topic's partitions.

    Raises KafkaFault: the brokers are away, refuse the client, or do not answer in `timeout_s`;
    nothing is left running then.
    """
    producer = AIOKafkaProducer(
        **connection.arguments(),
        acks="all",
        enable_idempotence=True,
        retry_backoff_ms=RETRY_BACKOFF_MS,
    )
    use_single_copy_requests(producer.client)
    try:
        async with asyncio.timeout(timeout_s):
            await producer.start()
            await producer.partitions_for(topic)
    except BaseException as e:
        await close_producer(producer, CLOSE_S)
        if isinstance(e, TimeoutError | kafka_errors.KafkaError):
            raise KafkaUnavailableError(describe(e, connection.security_protocol)) from e
        raise
    return producer


def mute_partition(producer: Any, topic: str, partition: int) -> None:
    """Let a producer send no more of a partition of which it could not deliver a batch.

    aiokafka would send the next batch at once, and where this producer has left nothing yet a
    broker takes any first sequence: that batch would stand before the one that is sent again.
    Called when the failed batch's outcome is heard, which is just before aiokafka's sender wakes.
    """
    producer._sender._muted_partitions.add(TopicPartition(topic, partition))  # noqa: SLF001


async def close_producer(producer: Any, timeout_s: float) -> bool:
    """Silence a producer without flushing it; True when it certainly sends no more.

    `AIOKafkaProducer.stop` flushes first and so hangs for ever while brokers are away (aiokafka
    issue 1101). This cancels the sender, closes the sockets, which ends the requests that wait
    for an answer, and then waits for the sender's last task.
    """
    producer._closed = True  # noqa: SLF001 - keeps its __del__ from warning
    closing = asyncio.ensure_future(producer._sender.close())  # noqa: SLF001
    await asyncio.sleep(0)
    await asyncio.wait({asyncio.ensure_future(producer.client.close())}, timeout=CLOSE_S)
    deadline_s = asyncio.get_running_loop().time() + timeout_s
    while not closing.done() and asyncio.get_running_loop().time() < deadline_s:
        _wake_metadata_waiters(producer.client)
        await asyncio.wait({closing}, timeout=POLL_S)
    if not closing.done():
        return False
    closing.exception()
    return True


def _wake_metadata_waiters(client: Any) -> None:
    """Wake who waits for metadata of a closed client: nobody else would, and it would hang."""
    waiting = client._md_update_fut  # noqa: SLF001
    if waiting is not None and not waiting.done():
        waiting.set_result(False)
