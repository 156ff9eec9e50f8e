"""What a setting is called: its variable, its option, and which ones are never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORT: Final = {"run_for": "for", "schema_file": "schema"}
"""Options that are shorter than their setting, whose name Python keeps for itself or others."""

SECRETS: Final = frozenset(
    name for name, f in Settings.model_fields.items() if "SecretStr" in str(f.annotation)
)
"""Settings that are never shown, and that no command line holds."""


def env_of(field: str) -> str:
    """Return the environment variable of a setting."""
    extra = Settings.model_fields[field].json_schema_extra
    assert isinstance(extra, dict)  # noqa: S101 - the model writes it
    return str(extra["env"])


def option_of(field: str) -> str:
    """Return the command-line option of a setting."""
    return "--" + _SHORT.get(field, field).replace("_", "-")


ENVIRONMENT: Final[Mapping[str, str]] = {env_of(f): f for f in Settings.model_fields}
"""Environment variable -> setting, for all of them."""
