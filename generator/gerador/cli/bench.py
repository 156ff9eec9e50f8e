"""`gerador bench`: measures throughput on this machine, as ratios measured side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gerador.errors import SettingError
from gerador.process_tuning import skip_pandas

if TYPE_CHECKING:
    from gerador.encoding.compression import Compression


SECONDS_DEFAULT: Final = 3.0
"""Seconds of each run with a broker."""
BATCH_SIZE_DEFAULT: Final = 512 * 1024


@click.command()
@click.option(
    "--scenario",
    metavar="SCENARIO",
    help="Measure this scenario without a broker: a file, or a name of the gallery.",
)
@click.option(
    "--schema",
    metavar="PATH",
    help="Measure the stream of this Avro schema (.avsc) without a broker.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    metavar="N",
    help=f"Seconds of each run with a broker.  [default: {SECONDS_DEFAULT:g}]",
)
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    metavar="N",
    default=5,
    show_default=True,
    help="Number of rounds. The median is shown; for a scenario, the best.",
)
@click.option(
    "--partitions",
    type=click.IntRange(min=1),
    metavar="N",
    default=4,
    show_default=True,
    help="Partitions of the topics.",
)
@click.option(
    "--compression-type",
    metavar="[none|gzip|snappy|lz4|zstd]",
    help="Compression of record batches.  [default: none]",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1024),
    metavar="N",
    default=BATCH_SIZE_DEFAULT,
    show_default=True,
    help="Largest record batch in bytes.",
)
@click.option(
    "--bootstrap-servers",
    metavar="HOST:PORT",
    help="Broker to measure with; the topics gerador-bench-* are deleted afterwards.  "
    "[default: a temporary local Kafka]",
)
@click.option("--against-java", is_flag=True, help="Also run Kafka's ProducerPerformance.")
@click.option(
    "--json", "json_file", type=Path, metavar="PATH", help="Write the results to this file."
)
def bench(  # noqa: PLR0913, PLR0917 - one argument per option
    scenario: str | None,
    schema: str | None,
    seconds: float | None,
    rounds: int,
    partitions: int,
    compression_type: str | None,
    batch_size: int,
    bootstrap_servers: str | None,
    json_file: Path | None,
    *,
    against_java: bool,
) -> None:
    """Measure throughput on this machine.

    Measures generation, encoding and batching on one core, then acknowledged records with a
    broker, and the maximum of the same path with one fixed slice.

    With --scenario or --schema, measures generation, encoding and batching on one core and the
    cost of each field, without a broker.
    """
    from rich.console import Console  # noqa: PLC0415 - not needed for `--help`

    from gerador.cli.logging_setup import configure_logging  # noqa: PLC0415

    if json_file is not None and not json_file.parent.is_dir():
        raise SettingError(f"--json={json_file}: folder {json_file.parent} does not exist")
    configure_logging("warning")
    skip_pandas()
    if scenario is None and schema is None:
        from gerador.cli.bench_with_broker import (  # noqa: PLC0415
            BrokerBenchOptions,
            run_broker_bench,
        )

        results, table = run_broker_bench(
            BrokerBenchOptions(
                SECONDS_DEFAULT if seconds is None else seconds,
                rounds,
                partitions,
                _parse_compression("none" if compression_type is None else compression_type),
                batch_size,
                bootstrap_servers,
                against_java,
            )
        )
    else:
        from gerador.cli.bench_scenario import (  # noqa: PLC0415
            run_scenario_bench,
            scenario_table,
        )

        _reject_broker_options(
            schema=scenario and schema, seconds=seconds, compression_type=compression_type,
            bootstrap_servers=bootstrap_servers, against_java=against_java or None,
        )  # fmt: skip
        speed, results = run_scenario_bench(
            scenario, schema,
            rounds=rounds, partitions=partitions, batch_bytes_max=batch_size,
        )  # fmt: skip
        table = scenario_table(results["scenario"], speed)
    Console().print(table)
    if json_file is not None:
        json_file.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _parse_compression(name: str) -> Compression:
    from gerador.encoding.compression import Compression  # noqa: PLC0415

    try:
        return Compression(name)
    except ValueError:
        names = ", ".join(c.value for c in Compression)
        raise SettingError(f"--compression-type={name}: expected one of {names}") from None


def _reject_broker_options(**options: object) -> None:
    """Raise SettingError for an option that has no effect without a broker."""
    for name, value in options.items():
        if value is not None:
            option = "--" + name.replace("_", "-")
            other = "--scenario" if name == "schema" else "--scenario or --schema"
            raise SettingError(f"{option} cannot be combined with {other}; remove one of them")
