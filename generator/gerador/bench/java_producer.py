"""Kafka's ProducerPerformance tool against the same broker."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gerador.embedded.java import run_tool
from gerador.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from pathlib import Path


TOOL: Final = "org.apache.kafka.tools.ProducerPerformance"
HEAP_MB: Final = 512
LINGER_MS: Final = 5
_RATE: Final = re.compile(r"records sent, ([\d.]+) records/sec")


def run_producer_performance(
    bootstrap: str, topic: str, *, records: int, value_bytes: int, batch_bytes: int,
    compression: str, cache_dir: Path | None = None,
) -> float:  # fmt: skip
    """Send `records` values of `value_bytes` with acks=all; return records per second.

    The batches are as large as ours and the buffer holds many of them.

    Raises EmbeddedKafkaError: no Java, or the tool failed.
    """
    props = [
        f"bootstrap.servers={bootstrap}", "acks=all", f"batch.size={batch_bytes}",
        f"linger.ms={LINGER_MS}", f"buffer.memory={64 << 20}", f"compression.type={compression}",
    ]  # fmt: skip
    done = run_tool(
        TOOL,
        ["--topic", topic, "--num-records", str(records), "--record-size", str(value_bytes),
         "--throughput", "-1", "--producer-props", *props],
        cache_dir=cache_dir,
        heap_mb=HEAP_MB,
    )  # fmt: skip
    rates = _RATE.findall(done.stdout)
    if done.returncode or not rates:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise EmbeddedKafkaError(
            f"ProducerPerformance failed: {lines[-1] if lines else 'no output'}"
        )
    return float(rates[-1])
