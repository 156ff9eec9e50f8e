"""Command-line options generated from the settings, and the command that reproduces a run."""

from __future__ import annotations

import inspect
import math
import os
import shlex
import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, get_args

import click

from gerador.redaction import redact_credentials
from gerador.settings.load import load_settings
from gerador.settings.model import SECRETS, Settings, env_of, option_of

if TYPE_CHECKING:
    from collections.abc import Callable


POSITIONAL: Final = "scenario"
"""The setting that is a positional argument."""
_OPTION_GROUPS: Final = (
    (("KAFKA_SASL_", "KAFKA_SSL_", "KAFKA_SECURITY_"), "Kafka security"),
    (("KAFKA_",), "Kafka"),
    (("SCHEMA_REGISTRY_",), "Schema Registry"),
    (
        ("GERADOR_HOST", "GERADOR_PORT", "GERADOR_INSECURE", "GERADOR_PAGE", "GERADOR_LOG_LEVEL"),
        "API and log",
    ),
    (("GERADOR_EMBEDDED", "GERADOR_DATA_DIR", "GERADOR_CACHE_DIR"), "Local Kafka"),
)
"""Prefixes of variables, and the help section of their options; all others are "Options"."""
_DEFAULT_GROUP: Final = "Options"
_FLAGS: Final = frozenset({"embedded", "no_kafka", "insecure"})
_METAVARS: Final = {
    "int": "N",
    "Boolean": "BOOL",
    "Duration": "DURATION",
    "KeyValues": "NAME=VALUE,…",
    "Rate": "RATE",
    "ReplicationFactor": "N",
    "RowCount": "N",
    "Timestamp": "TIMESTAMP",
}
"""Placeholder of a value in the help, by the first word of the setting's annotation."""
_LEFT_TO_ENVIRONMENT: Final = ("KAFKA_SASL_", "KAFKA_SSL_")
"""Variables that a reproducing command leaves out: everyone with access to the API can read it."""
_VARIABLE_SPELLINGS: Final = {
    "--tamanho-buffer": "--buffer-size",
    "--intervalo-geracao": "--interval",
}
"""Options spelled like their variable, and the option that exists."""


class _SettingsCommand(click.Command):
    """Groups the options in the help, and names the option of a variable used as an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as e:
            option = _VARIABLE_SPELLINGS.get(e.option_name)
            if option is None:
                raise
            raise click.UsageError(f"No such option '{e.option_name}'. Use {option}.") from e

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {_DEFAULT_GROUP: []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                groups.setdefault(_option_group(str(parameter.name)), []).append(record)
        for group, records in groups.items():
            with formatter.section(group):
                formatter.write_dl(records)


def settings_command(function: Callable[[Settings], None]) -> click.Command:
    """Turn a function of `Settings` into a command with an option for each setting.

    Secrets have no option because every user of the machine can read a command line. Options take
    precedence over the environment.
    """

    def command(**options: Any) -> None:
        function(load_settings(os.environ, **options))

    secrets = [env_of(name) for name in Settings.model_fields if name in SECRETS]
    return _SettingsCommand(
        name=function.__name__,
        callback=command,
        help=inspect.getdoc(function),
        epilog=f"Secrets are read from the environment only: {', '.join(secrets)}.",
        params=[_parameter(name) for name in Settings.model_fields if name not in SECRETS],
    )


def command_line(settings: Settings) -> str:
    """Return the shell command that runs with these settings.

    Omits secrets, users, key files, and a registry address with credentials in it: they are left
    to the environment.
    """
    words = [*program_words(), "run"]
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if value == field.default or _is_left_to_environment(name, value):
            continue
        if name == POSITIONAL:
            words.append(value)
        else:
            words += [option_of(name)] if value is True else [option_of(name), _as_text(value)]
    return shlex.join(words)


def _is_left_to_environment(name: str, value: Any) -> bool:
    if name in SECRETS or env_of(name).startswith(_LEFT_TO_ENVIRONMENT):
        return True
    return name == "schema_registry_url" and redact_credentials(value) != value


def program_words() -> list[str]:
    """Return the shortest command that starts this program again."""
    called = sys.argv[0]
    if shutil.which("gerador") == called:
        return ["gerador"]
    if called.endswith("__main__.py"):
        return ["python", "-m", "gerador"]
    return [os.path.relpath(called)]


def _as_text(value: Any) -> str:
    """Return a setting's value as text that `load_settings` parses to the same value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "max" if math.isinf(value) else repr(value).removesuffix(".0")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        return ",".join(f"{k}={v}" for k, v in value.items())
    return str(value)


def _parameter(name: str) -> click.Parameter:
    if name == POSITIONAL:
        return click.Argument([name], required=False, help=_help(name))
    if name in _FLAGS:
        return click.Option([option_of(name), name], is_flag=True, default=None, help=_help(name))
    return click.Option([option_of(name), name], metavar=_metavar(name), help=_help(name))


def _metavar(name: str) -> str:
    choices = [c for c in get_args(Settings.model_fields[name].annotation) if isinstance(c, str)]
    if choices:
        return f"[{'|'.join(choices)}]"
    if name.endswith(("file", "_dir")):
        return "PATH"
    return _METAVARS.get(Settings.__annotations__[name].partition(" ")[0], "TEXT")


def _help(name: str) -> str:
    field = Settings.model_fields[name]
    default = "" if field.default in (None, False, {}) else f"; default: {_as_text(field.default)}"
    return f"{field.description}  [env: {env_of(name)}{default}]"


def _option_group(name: str) -> str:
    env = env_of(name) if name in Settings.model_fields else ""  # --help is no setting
    return next((g for prefixes, g in _OPTION_GROUPS if env.startswith(prefixes)), _DEFAULT_GROUP)
