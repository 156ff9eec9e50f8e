"""Content negotiation: the best media type for an Accept header.

Source: RFC 9110, sections 12.4.2 (quality values) and 12.5.1 (Accept).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from fastapi import HTTPException

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapi import Request


RANGES_MAX: Final = 64
"""Maximum number of media ranges of an Accept header that are parsed; browsers send about eight."""


class _MediaRange(NamedTuple):
    type: str
    subtype: str
    quality: float

    def specificity(self, media_type: str) -> int:
        """Return 3 for the type itself, 2 for type/*, 1 for */*, 0 if it does not match."""
        type_, _, subtype = media_type.partition("/")
        if (self.type, self.subtype) == (type_, subtype):
            return 3
        if (self.type, self.subtype) == (type_, "*"):
            return 2
        return 1 if (self.type, self.subtype) == ("*", "*") else 0


def negotiate_media_type(request: Request, offered: Sequence[str]) -> str:
    """Return the media type of `offered` that `request` prefers. Raises HTTPException 406: none."""
    media_type = preferred_media_type(", ".join(request.headers.getlist("accept")), offered)
    if media_type is None:
        detail = f"no media type of the Accept header is available; valid: {', '.join(offered)}"
        raise HTTPException(HTTPStatus.NOT_ACCEPTABLE, detail)
    return media_type


def preferred_media_type(accept: str, offered: Sequence[str]) -> str | None:
    """Return the media type of `offered` that `accept` prefers; None if it accepts none of them.

    Among types of equal quality the first in `offered` is selected, also if `accept` is empty.
    Parameters other than q and invalid ranges are ignored.
    """
    if not accept.strip():
        return offered[0]
    ranges = list(_parse_accept(accept))
    best = max(offered, key=lambda media_type: _quality(media_type, ranges))
    return best if _quality(best, ranges) > 0 else None


def _quality(media_type: str, ranges: list[_MediaRange]) -> float:
    """Return the quality of the most specific matching range, in [0.0, 1.0]."""
    matches = [(r.specificity(media_type), r.quality) for r in ranges]
    specificity, quality = max(matches, default=(0, 0.0))
    return quality if specificity else 0.0


def _parse_accept(accept: str) -> Iterator[_MediaRange]:
    for part in accept.split(",")[:RANGES_MAX]:
        media_range, *parameters = (p.strip().lower() for p in part.split(";"))
        type_, slash, subtype = media_range.partition("/")
        quality = _quality_value(parameters)
        if slash and type_ and subtype and quality is not None:
            yield _MediaRange(type_, subtype, quality)


def _quality_value(parameters: list[str]) -> float | None:
    """Return the quality value; 1.0 if there is none, None if it is not a number in [0, 1]."""
    text = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    if not text.replace(".", "", 1).isdecimal() or not text.isascii():
        return None
    quality = float(text)
    return quality if quality <= 1 else None
