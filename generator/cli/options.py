"""Settings as command-line options: one option a setting, told from the settings themselves."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from generator.settings import Settings, env_of, load_settings, option_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PANELS: Final = (
    ("KAFKA_SASL", "Security"),
    ("KAFKA_SSL", "Security"),
    ("KAFKA_SECURITY", "Security"),
    ("KAFKA", "Kafka"),
    ("SCHEMA", "Schema Registry"),
)
_FLAGS: Final = frozenset({"embedded", "no_kafka"})
_SECRET: Final = frozenset({"password", "secret", "user_info"})


def takes_settings(
    fields: Iterable[str],
) -> Callable[[Callable[[Settings], None]], Callable[..., None]]:
    """Turn a function of `Settings` into a Typer command with an option for each of `fields`.

    Secrets have no option, since a command line is seen by everyone on the machine; they are
    read from the environment. What the options do not say, the environment does.
    """
    names = [name for name in fields if not any(word in name for word in _SECRET)]

    def decorate(function: Callable[[Settings], None]) -> Callable[..., None]:
        def command(**options: Any) -> None:
            function(load_settings(os.environ, **options))

        parameters = [_parameter(name) for name in names]
        command.__doc__ = function.__doc__
        command.__name__ = function.__name__
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return command

    return decorate


def _parameter(name: str) -> inspect.Parameter:
    kind: Any = bool | None if name in _FLAGS else str | None
    option = typer.Option(
        option_of(name),
        help=_help(name),
        show_default=False,
        rich_help_panel=_panel(name),
        metavar=None if name in _FLAGS else "VALUE",
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option]
    )


def _help(name: str) -> str:
    field = Settings.model_fields[name]
    default = f", default {field.default}" if field.default not in (None, False, {}) else ""
    return f"{field.description} (env {env_of(name)}{default})"


def _panel(name: str) -> str:
    env = env_of(name)
    return next((panel for prefix, panel in _PANELS if env.startswith(prefix)), "The run")
