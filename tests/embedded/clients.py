"""Kafka clients for tests: aiokafka coroutines with timeouts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from gerador.embedded.properties import topic_config

if TYPE_CHECKING:
    from collections.abc import Sequence

CLIENT_TIMEOUT_S = 30


async def create_topic(bootstrap: str, name: str, replicas: int = 1) -> None:
    """Create a topic of one partition; an error fails the test."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        response = await admin.create_topics(
            [NewTopic(name, 1, replicas, topic_configs=topic_config(1))]
        )
    finally:
        await admin.close()
    assert [error[1] for error in response.topic_errors] == [0]


async def produce(
    bootstrap: str, topic: str, values: Sequence[bytes], timestamp_ms: int | None = None, **how: Any
) -> None:
    """Send values to partition 0 and wait for all acknowledgements."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, **how
    )
    async with asyncio.timeout(CLIENT_TIMEOUT_S), producer:
        for value in values:
            await producer.send_and_wait(topic, value, partition=0, timestamp_ms=timestamp_ms)


async def consume(bootstrap: str, topic: str, count: int, **how: Any) -> list[bytes]:
    """Return the first `count` values of the topic."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", **how
    )
    async with asyncio.timeout(CLIENT_TIMEOUT_S), consumer:
        return [(await consumer.getone()).value for _ in range(count)]
