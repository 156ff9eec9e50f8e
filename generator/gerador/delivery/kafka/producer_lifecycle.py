"""Starts and closes idempotent aiokafka producers, and mutes partitions that failed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka_errors

from gerador.delivery.kafka.error_messages import describe
from gerador.delivery.kafka.produce_request import use_single_copy_requests
from gerador.errors import KafkaUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiokafka.structs import TopicPartition

    from gerador.delivery.kafka.connection import Connection


RETRY_BACKOFF_MS: Final = 50
CLOSE_S: Final = 1.0
"""Longest wait for the sockets of a closed producer."""
POLL_S: Final = 0.05
SEQUENCE_MAX: Final = 2**31 - 1
SEQUENCE_RESERVE: Final = 50_000_000
"""Sequence numbers below SEQUENCE_MAX that are left unused when a producer is replaced.

aiokafka 0.14 lets the sequence number become negative at 2^31, where Kafka wraps around to 0. The
reserve is half a minute at 1.5 M rows/s, to finish the queued batches.
"""
SEQUENCE_LIMIT: Final = SEQUENCE_MAX - SEQUENCE_RESERVE


async def start_producer(connection: Connection, topic: str, timeout_s: float) -> Any:
    """Return a started idempotent producer that has the topic's metadata.

    Raises KafkaUnavailableError: the brokers are unavailable, reject the client, or do not respond
    within `timeout_s`. The producer is closed then.
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


def mute_failed_partitions(producer: Any) -> None:
    """Stop a producer from sending to a partition after one of its batches has failed.

    aiokafka would send the next batch. If this producer has no batch in the partition yet, the
    broker accepts any first sequence number: that batch would precede the failed one, which is
    resent. A callback of the failed batch would be too late, since aiokafka's sender may run first;
    here, nothing runs between the end of the request and the muting. Call it once, before the first
    batch.
    """
    sender = producer._sender  # noqa: SLF001
    send_request = sender._send_produce_req  # noqa: SLF001

    async def send_and_mute(node_id: int, batches: Mapping[TopicPartition, Any]) -> None:
        await send_request(node_id, batches)
        for partition, batch in batches.items():
            result: asyncio.Future[Any] = batch.future
            if result.done() and not result.cancelled() and result.exception() is not None:
                sender._muted_partitions.add(partition)  # noqa: SLF001

    sender._send_produce_req = send_and_mute  # noqa: SLF001


async def close_producer(producer: Any, timeout_s: float) -> bool:
    """Close a producer without flushing it; return True when its sender has stopped.

    `AIOKafkaProducer.stop` flushes first and therefore hangs while the brokers are unavailable
    (aiokafka issue 1101). This cancels the sender, closes the sockets, which ends the requests in
    flight, and waits for the sender's last task.
    """
    producer._closed = True  # noqa: SLF001 - prevents a warning of its __del__
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
    """End waits for metadata of a closed client, which would otherwise hang."""
    update = client._md_update_fut  # noqa: SLF001
    if update is not None and not update.done():
        update.set_result(False)
