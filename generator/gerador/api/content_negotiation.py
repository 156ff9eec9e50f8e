"""Content negotiation: the best media type for an Accept header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


RANGES_MAX: Final = 64
"""Media ranges of one Accept header that are looked at; browsers send about eight."""


class _MediaRange(NamedTuple):
    kind: str
    subtype: str
    quality: float

    def specificity(self, media_type: str) -> int:
        """Return 3 for the type itself, 2 for type/*, 1 for */*, 0 when it does not fit."""
        kind, _, subtype = media_type.partition("/")
        if (self.kind, self.subtype) == (kind, subtype):
            return 3
        if (self.kind, self.subtype) == (kind, "*"):
            return 2
        return 1 if (self.kind, self.subtype) == ("*", "*") else 0


def preferred_media_type(accept: str, offered: Sequence[str]) -> str | None:
    """Return the media type of `offered` that `accept` likes best, or None when it likes none.

    Of equally liked ones the earlier in `offered` wins. An empty `accept` takes the first.
    Parameters other than q are ignored, and so is a range that is not understood.
    """
    if not accept.strip():
        return offered[0]
    ranges = list(_parse_accept(accept))
    best = max(offered, key=lambda media_type: _quality(media_type, ranges))
    return best if _quality(best, ranges) > 0 else None


def _quality(media_type: str, ranges: list[_MediaRange]) -> float:
    """Return the quality that the most specific fitting range gives, in [0.0, 1.0]."""
    fitting = [(r.specificity(media_type), r.quality) for r in ranges]
    specificity, quality = max(fitting, default=(0, 0.0))
    return quality if specificity else 0.0


def _parse_accept(accept: str) -> Iterator[_MediaRange]:
    for part in accept.split(",")[:RANGES_MAX]:
        media_range, *parameters = (p.strip().lower() for p in part.split(";"))
        kind, slash, subtype = media_range.partition("/")
        quality = _quality_value(parameters)
        if slash and kind and subtype and quality is not None:
            yield _MediaRange(kind, subtype, quality)


def _quality_value(parameters: list[str]) -> float | None:
    """Return the quality value, 1.0 when there is none, None when it is no number in [0, 1]."""
    text = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    if not text.replace(".", "", 1).isdecimal() or not text.isascii():
        return None
    quality = float(text)
    return quality if quality <= 1 else None
