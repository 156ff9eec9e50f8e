"""Instants as people write them, to integer nanoseconds since the epoch, and back. No clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from gerador.errors import SettingError
from gerador.events.segment import INSTANT_MAX_NS

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def instant_ns(written: str | datetime, *, what: str = "start") -> int:
    """Return nanoseconds since 1970-01-01T00:00:00Z of an ISO 8601 text or a datetime.

    Without a zone it is UTC. Exact to the microsecond. `what` names the value in errors.

    Raises SettingError: not ISO 8601, before 1970, or after 2262-04-11.
    """
    moment = _moment(written, what) if isinstance(written, str) else written
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    ns = (aware - EPOCH) // _MICROSECOND * 1_000
    if not 0 <= ns <= INSTANT_MAX_NS:
        raise SettingError(f"{what} {written}: give an instant from 1970 to 2262-04-11")
    return ns


def iso_text(ns: int) -> str:
    """Return an instant as ISO 8601 in UTC with milliseconds: ``2026-01-01T00:00:00.000Z``.

    What is finer than a millisecond is cut off.
    """
    moment = EPOCH + timedelta(milliseconds=ns // 1_000_000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str, what: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as e:
        raise SettingError(
            f"{what} {text!r}: not an instant; write ISO 8601, like 2026-01-01T00:00:00Z"
        ) from e
