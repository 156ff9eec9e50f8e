"""`gerador bench` with a broker: throughput of stages, end to end, its maximum, and Java."""

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

from gerador.errors import KafkaUnavailableError
from gerador.process_tuning import limit_malloc_arenas, shorten_switch_interval

if TYPE_CHECKING:
    from gerador.bench.end_to_end import EndToEndConfig, EndToEndResult
    from gerador.bench.stage_throughput import StageThroughput
    from gerador.delivery.kafka.connection import Connection
    from gerador.encoding.compression import Compression


MAXIMUM_TOPIC: Final = "gerador-bench-maximum"
END_TO_END_TOPIC: Final = "gerador-bench-end-to-end"
JAVA_TOPIC: Final = "gerador-bench-java"
"""Topic of Java's runs, and of the warm-up."""
DELETE_TIMEOUT_S: Final = 10.0
WARM_UP_S: Final = 3.0
"""Seconds of the warm-up run: the JVM of the broker compiles its hot code."""
SMALL_TOPIC: Final = {"retention.bytes": str(64 << 20), "segment.bytes": str(16 << 20)}
"""Retention that deletes old records during the benchmark, to limit disk usage."""
JAVA_RECORDS_PER_S: Final = 400_000
"""Expected throughput of ProducerPerformance, so that its runs take about as long as ours."""


@dataclass
class _RoundResults:
    """Results by round; those of one index were measured one after another."""

    maximum: list[EndToEndResult] = field(default_factory=list)
    end_to_end: list[EndToEndResult] = field(default_factory=list)
    java: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BrokerBenchOptions:
    """Options of a benchmark with a broker."""

    seconds: float
    rounds: int
    partitions: int
    compression: Compression
    batch_size: int
    bootstrap_servers: str | None
    against_java: bool


def run_broker_bench(options: BrokerBenchOptions) -> tuple[dict[str, Any], Table]:
    """Return the results of the benchmark with a broker, and a table of them."""
    shorten_switch_interval()
    limit_malloc_arenas()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C stops the local Kafka
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="gerador-bench-") as folder:
        results = uvloop.run(_measure(console, Path(folder), options))
    return results, _table(results)


async def _measure(console: Console, folder: Path, options: BrokerBenchOptions) -> dict[str, Any]:
    from gerador.bench.end_to_end import EndToEndConfig  # noqa: PLC0415
    from gerador.bench.stage_throughput import measure_stages  # noqa: PLC0415
    from gerador.delivery.kafka.connection import Connection  # noqa: PLC0415
    from gerador.embedded.cluster import EmbeddedKafka  # noqa: PLC0415
    from gerador.embedded.properties import topic_config  # noqa: PLC0415
    from gerador.scenario.stream_spec import spec_for  # noqa: PLC0415

    spec = spec_for()
    console.print("Measuring generation, encoding and batching …", style="dim")
    stages = measure_stages(spec, options.partitions, options.batch_size)
    bootstrap, kafka = options.bootstrap_servers, None
    if bootstrap is None:
        console.print("Starting a local Kafka …", style="dim")
        kafka = EmbeddedKafka(folder / "kafka")
        bootstrap = await kafka.start()
    connection = Connection(bootstrap_servers=bootstrap)
    try:
        config = EndToEndConfig(
            connection=connection,
            spec=spec,
            partitions=options.partitions,
            compression=options.compression,
            batch_bytes_max=options.batch_size,
            seconds=options.seconds,
            topic_config=topic_config(options.partitions) | SMALL_TOPIC,
        )
        return _summary(stages, await _run_rounds(console, config, stages, options))
    finally:
        if kafka is None:
            await _delete_topics(console, connection)
        else:
            await kafka.stop()


async def _delete_topics(console: Console, connection: Connection) -> None:
    """Delete the topics of the benchmark from the user's brokers; a failure is one line."""
    from gerador.delivery.kafka.topic import delete_topics  # noqa: PLC0415

    topics = (MAXIMUM_TOPIC, END_TO_END_TOPIC, JAVA_TOPIC)
    try:
        await delete_topics(connection, topics, DELETE_TIMEOUT_S)
    except KafkaUnavailableError as e:
        console.print(f"cannot delete the topics {', '.join(topics)}: {e}", style="yellow")


