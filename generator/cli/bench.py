"""``gerador bench``: how fast it is here, as ratios measured side by side in one run."""

from __future__ import annotations

import asyncio
import json
import signal
import statistics
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from generator.cli.bench_scenario import scenario_figures, scenario_table
from generator.cli.log import configure_logging
from generator.errors import SettingError
from generator.interpreter import hand_over_quickly

if TYPE_CHECKING:
    from generator.bench.path import Course, PathResult
    from generator.bench.pure import PureSpeeds
    from generator.encoding.compression import Compression

SECONDS: Final = 3.0
"""Of each run to the broker."""
WARM_UP_S: Final = 3.0
"""Seconds before the first round: Java compiles what runs often only while it runs."""
SMALL_TOPIC: Final = {"retention.bytes": str(64 << 20), "segment.bytes": str(16 << 20)}
"""The topics are emptied behind the producers, so that a benchmark fills no disk."""
JAVA_RECORDS_A_SECOND: Final = 400_000
"""A guess at the tool's speed, so that it runs for about as long as we do."""


@dataclass
class _Rounds:
    """What the rounds gave; rounds of one index ran one after another."""

    ceiling: list[PathResult] = field(default_factory=list)
    whole: list[PathResult] = field(default_factory=list)
    java: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Plan:
    seconds: float
    rounds: int
    partitions: int
    compression: Compression
    batch_size: int
    bootstrap_servers: str | None
    against_java: bool


def bench(  # noqa: PLR0913, PLR0917 - an option an argument, as Typer has it
    scenario: Annotated[
        str | None,
        typer.Option(help="Measure this scenario instead: a file, or a name of the gallery."),
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option(help="Measure the stream of this Avro schema (.avsc) instead."),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Seconds of each run to the broker; 3.")
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, help="Rounds; medians are shown, of a scenario the best.")
    ] = 5,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of the topics.")] = 4,
    compression_type: Annotated[
        str | None, typer.Option(help="none, gzip, snappy, lz4 or zstd; none.")
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1024, help="Bytes of a record batch.")] = 512
    * 1024,
    bootstrap_servers: Annotated[
        str | None, typer.Option(help="Another broker than a local Kafka of its own.")
    ] = None,
    against_java: Annotated[
        bool, typer.Option("--against-java", help="Run Kafka's ProducerPerformance as well.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures to this file.")
    ] = None,
) -> None:
    """Measure rows, encoding, framing and the acknowledged path against its ceiling.

    With --scenario or --schema: rows made, encoded and framed on one core, without a broker, and
    what each field costs.
    """
    if json_file is not None and not json_file.parent.is_dir():
        raise SettingError(f"--json={json_file}: there is no folder {json_file.parent}; make it")
    configure_logging("warning")
    if scenario is None and schema is None:
        figures, table = _to_broker(
            _Plan(
                SECONDS if seconds is None else seconds,
                rounds,
                partitions,
                _compression("none" if compression_type is None else compression_type),
                batch_size,
                bootstrap_servers,
                against_java,
            )
        )
    else:
        _refuse_others(
            schema=scenario and schema, seconds=seconds, compression_type=compression_type,
            bootstrap_servers=bootstrap_servers, against_java=against_java or None,
        )  # fmt: skip
        speed, figures = scenario_figures(
            scenario, schema,
            rounds=rounds, partitions=partitions, batch_bytes_max=batch_size,
        )  # fmt: skip
        table = scenario_table(figures["scenario"], speed)
    Console().print(table)
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _compression(word: str) -> Compression:
    from generator.encoding.compression import Compression  # noqa: PLC0415 - only here is it used

    try:
        return Compression(word)
    except ValueError:
        words = ", ".join(c.value for c in Compression)
        raise SettingError(f"--compression-type={word}: must be one of {words}") from None


def _refuse_others(**options: object) -> None:
    """Raise SettingError for an option that says nothing of a scenario without a broker."""
    for name, value in options.items():
        if value is not None:
            option = "--" + name.replace("_", "-")
            with_it = "--scenario" if name == "schema" else "--scenario and --schema"
            raise SettingError(f"{option} does not go with {with_it}; leave it out")


def _to_broker(plan: _Plan) -> tuple[dict[str, Any], Table]:
    hand_over_quickly()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C: the local Kafka is ended
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="gerador-bench-") as folder:
        figures = uvloop.run(_measure(console, Path(folder), plan))
    return figures, _table(figures)


async def _measure(console: Console, folder: Path, plan: _Plan) -> dict[str, Any]:
    from generator.bench.path import Course  # noqa: PLC0415
    from generator.bench.pure import measure_pure  # noqa: PLC0415
    from generator.delivery.kafka.connection import Connection  # noqa: PLC0415
    from generator.embedded import EmbeddedKafka, topic_config  # noqa: PLC0415
    from generator.scenario.default import default_stream  # noqa: PLC0415

    spec = default_stream()
    console.print("rows, encoding, framing …", style="dim")
    pure = measure_pure(spec, plan.partitions, plan.batch_size)
    bootstrap, kafka = plan.bootstrap_servers, None
    if bootstrap is None:
        console.print("starting a local Kafka …", style="dim")
        kafka = EmbeddedKafka(folder / "kafka")
        bootstrap = await kafka.start()
    try:
        course = Course(
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


async def _run_rounds(console: Console, course: Course, pure: PureSpeeds, plan: _Plan) -> _Rounds:
    """Run ceiling, whole path and Java in turn, so that the machine's drift hits all alike."""
    from dataclasses import replace  # noqa: PLC0415

    from generator.bench.java import run_java  # noqa: PLC0415
    from generator.bench.path import run_path  # noqa: PLC0415

    result = _Rounds()
    await run_path(replace(course, seconds=WARM_UP_S), "bench-java", canned=False)
    for n in range(1, plan.rounds + 1):
        console.print(f"round {n} of {plan.rounds}: the ceiling, the whole path …", style="dim")
        result.ceiling.append(await run_path(course, "bench-ceiling", canned=True))
        result.whole.append(await run_path(course, "bench-whole", canned=False))
        if plan.against_java:
            console.print(f"round {n} of {plan.rounds}: Java …", style="dim")
            rate = await asyncio.to_thread(
                run_java, course.connection.bootstrap_servers, "bench-java",
                records=round(course.seconds * JAVA_RECORDS_A_SECOND),
                value_bytes=round(pure.value_bytes), batch_bytes=course.batch_bytes_max,
                compression=course.compression.value,
            )  # fmt: skip
            result.java.append(rate)
    return result


def _figures(pure: PureSpeeds, rounds: _Rounds) -> dict[str, Any]:
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
