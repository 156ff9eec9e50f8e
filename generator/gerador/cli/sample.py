"""`gerador sample`: prints or writes rows of a stream, without Kafka."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path
from typing import Final

import click

from gerador.cli.sample_options import SampleOptions
from gerador.cli.sample_output import (
    FORMATS,
    format_of,
    ignore_broken_pipe,
    open_output,
    sample_format,
)
from gerador.errors import SettingError, did_you_mean
from gerador.process_tuning import skip_pandas

TABLE_FORMAT: Final = "table"
FORMAT_NAMES: Final = (TABLE_FORMAT, *FORMATS)
_COUNT: Final = click.IntRange(min=0)


@click.command()
@click.argument(
    "source",
    required=False,
    type=Path,
    help="An Avro schema (.avsc, .avpr, or a folder), a scenario (.yaml), or the name of a "
    "scenario of the gallery. Default: the built-in stream `registros`.",
)
@click.option("--stream", metavar="NAME", help="Stream of the scenario; default: the first.")
@click.option(
    "-n", "--rows", type=_COUNT, metavar="N", default=10, show_default=True, help="Number of rows."
)
@click.option(
    "--from", "first", type=_COUNT, metavar="ROW", default=0, show_default=True,
    help="Index of the first row.",
)  # fmt: skip
@click.option("--seed", type=_COUNT, metavar="N", help="Seed, 0 to 2**63 - 1; default: random.")
@click.option(
    "--start",
    metavar="TIMESTAMP",
    help="Due time of row 0, ISO 8601, UTC without a zone; default: current time.",
)
@click.option(
    "--rate",
    metavar="RATE",
    help="Rows per second, or `max`; default: a generation of 1,000 rows each second.",
)
@click.option(
    "--scale", type=float, metavar="FACTOR", help="Factor for all rates of a scenario (0.1, 10)."
)
@click.option(
    "--locale",
    metavar="LOCALE",
    help="Language and country of Faker values (pt_BR, en_US); default: the scenario's.",
)
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    type=Path,
    help="Output file, in the format of its suffix; default: stdout.",
)
@click.option(
    "-f", "--format", "form", metavar=f"[{'|'.join(FORMAT_NAMES)}]",
    help=f"Output format; default: that of the suffix of --output, else {TABLE_FORMAT}.",
)  # fmt: skip
@click.option(
    "--check-portable",
    is_flag=True,
    help="Print the fields whose types Flink or Spark do not read, instead of rows. "
    "Exit code 1 if there are any.",
)
@click.pass_context
def sample(  # noqa: PLR0913, PLR0917 - one argument per option
    context: click.Context,
    source: Path | None,
    stream: str | None,
    rows: int,
    first: int,
    seed: int | None,
    start: str | None,
    rate: str | None,
    scale: float | None,
    locale: str | None,
    output: Path | None,
    form: str | None,
    *,
    check_portable: bool,
) -> None:
    """Print or write rows of a stream, without Kafka.

    Formats: table for reading, json (one object per line), csv, avro (object container file),
    arrow (IPC stream; with --output an IPC file), parquet. Suffixes of --output: .json, .jsonl,
    .ndjson, .csv, .avro, .arrow, .feather, .arrows (IPC stream), .parquet.

    The same seed, start and rate give the same rows as in `gerador run`.
    """
    from gerador.settings.load import reject_unknown_variables  # noqa: PLC0415 - imports pydantic

    reject_unknown_variables(os.environ)
    if check_portable:
        _reject_row_options(context)
        lines, portable = portability_report(source)
        click.echo("\n".join(lines))
        context.exit(0 if portable else 1)
    options = SampleOptions(
        source,
        stream,
        rows,
        first,
        seed,
        start,
        rate,
        locale,
        scale,
    )
    with ignore_broken_pipe():
        _write(options, output, form)


def _reject_row_options(context: click.Context) -> None:
    """Reject options for rows, which --check-portable would ignore."""
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        given = source is not None and source.name == "COMMANDLINE"
        if given and parameter.name not in {"source", "check_portable"}:
            raise SettingError(
                f"{parameter.opts[-1]} has no effect with --check-portable, which generates no "
                "rows; remove one of them"
            )


def _write(options: SampleOptions, output: Path | None, form: str | None) -> None:
    if form is None:
        form = TABLE_FORMAT if output is None else format_of(output)
    if form not in FORMAT_NAMES:
        hint = did_you_mean(form, FORMAT_NAMES, f"expected one of {', '.join(FORMAT_NAMES)}")
        raise SettingError(f"--format {form}: unknown format{hint}")
    skip_pandas()
    stream = options.open_stream()
    requested, options = options, options.within(stream)
    if form == TABLE_FORMAT:
        from gerador.cli.sample_table import table_text  # noqa: PLC0415 - imports rich

        chunks, binary = table_text(stream, options, output), False
    else:
        writer = sample_format(form, output)
        chunks, binary = writer.write(stream, options.first_row, options.end_row), writer.binary
    # Rows that cannot be generated or stored leave an existing file as it is.
    first = next(chunks, b"")
    with open_output(output, binary=binary, form=form) as out:
        for chunk in itertools.chain((first,), chunks):
            out.write(chunk)
    if sys.stderr.isatty() or output is not None or form == TABLE_FORMAT or options.seed is None:
        # Silent only when data is piped and the seed is known to the caller.
        if options is not requested:
            sys.stderr.write(f"stream {stream.spec.name!r} ends at row {options.end_row - 1}\n")
        sys.stderr.write(f"Reproduce: {options.command_line(stream)}\n")


def portability_report(schema: Path | None) -> tuple[list[str], bool]:
    """Return the report on a schema (None: the built-in stream's), and whether it is portable.

    Raises SchemaError: the schema cannot be read.
    """
    from gerador.avro.load import load_avro  # noqa: PLC0415 - imports pyarrow
    from gerador.avro.portability import portability_warnings  # noqa: PLC0415
    from gerador.scenario.stream_spec import spec_for  # noqa: PLC0415

    avro = spec_for().schema if schema is None else load_avro(schema)
    warnings = [str(warning) for warning in portability_warnings(avro.root)]
    if warnings:
        return warnings, False
    return [f"{avro.name}: Flink and Spark read every field with its own type"], True
