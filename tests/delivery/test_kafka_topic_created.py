"""A topic is made as it was asked for, also by brokers that make topics by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.embedded.cluster import EmbeddedKafka
from tests.e2e.service import served
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_broker_that_creates_topics_by_itself_makes_none_for_us(tmp_path: Path) -> None:
    """Asked for three partitions, the topic has three, where the broker's own would have one."""
    eager = {"auto.create.topics.enable": "true", "num.partitions": "1"}
    kafka = EmbeddedKafka(tmp_path, cache_dir=cache_dir(), extra=eager)
    bootstrap = await kafka.start()
    try:
        async with served(bootstrap, topic="eager", partitions="3", rows="10", rate="100") as run:
            await run.finished()
            assert run.run.status().partitions == 3
            assert run.run.status().acked == 10
    finally:
        await kafka.stop()
