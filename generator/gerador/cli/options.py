"""Command-line options generated from the settings, and the command line that reproduces given settings."""

from __future__ import annotations

import inspect
import math
import os
import shlex
import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from gerador.redaction import redact_credentials
from gerador.settings.load import load_settings
from gerador.settings.model import SECRETS, Settings, env_of, option_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_OPTION_GROUPS: Final = (
    ("KAFKA_SASL", "Security"),
    ("KAFKA_SSL", "Security"),
    ("KAFKA_SECURITY", "Security"),
    ("KAFKA", "Kafka"),
    ("SCHEMA", "Schema Registry"),
)
_LEFT_TO_ENVIRONMENT: Final = ("KAFKA_SASL_", "KAFKA_SSL_")
"""Variables that a command to be repeated leaves out: it is shown to whoever reaches the API."""
POSITIONAL: Final = "scenario"
"""The setting that stands on the command line without a name."""
_FLAGS: Final = frozenset({"embedded", "no_kafka", "insecure"})


def settings_command(
    fields: Iterable[str],
) -> Callable[[Callable[[Settings], None]], Callable[..., None]]:
    """Turn a function of `Settings` into a Typer command with an option for each of `fields`.

    Secrets have no option, since a command line is seen by everyone on the machine; they are
    read from the environment. What the options do not say, the environment does.
    """
    fields = list(fields)
    names = [name for name in fields if name not in SECRETS]

    def decorate(function: Callable[[Settings], None]) -> Callable[..., None]:
        def command(**options: Any) -> None:
            function(load_settings(os.environ, **options))

        parameters = [_parameter(name) for name in names]
        command.__doc__ = f"{inspect.getdoc(function)}\n\n{_secrets_help(fields)}"
        command.__name__ = function.__name__
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return command

    return decorate


def command_line(settings: Settings) -> str:
    """Return the command line that asks for these settings, to be pasted into a shell.

    Secrets are left out, and so is what tells who we are and where our keys lie, a registry's
    address with credentials in it included: all that is in the environment.
    """
    words = [*_program(), "run"]
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
    """Tell whether a setting is left to the environment of whoever repeats the command."""
    if name in SECRETS or env_of(name).startswith(_LEFT_TO_ENVIRONMENT):
        return True
    return name == "schema_registry_url" and redact_credentials(value) != value


def _program() -> list[str]:
    """Return how this program was called, as short as it can be called again."""
    called = sys.argv[0]
    if shutil.which("gerador") == called:
        return ["gerador"]
    if called.endswith("__main__.py"):
        return ["python", "-m", "gerador"]
    return [os.path.relpath(called)]


def _as_text(value: Any) -> str:
    """Return a setting's value in words that `load_settings` reads as the same value."""
    if isinstance(value, float):
        return "max" if math.isinf(value) else repr(value).removesuffix(".0")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        return ",".join(f"{k}={v}" for k, v in value.items())
    return str(value)


def _parameter(name: str) -> inspect.Parameter:
    if name == POSITIONAL:
        return inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                str | None,
                typer.Argument(metavar="[SCENARIO]", help=_help(name), show_default=False),
            ],
        )
    kind: Any = bool | None if name in _FLAGS else str | None
    option = typer.Option(
        option_of(name),
        help=_help(name),
        show_default=False,
        rich_help_panel=_option_group(name),
        metavar=None if name in _FLAGS else "VALUE",
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option]
    )


def _help(name: str) -> str:
    field = Settings.model_fields[name]
    default = f", default {field.default}" if field.default not in (None, False, {}) else ""
    return f"{field.description} (env {env_of(name)}{default})"


def _secrets_help(fields: Iterable[str]) -> str:
    """Name the variables that have no option."""
    names = [env_of(f) for f in fields if f in SECRETS]
    return f"Secrets are read from the environment alone: {', '.join(names)}."


def _option_group(name: str) -> str:
    env = env_of(name)
    return next((panel for prefix, panel in _OPTION_GROUPS if env.startswith(prefix)), "The run")
