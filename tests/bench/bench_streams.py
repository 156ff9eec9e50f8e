"""CPU time of many slow streams: seconds per minute, and the share of due rows that arrived.

    python -m tests.bench.bench_streams [--seconds 30]

Each case is one `gerador run` with a local Kafka and one topic per stream, without the page. The
CPU time is that of its process, without Kafka's, after every stream has delivered rows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import psutil

from gerador.embedded.cluster import EmbeddedKafka
from tests.e2e.command import Running, started
from tests.kafka_fixture import cache_dir

CASES: Final = ((40, 100), (200, 10))
"""Number of streams, and rows per second of each."""
SETTLE_S: Final = 5.0
FIELDS: Final = (
    "{id: {sequence: {start: 1}}, user: {uniform: {min: 1, max: 1000}}, at: event_time, "
    "kind: {choice: [a, b, c]}}"
)


class Measured(NamedTuple):
    """What a run did while it was measured."""

    cpu_s_per_minute: float
    delivered: float
    """Acknowledged rows as a share of the rows that became due."""


def main() -> None:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    seconds = parser.parse_args().seconds
    with (
        tempfile.TemporaryDirectory(prefix="bench-streams-") as folder,
        EmbeddedKafka(Path(folder) / "kafka", cache_dir=cache_dir()) as kafka,
    ):
        for streams, rate in CASES:
            file = Path(folder) / f"{streams}.yaml"
            file.write_text(_scenario(streams, rate))
            found = _measure(file, kafka.bootstrap, seconds)
            sys.stdout.write(
                f"{streams} streams of {rate} rows/s: {found.cpu_s_per_minute:.1f} s of CPU "
                f"per minute, {found.delivered:.1%} of the due rows delivered\n"
            )


def _scenario(streams: int, rate: int) -> str:
    lines = ["seed: 1", "streams:"]
    for n in range(streams):
        topic = f"{{name: streams-{streams}-{n}, partitions: 1}}"
        lines.append(f"  s{n}: {{topic: {topic}, rate: {rate}/s, fields: {FIELDS}}}")
    return "\n".join(lines)


def _measure(file: Path, bootstrap: str, seconds: float) -> Measured:
    arguments = ("run", str(file), "--bootstrap-servers", bootstrap, "--port", "0")
    with started(*arguments, "--page", "false") as running:
        while not all(s["acked"] for s in _status(running)["streams"].values()):
            time.sleep(0.5)
        time.sleep(SETTLE_S)
        process, started_s = psutil.Process(running.process.pid), time.monotonic()
        before, cpu_before = _status(running), sum(process.cpu_times()[:2])
        time.sleep(seconds)
        after, cpu_after = _status(running), sum(process.cpu_times()[:2])
        elapsed_s = time.monotonic() - started_s
    delivered = (after["acked"] - before["acked"]) / (after["due"] - before["due"])
    return Measured(60 * (cpu_after - cpu_before) / elapsed_s, delivered)


def _status(running: Running) -> dict[str, Any]:
    found: dict[str, Any] = running.get("/status")
    return found


if __name__ == "__main__":
    main()
