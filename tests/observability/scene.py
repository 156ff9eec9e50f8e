"""A generator with a real Kafka, scraped by a real Prometheus, and faults to inject."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from gerador.embedded.cluster import EmbeddedKafka
from tests.delivery.kafka_harness import admin_of
from tests.e2e.command import Running, started
from tests.kafka_fixture import cache_dir
from tests.observability.prometheus import TIMEOUT_S, Prometheus, prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOPIC: Final = "observed"
STREAM: Final = "registros"
BATCH_BYTES_REJECTED: Final = 300
"""Limit of the topic that every record batch exceeds."""
BATCH_BYTES_DEFAULT: Final = 1_048_588


@dataclass(frozen=True, slots=True)
class Scene:
    """The running processes, and operations on them."""

    kafka: EmbeddedKafka
    generator: Running
    prometheus: Prometheus

    def status(self) -> dict[str, Any]:
        """Return GET /status."""
        read: dict[str, Any] = self.generator.get("/status")
        return read

    def metrics(self) -> str:
        """Return GET /metrics."""
        with urllib.request.urlopen(self.generator.url() + "/metrics", timeout=TIMEOUT_S) as answer:  # noqa: S310
            text: str = answer.read().decode()
        return text

    def change_rate(self, rate: str) -> None:
        """Change the rate of the stream."""
        self._call("PATCH", "", {"rate": rate})

    def pause(self) -> None:
        """Pause the stream."""
        self._call("POST", "/pause", None)

    def resume(self) -> None:
        """Resume the stream."""
        self._call("POST", "/resume", None)

    def reject_batches(self, seconds: float) -> None:
        """Make the broker reject every batch for `seconds`: rows fail, producers restart."""
        asyncio.run(_limit(self.kafka.bootstrap, BATCH_BYTES_REJECTED))
        time.sleep(seconds)
        asyncio.run(_limit(self.kafka.bootstrap, BATCH_BYTES_DEFAULT))

    def lose_broker(self, seconds: float) -> None:
        """Kill the broker and start it after `seconds`: rows wait, some outcomes are unknown."""
        self.kafka.kill_sync()
        time.sleep(seconds)
        self.kafka.restart_sync()

    def _call(self, method: str, operation: str, body: Any) -> None:
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.generator.url()}/streams/{STREAM}{operation}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310
            pass


@contextmanager
def scene(folder: Path, *, rate: str, scrape_s: float) -> Iterator[Scene]:
    """Start Kafka, generator and Prometheus; stop them at the end of the block."""
    with EmbeddedKafka(folder / "kafka", cache_dir=cache_dir()) as kafka:
        options = ["--topic", TOPIC, "--rate", rate, "--compression-type", "lz4", "--port", "0"]
        where = ["--bootstrap-servers", kafka.bootstrap]
        with started("run", *where, *options) as running:
            running.until("acked", 1)
            (folder / "prometheus").mkdir()
            target = running.url().removeprefix("http://")
            with prometheus(folder / "prometheus", target, scrape_s) as watching:
                watching.until("up == 1")
                yield Scene(kafka, running, watching)


async def _limit(bootstrap: str, batch_bytes_max: int) -> None:
    change = {"max.message.bytes": str(batch_bytes_max)}
    async with admin_of(bootstrap) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, change)])
