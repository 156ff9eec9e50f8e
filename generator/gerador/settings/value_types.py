"""Types of settings parsed from text: durations, rates, counts, timestamps, lists, booleans."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, SecretStr

from gerador.limits import PORT_MAX, TOKEN_CHARACTERS_MAX
from gerador.units import (
    COUNT_FACTORS,
    COUNT_PATTERN,
    NS_PER_S,
    parse_duration_ns,
    parse_rate,
)

START_YEARS: Final = (1970, 2261)
"""Timestamps are 64-bit nanoseconds since 1970, which end in 2262."""

_NOT_A_TIMESTAMP: Final = "not a timestamp; expected ISO 8601, for example 2026-01-01T00:00:00Z"
_WHOLE: Final = re.compile(r"[-+]?\d+", re.ASCII)
_BEARER: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)
"""Token syntax of the Authorization header. Source: RFC 6750, section 2.1."""


def _parse_duration_s(value: Any) -> Any:
    """Parse ``30s``, ``2m``, ``500ms`` or seconds without a unit."""
    if not isinstance(value, str):
        return value
    try:
        return parse_duration_ns(value) / NS_PER_S
    except ValueError as e:
        raise _without_subject(e, repr(value)) from None


def _parse_rate(value: Any) -> Any:
    """Parse ``500``, ``10k/s``, ``3000/min``, ``50/h`` or ``max``."""
    if not isinstance(value, str):
        return value
    try:
        return parse_rate(value)
    except ValueError as e:
        raise _without_subject(e, f"rate {value!r}") from None


def _without_subject(error: ValueError, subject: str) -> ValueError:
    """Return the error without the value, which the message of a setting begins with."""
    return ValueError(str(error).removeprefix(f"{subject} ").removeprefix("is "))


def _parse_row_count(value: Any) -> Any:
    """Parse ``5000``, ``10k`` or ``1M``."""
    if not isinstance(value, str) or _WHOLE.fullmatch(value.strip()):
        return value
    match = COUNT_PATTERN.fullmatch(value.strip())
    rows = float(match[1]) * COUNT_FACTORS[match[2]] if match else 0.5
    if not rows.is_integer():
        raise ValueError("not a number of rows; expected, for example, 5000, 10k or 1M")
    return int(rows)


def _parse_timestamp(value: Any) -> Any:
    """Parse an ISO 8601 timestamp; without a zone it is UTC."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Not seconds since 1970: 2026 is a year.
        raise ValueError(f"{value} is {_NOT_A_TIMESTAMP}")  # noqa: TRY004
    if not isinstance(value, str):
        return value
    try:
        timestamp = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(_NOT_A_TIMESTAMP) from None
    first, last = START_YEARS
    if not first <= timestamp.year <= last:
        raise ValueError(f"outside {first} to {last}")
    return timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)


def _parse_key_values(value: Any) -> Any:
    """Parse ``name=value,name=value``."""
    if not isinstance(value, str):
        return value
    # A comma not followed by a name and "=" is part of the value: cleanup.policy=compact,delete.
    pairs = [p.partition("=") for p in re.split(r",(?=[^,=]*=)", value) if p.strip()]
    if any(not sep or not name.strip() for name, sep, _ in pairs):
        raise ValueError("expected name=value,…, for example retention.ms=-1,cleanup.policy=delete")
    return {name.strip(): text.strip() for name, _, text in pairs}


def _parse_boolean(value: Any) -> Any:
    """Parse true or false in their usual spellings, English and Portuguese."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word in {"1", "true", "yes", "on", "sim"}:
        return True
    if word in {"", "0", "false", "no", "off", "nao", "não"}:
        return False
    raise ValueError("expected true or false")


def _check_ports(value: str) -> str:
    """Reject ports outside the valid range; the pattern of the setting checks the rest."""
    for server in value.split(","):
        if not 1 <= int(server.rpartition(":")[2]) <= PORT_MAX:
            raise ValueError(f"the port of {server} is outside [1, {PORT_MAX}]")
    return value


def _check_replicas(value: int) -> int:
    """Reject 0, which is neither a count nor the default."""
    if value == 0:
        raise ValueError("must be 1 or more, or -1 for the broker's default")
    return value


def _check_bearer_token(value: SecretStr) -> SecretStr:
    """Reject a token that does not fit a header, without showing it."""
    if len(value.get_secret_value()) > TOKEN_CHARACTERS_MAX:
        raise ValueError(f"longer than {TOKEN_CHARACTERS_MAX} characters")
    if not _BEARER.fullmatch(value.get_secret_value()):
        raise ValueError("expected letters, digits and -._~+/")
    return value


Duration = Annotated[float, BeforeValidator(_parse_duration_s)]
Rate = Annotated[float, BeforeValidator(_parse_rate)]
RowCount = Annotated[int, BeforeValidator(_parse_row_count)]
Timestamp = Annotated[datetime, BeforeValidator(_parse_timestamp)]
KeyValues = Annotated[dict[str, str], BeforeValidator(_parse_key_values)]
Boolean = Annotated[bool, BeforeValidator(_parse_boolean)]
BootstrapServers = Annotated[str, AfterValidator(_check_ports)]
ReplicationFactor = Annotated[int, AfterValidator(_check_replicas)]
BearerToken = Annotated[SecretStr, AfterValidator(_check_bearer_token)]
