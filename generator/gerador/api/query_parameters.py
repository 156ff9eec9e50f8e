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
"""Characters of a refused value that a message repeats."""
_DIGITS_MAX: Final = 18


def allow_only(*known: str) -> DependsParameter:
    """Return a dependency that refuses query parameters other than `known`, and doubled ones."""

    async def check(request: Request) -> None:
        names = Counter(name for name, _ in request.query_params.multi_items())
        for name, times in names.items():
            if name not in known:
                raise unprocessable(
                    f"unknown query parameter {quoted(name)}{suggestion(name, known)}"
                )
            if times > 1:
                raise unprocessable(
                    f"query parameter {name!r} is given {times} times; give it once"
                )

    return Depends(check)


def parse_count(name: str, text: str | None, *, most: int) -> int | None:
    """Read the parameter `name`: None when it is not given, else a whole number in [1, most]."""
    if text is None:
        return None
    number = parse_whole_number(text) or 0
    if not 1 <= number <= most:
        raise unprocessable(f"{name}={quoted(text)} is not a whole number from 1 to {most}")
    return number


def parse_whole_number(text: str) -> int | None:
    """Read a whole number of ASCII digits, up to 18 of them; None when `text` is none."""
    digits = text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX
    return int(text) if digits else None


def parse_choice(name: str, value: str | None, known: Iterable[str]) -> str:
    """Read a name among `known`; the first of them when none is given."""
    every = list(known)
    if value is None:
        return every[0]
    if value not in every:
        raise unprocessable(f"{name}={quoted(value)} is not known{suggestion(value, every)}")
    return value


def require_stream(name: str, known: Iterable[str]) -> str:
    """Return `name`, which stands in a path, if there is such a stream; else raise a 404."""
    every = list(known)
    if name not in every:
        detail = f"no stream {quoted(name)}{suggestion(name, every)}"
        raise HTTPException(HTTPStatus.NOT_FOUND, detail)
    return name


def unprocessable(detail: str) -> HTTPException:
    """Return the 422 that says `detail`."""
    return HTTPException(UNPROCESSABLE, detail)


def quoted(value: str) -> str:
    """Return `value` quoted on one line, cut when it is long."""
    cut = value[:QUOTED_CHARACTERS_MAX]
    return repr(cut) + ("…" if cut != value else "")


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return what `word` may have meant, or all that is known, to end a message with."""
    every = list(known)
    return did_you_mean(word, every) or (f"; known: {', '.join(every)}" if every else "; none here")
