"""The rows of the settings tables, derived from the settings."""

from __future__ import annotations

from typing import Any, Final, get_args

from annotated_types import Ge, Gt, Le

from gerador.cli.options import POSITIONAL
from gerador.settings.model import SECRETS, Settings, env_of, option_of

_WRITTEN: Final = {
    "int": "whole number",
    "ReplicationFactor": "whole number",
    "Boolean": "true or false",
    "Duration": "duration",
    "Timestamp": "timestamp",
    "KeyValues": "name=value,…",
    "Rate": "rate",
    "RowCount": "count",
    "float": "number",
}
"""The column "value" by the first word of the setting's annotation; others are text."""


def setting_row(field: str) -> str:
    """Return the line of the short settings table: variable, option, default, sentence."""
    option = "" if field in SECRETS else f"`{_option(field)}`"
    described = Settings.model_fields[field].description
    return f"| `{env_of(field)}` | {option} | {_default(field)} | {described} |"


def full_setting_row(field: str) -> str:
    """Return the same line with one more column: the values that the setting accepts."""
    *columns, described = setting_row(field).rsplit(" | ", 1)
    return f"{columns[0]} | {_taken(field)} | {described}"


def _option(field: str) -> str:
    """Return the option; one setting is a positional argument."""
    return "run SCENARIO" if field == POSITIONAL else option_of(field)


def _taken(field: str) -> str:
    """Return the values that a setting accepts: its choices, or its type and range."""
    info = Settings.model_fields[field]
    words = [word for word in get_args(info.annotation) if isinstance(word, str)]
    if words:
        return ", ".join(f"`{word}`" for word in words)
    declared = str(Settings.__annotations__[field]).split(" | ", maxsplit=1)[0]
    kind = "secret" if field in SECRETS else _WRITTEN.get(declared, "text")
    return kind + "".join(_limit(limit) for limit in info.metadata)


def _limit(limit: Any) -> str:
    match limit:
        case Ge(ge=least):
            return f" from {least:,}"
        case Gt(gt=below):
            return f" over {below:,}"
        case Le(le=float() as most):
            return f" to {most:,.15g}"
        case Le(le=most):
            return f" to {most:,}"
        case _:
            return ""


def _default(field: str) -> str:
    match Settings.model_fields[field].default:
        case None | {}:
            return ""
        case bool() as flag:
            return str(flag).lower()
        case float() as number:
            return f"`{number:g}`"
        case other:
            return f"`{other}`"