async def _run_rounds(
    console: Console, config: EndToEndConfig, stages: StageThroughput, options: BrokerBenchOptions
) -> _RoundResults:
    """Alternate maximum, end-to-end and Java runs, so that drift of the machine affects all."""
    from dataclasses import replace  # noqa: PLC0415

    from gerador.bench.end_to_end import run_end_to_end  # noqa: PLC0415
    from gerador.bench.java_producer import run_producer_performance  # noqa: PLC0415

    result = _RoundResults()
    await run_end_to_end(replace(config, seconds=WARM_UP_S), JAVA_TOPIC, prebuilt=False)
    for n in range(1, options.rounds + 1):
        console.print(f"Round {n} of {options.rounds}: maximum, end to end …", style="dim")
        result.maximum.append(await run_end_to_end(config, MAXIMUM_TOPIC, prebuilt=True))
        result.end_to_end.append(await run_end_to_end(config, END_TO_END_TOPIC, prebuilt=False))
        if options.against_java:
            console.print(f"Round {n} of {options.rounds}: Java …", style="dim")
            rate = await asyncio.to_thread(
                run_producer_performance, config.connection.bootstrap_servers, JAVA_TOPIC,
                records=round(config.seconds * JAVA_RECORDS_PER_S),
                value_bytes=round(stages.value_bytes), batch_bytes=config.batch_bytes_max,
                compression=config.compression.value,
            )  # fmt: skip
            result.java.append(rate)
    return result


def _summary(stages: StageThroughput, rounds: _RoundResults) -> dict[str, Any]:
    maximum = [r.acked_records_per_s for r in rounds.maximum]
    end_to_end = [r.acked_records_per_s for r in rounds.end_to_end]
    median = statistics.median
    of_java = [w / j for w, j in zip(end_to_end, rounds.java, strict=False)]
    return asdict(stages) | {
        "acked_records_per_s": median(end_to_end),
        "max_records_per_s": median(maximum),
        "of_max": median(w / m for w, m in zip(end_to_end, maximum, strict=True)),
        "java_records_per_s": median(rounds.java) if rounds.java else None,
        "of_java": median(of_java) if of_java else None,
        "lost": sum(r.lost for r in rounds.end_to_end + rounds.maximum),
        "status_p50_ms": median(r.status_p50_ms for r in rounds.end_to_end),
        "status_p99_ms": median(r.status_p99_ms for r in rounds.end_to_end),
        "rss_mb_max": max(r.rss_mb_max for r in rounds.end_to_end),
    }


def _table(results: dict[str, Any]) -> Table:
    table = Table(title="gerador bench", title_justify="left")
    table.add_column("measured")
    table.add_column("result", justify="right")
    table.add_column("", justify="left")
    acked, maximum = results["acked_records_per_s"], results["max_records_per_s"]
    rows = [
        ("generate, one core", f"{results['generate_rows_per_s']:,.0f} rows/s", ""),
        ("encode values, one core", f"{results['encode_rows_per_s']:,.0f} rows/s",
         f"{results['value_bytes']:.0f} bytes each"),
        ("encode and batch, one core", f"{results['batch_rows_per_s']:,.0f} rows/s",
         f"{results['record_bytes']:.0f} bytes each"),
        ("end to end, acknowledged", f"{acked:,.0f} records/s", "idempotent, acks=all"),
        ("maximum, one fixed slice", f"{maximum:,.0f} records/s",
         f"end to end reaches {results['of_max']:.0%} of it"),
    ]  # fmt: skip
    if results["java_records_per_s"] is not None:
        java = f"{results['java_records_per_s']:,.0f} records/s"
        times = f"end to end is {results['of_java']:.1f} times as fast"
        rows.append(("Java's ProducerPerformance", java, times))
    rows += [
        ("rows failed or unknown", f"{results['lost']:,}", ""),
        ("latency of /status", f"{results['status_p50_ms']:.1f} ms",
         f"p99 {results['status_p99_ms']:.1f} ms"),
        ("memory, peak", f"{results['rss_mb_max']:.0f} MB", ""),
    ]  # fmt: skip
    for row in rows:
        table.add_row(*row)
    return table
