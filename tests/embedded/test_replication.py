"""A cluster of three nodes with replication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.embedded.cluster import EmbeddedKafka
from tests.embedded.clients import consume, create_topic, produce
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from pathlib import Path


async def test_two_of_three_nodes_continue(tmp_path: Path):
    """With one node killed, the others acknowledge; after its restart it rejoins."""
    with EmbeddedKafka(tmp_path, cache_dir=cache_dir(), nodes=3, heap_mb=256) as kafka:
        assert kafka.bootstrap.count(",") == 2
        await create_topic(kafka.bootstrap, "copied", replicas=3)
        await produce(kafka.bootstrap, "copied", [b"by three"])
        await kafka.kill(2)
        await produce(kafka.bootstrap, "copied", [b"by two"])
        assert await consume(kafka.bootstrap, "copied", 2) == [b"by three", b"by two"]
        await kafka.restart(2)
        assert kafka.alive()
