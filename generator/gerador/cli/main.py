"""The program `gerador`: its commands, exit codes and error output."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from gerador.cli.bench import bench
from gerador.cli.broker import broker
from gerador.cli.check import check
from gerador.cli.run import run
from gerador.cli.sample import sample
from gerador.cli.scenario import scenario
from gerador.cli.schema import schema
from gerador.errors import GeradorError, ScenarioError

USAGE = 2
INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the signal's number, as shells count."""

app = typer.Typer(
    name="gerador",
    help="Synthetic events on a Kafka topic, at the rate you ask for, with the answer key.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _options(
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Hold the options of the program itself."""
    if version:
        typer.echo(f"gerador {installed_version('gerador')}")
        raise typer.Exit


app.command()(run)
app.command()(sample)
app.command()(check)
app.command()(scenario)
app.command()(schema)
app.command()(broker)
app.command()(bench)


def main() -> None:
    """Run the command line. A failure is one line on stderr, never a traceback."""
    sys.exit(_code(sys.argv[1:]))


def _code(arguments: list[str]) -> int:
    try:
        result = app(arguments, prog_name="gerador", standalone_mode=False)
    except typer.TyperException as e:
        # Without a command the help was shown, and there is nothing left to say.
        return _fail(e.format_message(), USAGE) if e.format_message() else USAGE
    except GeradorError as e:
        # A scenario's complaints have a line each; all else is one.
        return _fail(str(e), e.exit_code, lines=isinstance(e, ScenarioError))
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return result if isinstance(result, int) else 0


def _fail(message: str, code: int, *, lines: bool = False) -> int:
    console = Console(stderr=True, soft_wrap=True)
    for line in message.splitlines() if lines else [message]:
        console.print(Text.assemble(("gerador: ", "bold red"), " ".join(line.split())))
    return code
