"""`gerador bench`: measures throughput on this machine, as ratios measured side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from gerador.cli.bench_broker import BrokerBenchOptions, run_broker_bench
from gerador.cli.bench_scenario import run_scenario_bench, scenario_table
from gerador.cli.logging_setup import configure_logging
from gerador.errors import SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from gerador.encoding.compression import Compression


SECONDS_DEFAULT: Final = 3.0
"""Of each run to the broker."""


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
        figures, table = run_broker_bench(
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
        _reject_broker_options(
            schema=scenario and schema, seconds=seconds, compression_type=compression_type,
            bootstrap_servers=bootstrap_servers, against_java=against_java or None,
        )  # fmt: skip
        speed, figures = run_scenario_bench(
            scenario, schema,
            rounds=rounds, partitions=partitions, batch_bytes_max=batch_size,
        )  # fmt: skip
        table = scenario_table(figures["scenario"], speed)
    Console().print(table)
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _parse_compression(word: str) -> Compression:
    from gerador.encoding.compression import Compression  # noqa: PLC0415 - only here is it used

    try:
        return Compression(word)
    except ValueError:
        words = ", ".join(c.value for c in Compression)
        raise SettingError(f"--compression-type={word}: must be one of {words}") from None


def _reject_broker_options(**options: object) -> None:
    """Raise SettingError for an option that says nothing of a scenario without a broker."""
    for name, value in options.items():
        if value is not None:
            option = "--" + name.replace("_", "-")
            with_it = "--scenario" if name == "schema" else "--scenario and --schema"
            raise SettingError(f"{option} does not go with {with_it}; leave it out")
