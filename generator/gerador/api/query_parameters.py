"""Parsing and validation of query and path parameters."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from fastapi import Depends, HTTPException, Request

from gerador.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi.params import Depends as DependsParameter


UNPROCESSABLE: Final = 422
QUOTED_CHARACTERS_MAX: Final = 40
"""Maximum characters of a rejected value in an error message."""
_DIGITS_MAX: Final = 18


def allow_query_parameters(*known: str) -> DependsParameter:
    """Return a dependency that rejects query parameters other than `known`, and repeated ones."""

    async def check(request: Request) -> None:
        names = Counter(name for name, _ in request.query_params.multi_items())
        for name, count in names.items():
            if name not in known:
                hint = _suggestion(name, known) if known else "; this endpoint has none"
                raise unprocessable(f"unknown query parameter {quoted(name)}{hint}")
            if count > 1:
                raise unprocessable(f"query parameter {name!r} is repeated; pass it once")

    return Depends(check)


def parse_count(name: str, text: str | None, *, most: int) -> int | None:
    """Parse the parameter `name`: None if it is absent, else a whole number in [1, most]."""
    if text is None:
        return None
    number = parse_whole_number(text) or 0
    if not 1 <= number <= most:
        raise unprocessable(f"{name}={quoted(text)} is not a whole number from 1 to {most}")
    return number


def parse_whole_number(text: str) -> int | None:
    """Parse a whole number of up to 18 ASCII digits; None if `text` is not one."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX
    return int(text) if is_number else None


def parse_choice(name: str, value: str | None, known: Iterable[str]) -> str:
    """Parse a name that must be in `known`; the first of them if it is absent."""
    every = list(known)
    if value is None:
        return every[0]
    if value not in every:
        raise unprocessable(f"unknown {name} {quoted(value)}{_suggestion(value, every)}")
    return value


def require_stream(name: str, known: Iterable[str]) -> str:
    """Return the stream `name` of a path. Raises HTTPException 404: unknown stream."""
    every = list(known)
    if name not in every:
        detail = f"unknown stream {quoted(name)}{_suggestion(name, every)}"
        raise HTTPException(HTTPStatus.NOT_FOUND, detail)
    return name


def unprocessable(detail: str) -> HTTPException:
    """Return a 422 with `detail`."""
    return HTTPException(UNPROCESSABLE, detail)


def quoted(value: str) -> str:
    """Return `value` in quotes on one line, truncated to QUOTED_CHARACTERS_MAX."""
    cut = value[:QUOTED_CHARACTERS_MAX]
    return repr(cut) + ("…" if cut != value else "")


def _suggestion(name: str, known: Iterable[str]) -> str:
    """Return the end of an error message: the closest valid name, or all of them."""
    every = list(known)
    return did_you_mean(name, every) or f"; valid: {', '.join(every)}"
