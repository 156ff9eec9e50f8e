"""The environment and the options into one frozen object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from gerador.settings.contradictions import refuse_contradictions
from gerador.settings.model import Settings
from gerador.settings.names import ENVIRONMENT
from gerador.settings.refusals import refusal, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


def load_settings(environ: Mapping[str, str], **options: Any) -> Settings:
    """Return the settings that `options` (not None) over `environ` over the defaults give.

    An empty environment variable counts as absent, as compose files write it.

    Raises SettingError: a value out of type or range, an unknown ``GERADOR_*`` variable, or two
    settings that exclude each other. The message names the variable or the option, and the value.
    """
    refuse_unknown(environ)
    given = {f: environ[env] for env, f in ENVIRONMENT.items() if environ.get(env)}
    chosen = {f: v for f, v in options.items() if v is not None}
    try:
        settings = Settings.model_validate(given | chosen)
    except ValidationError as e:
        raise refusal(e, given, chosen) from None
    refuse_contradictions(settings, given, chosen)
    return settings
