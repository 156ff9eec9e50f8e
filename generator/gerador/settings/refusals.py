"""One bad setting in one line: the variable or the option, the value, the way out."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from gerador.addresses import without_credentials
from gerador.errors import SettingError
from gerador.settings.names import ENVIRONMENT, SECRETS, env_of, option_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError

OWN_PREFIX: Final = "GERADOR_"
TEST_PREFIX: Final = "GERADOR_TEST_"

_SHAPES: Final = {
    "topic": "must be 1 to 249 letters, digits, '.', '_' or '-'",
    "bootstrap_servers": "must be host:port[,host:port]; an IPv6 address in brackets",
    "sasl_oauthbearer_token_endpoint_url": "must be an http:// or https:// address",
    "schema_registry_url": "must be an http:// or https:// address",
}
"""What a text setting must look like, in words."""
_NO_INTEGER: Final = frozenset({"int_parsing", "int_type", "int_from_float", "int_parsing_size"})


def refuse_unknown(environ: Mapping[str, str]) -> None:
    """Refuse variables that look like ours and are none.

    Raises SettingError: names the variable, and the likely one if there is one.
    """
    for name in sorted(environ):
        ours = name.startswith(OWN_PREFIX) and not name.startswith(TEST_PREFIX)
        if ours and name not in ENVIRONMENT:
            raise SettingError(
                f"{name} is not a setting{_meant(name)}; `gerador run --help` lists them all"
            )


def _meant(name: str) -> str:
    """Suggest a variable: what they all begin with makes none of them likely."""
    bare = {env.removeprefix(OWN_PREFIX): env for env in ENVIRONMENT}
    near = get_close_matches(name.removeprefix(OWN_PREFIX), bare, n=1)
    return f" (did you mean {bare[near[0]]!r}?)" if near else ""


def refusal(
    error: ValidationError, given: Mapping[str, Any], chosen: Mapping[str, Any]
) -> SettingError:
    """Return the refusal of the first value that is wrong; `chosen` came by option."""
    first = error.errors()[0]
    field = str(first["loc"][0])
    value = "…" if field in SECRETS else str(chosen.get(field, given.get(field)))
    told = f"{called(field, chosen)}={shown(value)}"
    return SettingError(f"{told}: {_reason(field, first)}")


def called(field: str, chosen: Mapping[str, Any]) -> str:
    """Return a setting's name as it was given: the option, or else the variable."""
    return option_of(field) if field in chosen else env_of(field)


def shown(value: str) -> str:
    """Return a value as it may be repeated: in one line, without credentials."""
    text = without_credentials(value)
    return text if text.isprintable() else " ".join(text.split())


def _reason(field: str, error: Any) -> str:
    """Return what is wrong and what would be right, from one of pydantic's errors."""
    if error["type"] == "string_pattern_mismatch":
        return _SHAPES[field]
    text = str(error["msg"]).partition(", unable")[0]
    if error["type"] == "value_error":
        return text.removeprefix("Value error, ")
    if error["type"] == "string_too_short":
        return "is empty; give a value or leave it out"
    if error["type"] in _NO_INTEGER:
        return "must be a whole number"
    return "must be " + text.removeprefix("Input should be ")
