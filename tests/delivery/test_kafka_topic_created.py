"""Topic creation on brokers with auto.create.topics.enable=true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.embedded.cluster import EmbeddedKafka
from tests.e2e.service import served
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_topic_is_not_auto_created(tmp_path: Path) -> None:
    """The topic has the three requested partitions, not the broker's num.partitions=1."""
    config = {"auto.create.topics.enable": "true", "num.partitions": "1"}
    kafka = EmbeddedKafka(tmp_path, cache_dir=cache_dir(), extra=config)
    bootstrap = await kafka.start()
    try:
        async with served(
            bootstrap, topic="auto-create", partitions="3", rows="10", rate="100"
        ) as run:
            await run.finished()
            assert run.run.status().partitions == 3
            assert run.run.status().acked == 10
    finally:
        await kafka.stop()
