"""The `gerador` program: commands, exit codes and error output."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import Final

import click

from gerador.errors import GeradorError, MissingExtraError, ScenarioError
from gerador.settings.kubernetes_services import ignored_variables_notice

USAGE: Final = 2
"""Exit code of a wrong command line or configuration."""
INTERRUPTED: Final = 130
"""Exit code after Ctrl-C: 128 plus the signal number, as in shells."""
COMMANDS: Final = {
    "run": "Produce events to Kafka at a target rate, with an HTTP API.",
    "sample": "Print or write rows of a stream, without Kafka.",
    "check": "Validate a scenario and print estimates, without Kafka.",
    "scenario": "List the scenarios of the gallery, or print one.",
    "schema": "Print the JSON Schema of scenario files.",
    "registry": "Serve the schemas that runs have stored, as a read-only schema registry.",
    "broker": "Run a local Apache Kafka until Ctrl-C.",
    "bench": "Measure throughput on this machine.",
}
"""Each command, defined in the module of the same name, and the first line of its help."""

RUN_PACKAGES: Final = frozenset({
    "aiokafka", "authlib", "confluent_kafka", "cramjam", "crc32c", "fastapi", "httpx",
    "prometheus_client", "psutil", "starlette", "structlog", "uvicorn", "uvloop",
})  # fmt: skip
"""Top-level modules of the extra ``run``."""


class _LazyGroup(click.Group):
    """Imports the module of a command when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        if cmd_name not in COMMANDS:
            raise click.exceptions.NoSuchCommand(cmd_name, possibilities=COMMANDS, ctx=ctx)
        command: click.Command = getattr(import_module(f"gerador.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _show_version(context: click.Context, _option: click.Parameter, value: bool) -> None:
    from importlib.metadata import version  # noqa: PLC0415 - slow to import

    if value:
        click.echo(f"gerador {version('gerador-stream')}")
        context.exit()


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def program() -> None:
    """Produce synthetic events to Kafka at a target rate, reproducible row by row.

    Run `gerador COMMAND --help` for the options of a command.
    """
    notice = ignored_variables_notice(os.environ)
    if notice is not None:
        click.echo(f"gerador: {notice}", err=True)


def main() -> None:
    """Run the command line. A failure is one line on stderr, without a traceback."""
    sys.exit(_exit_code(sys.argv[1:]))


def _exit_code(arguments: list[str]) -> int:
    try:
        result = program.main(arguments, prog_name="gerador", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as e:
        e.show()
        return USAGE
    except click.ClickException as e:
        return _fail(_usage_message(e), USAGE)
    except ModuleNotFoundError as e:
        module = (e.name or "").partition(".")[0]
        if module not in RUN_PACKAGES:
            raise
        return _fail(str(MissingExtraError(f"gerador {arguments[0]}", module, "run")), USAGE)
    except GeradorError as e:
        # A scenario has one line per error; every other message is one line.
        return _fail(str(e), e.exit_code, lines=isinstance(e, ScenarioError))
    except OSError as e:
        if e.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EIO}:
            raise
        return _fail(f"cannot write the output: {e.strerror}", 1)
    except (KeyboardInterrupt, click.Abort) as e:
        if isinstance(e.__cause__, EOFError):  # click takes it for the end of a prompt's input
            raise e.__cause__ from None
        return INTERRUPTED
    return result if isinstance(result, int) else 0


def _usage_message(error: click.ClickException) -> str:
    message = error.format_message()
    if not isinstance(error, click.MissingParameter) or error.ctx is None:
        return message
    return f"{message.rstrip('.')}; see {error.ctx.command_path} --help"


def _fail(message: str, code: int, *, lines: bool = False) -> int:
    prefix = click.style("gerador:", fg="red", bold=True)
    for line in message.splitlines() if lines else [message]:
        click.echo(f"{prefix} {' '.join(line.split())}", err=True)
    return code
