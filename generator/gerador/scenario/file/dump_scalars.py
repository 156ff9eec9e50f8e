"""Numbers, shares, durations and instants as a file has them: texts that read as equal values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from gerador.rates import NS_PER_S, duration_text, parse_duration_ns
from gerador.scenario.fields.declared import read_share

_SHARES: Final = frozenset({"null", "missing", "share", "true_share"})
_WHOLE_END: Final = 10**15


def scalar(name: str, value: float) -> Any:
    """Return a parameter's number as a file has it: a share, a duration, or a number."""
    if name in _SHARES:
        return _share(value)
    return _duration(value) if name == "every" else number(value)


def number(value: float) -> float:
    """Return a whole number without its point, where that says the same."""
    return int(value) if value.is_integer() and abs(value) < _WHOLE_END else value


def instant(moment: datetime) -> str:
    """Return an instant in ISO 8601, with Z for UTC."""
    text = moment.isoformat()
    return text.replace("+00:00", "Z") if moment.utcoffset() == UTC.utcoffset(None) else text


def _share(share: float) -> Any:
    text = f"{share * 100:.12g}%"
    return text if read_share(text) == share and 0 < share < 1 else share


def _duration(seconds: float) -> Any:
    text = duration_text(round(seconds * NS_PER_S))
    try:
        same = parse_duration_ns(text) == seconds * NS_PER_S
    except ValueError:
        return seconds
    return text if same and seconds.is_integer() else seconds
