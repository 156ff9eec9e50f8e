"""Types of setting values that are written as text: durations, rates, row counts, timestamps, key-value lists, booleans."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, SecretStr

from gerador.limits import TOKEN_CHARACTERS_MAX
from gerador.units import COUNT_FACTORS, COUNT_PATTERN, NS_PER_S, parse_duration_ns, parse_rate

START_YEARS: Final = (1970, 2261)
"""Instants are counted in 64-bit nanoseconds since 1970, which end in 2262."""
PORT_MAX: Final = 65_535

_WHOLE: Final = re.compile(r"[-+]?\d+", re.ASCII)
_BEARER: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)
"""What fits the Authorization header. Source: RFC 6750, section 2.1."""


def _parse_duration_s(value: Any) -> Any:
    """Read ``30s``, ``2m``, ``500ms`` or bare seconds."""
    if not isinstance(value, str):
        return value
    try:
        return parse_duration_ns(value) / NS_PER_S
    except ValueError as e:
        # The value stands before the complaint already.
        told = str(e).removeprefix(f"{value!r} ")
        raise ValueError(told.replace("is no duration; it looks", "a duration looks")) from None


def _parse_rate(value: Any) -> Any:
    return parse_rate(value) if isinstance(value, str) else value


def _parse_row_count(value: Any) -> Any:
    """Read ``5000``, ``10k`` or ``1M`` rows."""
    if not isinstance(value, str) or _WHOLE.fullmatch(value.strip()):
        return value
    match = COUNT_PATTERN.fullmatch(value.strip())
    rows = float(match[1]) * COUNT_FACTORS[match[2]] if match else 0.5
    if not rows.is_integer():
        raise ValueError("a number of rows looks like 5000, 10k or 1M")
    return int(rows)


def _parse_timestamp(value: Any) -> Any:
    """Read an ISO 8601 instant; one without a zone is UTC."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Not seconds since 1970: whoever writes 2026 means the year.
        raise ValueError(f"{value} is no instant; it looks like 2026-01-01T00:00:00Z")  # noqa: TRY004
    if not isinstance(value, str):
        return value
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("an instant looks like 2026-01-01T00:00:00Z") from None
    first, last = START_YEARS
    if not first <= instant.year <= last:
        raise ValueError(f"must be an instant from {first} to {last}")
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _parse_key_values(value: Any) -> Any:
    """Read ``name=value,name=value``."""
    if not isinstance(value, str):
        return value
    # A comma that no name and "=" follow belongs to the value: cleanup.policy=compact,delete.
    pairs = [p.partition("=") for p in re.split(r",(?=[^,=]*=)", value) if p.strip()]
    if any(not sep or not name.strip() for name, sep, _ in pairs):
        raise ValueError("a list looks like retention.ms=-1,cleanup.policy=delete")
    return {name.strip(): text.strip() for name, _, text in pairs}


def _parse_boolean(value: Any) -> Any:
    """Read the words that people use for yes and no."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word in {"1", "true", "yes", "on", "sim"}:
        return True
    if word in {"", "0", "false", "no", "off", "nao", "não"}:
        return False
    raise ValueError("say true or false")


def _check_ports(value: str) -> str:
    """Refuse a port that no address has; the pattern has seen to the rest."""
    for server in value.split(","):
        if not 1 <= int(server.rpartition(":")[2]) <= PORT_MAX:
            raise ValueError(f"{server} has no port from 1 to {PORT_MAX}")
    return value


def _check_replicas(value: int) -> int:
    """Refuse the one number that is neither a count nor the word for the default."""
    if value == 0:
        raise ValueError("must be 1 or more, or -1 for the broker's default")
    return value


def _check_bearer_token(value: SecretStr) -> SecretStr:
    """Refuse a token that no client could send, without a word of it."""
    if len(value.get_secret_value()) > TOKEN_CHARACTERS_MAX:
        raise ValueError(f"a Bearer token has {TOKEN_CHARACTERS_MAX} characters at most")
    if not _BEARER.fullmatch(value.get_secret_value()):
        raise ValueError("a Bearer token is made of letters, digits and -._~+/")
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
