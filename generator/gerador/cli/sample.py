"""`gerador sample`: prints or writes rows of a stream without Kafka, or checks its schema for portability."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gerador.cli.sample_options import SampleOptions, parse_whole_number
from gerador.cli.sample_output import FORMATS, ignore_broken_pipe, open_output
from gerador.errors import SettingError, did_you_mean
from gerador.settings.load import reject_unknown_variables

if TYPE_CHECKING:
    from pathlib import Path

TABLE_FORMAT = "table"
FORMAT_NAMES = (TABLE_FORMAT, *FORMATS)
ROWS_SHOWN = "10"


def sample(  # noqa: PLR0913, PLR0917 - an option an argument, as Typer has it
    context: typer.Context,
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SOURCE]",
            help="An Avro schema (.avsc), a scenario (.yaml), or a name of the gallery; "
            "none: registros.",
            show_default=False,
        ),
    ] = None,
    stream: Annotated[
        str | None, typer.Option(metavar="NAME", help="A scenario's stream; none: the first.")
    ] = None,
    rows: Annotated[
        str, typer.Option("-n", "--rows", metavar="N", help="How many rows.")
    ] = ROWS_SHOWN,
    first: Annotated[str, typer.Option("--from", metavar="ROW", help="The first row.")] = "0",
    seed: Annotated[
        str | None, typer.Option(metavar="N", help="0 to 2**63 - 1; none: chosen.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="When row 0 is due, ISO 8601, UTC; none: now."),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(
            metavar="RATE", help='Rows per second, or "max"; none: 1,000 rows together a second.'
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file to write; none: stdout.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", "-f", help=", ".join(FORMAT_NAMES) + ".")
    ] = TABLE_FORMAT,
    check_portable: Annotated[
        bool,
        typer.Option(
            "--check-portable", help="Show no rows, but which types Flink and Spark do not read."
        ),
    ] = False,
) -> None:
    """Show or write rows of a stream, without Kafka.

    json is one object a line, avro an object container file, arrow an IPC stream.
    The same seed, start and rate give the same rows, here and on a topic. --check-portable exits
    with 1 when a field does not travel to Flink and Spark as what it is, else with 0.
    """
    reject_unknown_variables(os.environ)
    if check_portable:
        _reject_row_options(context)
        lines, all_travel = portability_report(source)
        typer.echo("\n".join(lines))
        raise typer.Exit(0 if all_travel else 1)
    wanted = SampleOptions(
        source,
        stream,
        parse_whole_number("-n", rows),
        parse_whole_number("--from", first),
        None if seed is None else parse_whole_number("--seed", seed),
        start,
        rate,
    )
    with ignore_broken_pipe():
        _write(wanted, output, form)


def _reject_row_options(context: typer.Context) -> None:
    """Refuse options of rows where no rows are made, rather than ignore them."""
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        given = source is not None and source.name == "COMMANDLINE"
        if given and parameter.name not in {"source", "check_portable"}:
            raise SettingError(
                f"--check-portable makes no rows and {parameter.opts[-1]} is about rows; "
                "leave one out"
            )


def _write(wanted: SampleOptions, output: Path | None, form: str) -> None:
    if form not in FORMAT_NAMES:
        raise SettingError(
            f"--format {form}: not known{did_you_mean(form, FORMAT_NAMES)}; one of {', '.join(FORMAT_NAMES)}"
        )
    made = wanted.stream()
    if form == TABLE_FORMAT:
        from gerador.cli.sample_table import table_text  # noqa: PLC0415 - loads rich

        pieces, binary = table_text(made, wanted, output), False
    else:
        written = FORMATS[form]
        pieces, binary = written.write(made, wanted.first, wanted.after), written.binary
    with open_output(output, binary=binary, form=form) as out:
        for piece in pieces:
            out.write(piece)
    if sys.stderr.isatty() or output is not None or form == TABLE_FORMAT or wanted.seed is None:
        # Silent in a pipe of data whose recipe is known; who keeps a file wants it again.
        sys.stderr.write(f"same rows again: {wanted.again(made)}\n")


def portability_report(schema: Path | None) -> tuple[list[str], bool]:
    """Return what to say of a schema (None: the default stream's), and whether all travels.

    Raises SchemaError: the schema cannot be read.
    """
    from gerador.avro.load import load_avro  # noqa: PLC0415 - `--help` shall not wait for it
    from gerador.avro.portability import portability_warnings  # noqa: PLC0415
    from gerador.scenario.stream_spec import default_stream  # noqa: PLC0415

    avro = default_stream().schema if schema is None else load_avro(schema)
    found = [str(caution) for caution in portability_warnings(avro.root)]
    if found:
        return found, False
    return [f"{avro.name}: every field travels to Flink and to Spark as what it is"], True
