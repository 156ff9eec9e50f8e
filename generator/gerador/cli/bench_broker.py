"""`gerador bench` with a broker: stage throughput, end-to-end throughput, its ceiling, and Java's producer."""

from __future__ import annotations

import asyncio
import signal
import statistics
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import uvloop
from rich.console import Console
from rich.table import Table

from gerador.process import limit_malloc_arenas, shorten_switch_interval

if TYPE_CHECKING:
    from gerador.bench.end_to_end import EndToEndConfig, EndToEndResult
    from gerador.bench.stage_throughput import StageThroughput
    from gerador.encoding.compression import Compression


WARM_UP_S: Final = 3.0
"""Seconds before the first round: Java compiles what runs often only while it runs."""
SMALL_TOPIC: Final = {"retention.bytes": str(64 << 20), "segment.bytes": str(16 << 20)}
"""The topics are emptied behind the producers, so that a benchmark fills no disk."""
JAVA_RECORDS_PER_S: Final = 400_000
"""A guess at the tool's speed, so that it runs for about as long as we do."""


@dataclass
class _RoundResults:
    """What the rounds gave; rounds of one index ran one after another."""

    ceiling: list[EndToEndResult] = field(default_factory=list)
    whole: list[EndToEndResult] = field(default_factory=list)
    java: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BrokerBenchOptions:
    """What is measured: how long, how often, through which topic and broker."""

    seconds: float
    rounds: int
    partitions: int
    compression: Compression
    batch_size: int
    bootstrap_servers: str | None
    against_java: bool


def run_broker_bench(plan: BrokerBenchOptions) -> tuple[dict[str, Any], Table]:
    """Return the figures of a run to a broker, and the table that shows them."""
    shorten_switch_interval()
    limit_malloc_arenas()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C: the local Kafka is ended
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="gerador-bench-") as folder:
        figures = uvloop.run(_measure(console, Path(folder), plan))
    return figures, _table(figures)


async def _measure(console: Console, folder: Path, plan: BrokerBenchOptions) -> dict[str, Any]:
    from gerador.bench.end_to_end import EndToEndConfig  # noqa: PLC0415
    from gerador.bench.stage_throughput import measure_stages  # noqa: PLC0415
    from gerador.delivery.kafka.connection import Connection  # noqa: PLC0415
    from gerador.embedded.cluster import EmbeddedKafka  # noqa: PLC0415
    from gerador.embedded.properties import topic_config  # noqa: PLC0415
    from gerador.scenario.stream_spec import default_stream  # noqa: PLC0415

    spec = default_stream()
    console.print("rows, encoding, framing …", style="dim")
    pure = measure_stages(spec, plan.partitions, plan.batch_size)
    bootstrap, kafka = plan.bootstrap_servers, None
    if bootstrap is None:
        console.print("starting a local Kafka …", style="dim")
        kafka = EmbeddedKafka(folder / "kafka")
        bootstrap = await kafka.start()
    try:
        course = EndToEndConfig(
            connection=Connection(bootstrap_servers=bootstrap),
            spec=spec,
            partitions=plan.partitions,
            compression=plan.compression,
            batch_bytes_max=plan.batch_size,
            seconds=plan.seconds,
            topic_config=topic_config(plan.partitions) | SMALL_TOPIC,
        )
        return _figures(pure, await _run_rounds(console, course, pure, plan))
    finally:
        if kafka is not None:
            await kafka.stop()


async def _run_rounds(
    console: Console, course: EndToEndConfig, pure: StageThroughput, plan: BrokerBenchOptions
) -> _RoundResults:
    """Run ceiling, whole path and Java in turn, so that the machine's drift hits all alike."""
    from dataclasses import replace  # noqa: PLC0415

    from gerador.bench.end_to_end import run_end_to_end  # noqa: PLC0415
    from gerador.bench.java_producer import run_producer_performance  # noqa: PLC0415

    result = _RoundResults()
    await run_end_to_end(replace(course, seconds=WARM_UP_S), "bench-java", canned=False)
    for n in range(1, plan.rounds + 1):
        console.print(f"round {n} of {plan.rounds}: the ceiling, the whole path …", style="dim")
        result.ceiling.append(await run_end_to_end(course, "bench-ceiling", canned=True))
        result.whole.append(await run_end_to_end(course, "bench-whole", canned=False))
        if plan.against_java:
            console.print(f"round {n} of {plan.rounds}: Java …", style="dim")
            rate = await asyncio.to_thread(
                run_producer_performance, course.connection.bootstrap_servers, "bench-java",
                records=round(course.seconds * JAVA_RECORDS_PER_S),
                value_bytes=round(pure.value_bytes), batch_bytes=course.batch_bytes_max,
                compression=course.compression.value,
            )  # fmt: skip
            result.java.append(rate)
    return result


def _figures(pure: StageThroughput, rounds: _RoundResults) -> dict[str, Any]:
    ceiling = [r.acked_records_per_s for r in rounds.ceiling]
    whole = [r.acked_records_per_s for r in rounds.whole]
    median = statistics.median
    of_java = [w / j for w, j in zip(whole, rounds.java, strict=False)]
    return asdict(pure) | {
        "acked_records_per_s": median(whole),
        "ceiling_records_per_s": median(ceiling),
        "of_ceiling": median(w / c for w, c in zip(whole, ceiling, strict=True)),
        "java_records_per_s": median(rounds.java) if rounds.java else None,
        "of_java": median(of_java) if of_java else None,
        "lost": sum(r.lost for r in rounds.whole + rounds.ceiling),
        "status_p50_ms": median(r.status_p50_ms for r in rounds.whole),
        "status_p99_ms": median(r.status_p99_ms for r in rounds.whole),
        "rss_mb_max": max(r.rss_mb_max for r in rounds.whole),
    }


def _table(figures: dict[str, Any]) -> Table:
    table = Table(title="gerador bench", title_justify="left")
    table.add_column("what")
    table.add_column("figure", justify="right")
    table.add_column("", justify="left")
    acked, ceiling = figures["acked_records_per_s"], figures["ceiling_records_per_s"]
    rows = [
        ("rows made, one core", f"{figures['make_rows_per_s']:,.0f} rows/s", ""),
        ("encoded as datums, one core", f"{figures['datum_rows_per_s']:,.0f} rows/s",
         f"{figures['value_bytes']:.0f} bytes each"),
        ("encoded and framed, one core", f"{figures['encode_rows_per_s']:,.0f} rows/s",
         f"{figures['record_bytes']:.0f} bytes each"),
        ("whole path, acknowledged", f"{acked:,.0f} records/s", "idempotent, acks=all"),
        ("ceiling: one canned slice", f"{ceiling:,.0f} records/s",
         f"the whole path reaches {figures['of_ceiling']:.0%} of it"),
    ]  # fmt: skip
    if figures["java_records_per_s"] is not None:
        java = f"{figures['java_records_per_s']:,.0f} records/s"
        times = f"the whole path is {figures['of_java']:.1f} times as fast"
        rows.append(("Java's ProducerPerformance", java, times))
    rows += [
        ("rows failed or unknown", f"{figures['lost']:,}", ""),
        ("/status meanwhile", f"{figures['status_p50_ms']:.1f} ms",
         f"99 % within {figures['status_p99_ms']:.1f} ms"),
        ("memory, at most", f"{figures['rss_mb_max']:.0f} MB", ""),
    ]  # fmt: skip
    for row in rows:
        table.add_row(*row)
    return table
