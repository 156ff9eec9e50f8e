"""Compare a response with the one on a page: equal except for values that vary between runs.

`…` in a page replaces omitted text. Instants, uuids, counts and the rows' own texts
differ from run to run; names, words, ids, messages and nulls do not.
"""

from __future__ import annotations

import csv
import json
import re
from typing import Any, Final

CUT: Final = "…"
DIFFERING: Final = frozenset({"nome", "cidade", "cargo"})
"""Texts of rows: which rows are shown depends on the moment."""
SETTLED: Final = frozenset(
    {
        "seed",
        "schema_id",
        "id",
        "version",
        "partitions",
        "rate_asked",
        "target_rows_per_s",
        "error_code",
        "changes",
    }
)
"""Numbers that are the same in every run of the page's recipe."""
_CUT_IN: Final = {"{": f'"{CUT}": "{CUT}"', "[": f'"{CUT}"'}
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|:\s*…|…|[\[{\]}]', re.DOTALL)
_MASKED: Final = (
    re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"),
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
)
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")
_SPACES: Final = re.compile(r" +")


def shown_json(text: str) -> Any:
    """Read JSON with parts left out; they become the text `…`, in an object under the key `…`."""
    inside: list[str] = []

    def readable(match: re.Match[str]) -> str:
        token = match[0]
        if token in "[{":
            inside.append(token)
        elif token in "]}":
            inside.pop()
        elif token.startswith(":"):
            return f': "{CUT}"'
        elif token == CUT:
            follows = re.match(r'\s*["{\[]', text[match.end() :]) is not None
            return _CUT_IN[inside[-1]] + ("," if follows else "")
        return token

    return json.loads(_TOKEN.sub(readable, text))


def assert_json_alike(shown: Any, real: Any, at: str = "") -> None:
    """Fail if a value differs from the shown one; `at` is its path."""
    match shown:
        case "…":
            return
        case dict():
            assert isinstance(real, dict), at
            _assert_object_alike(shown, real, at)
        case list():
            assert isinstance(real, list), at
            known = shown[:-1] if shown and shown[-1] == CUT else shown
            assert len(real) >= len(known) if known is not shown else len(real) == len(known), at
            for n, (one, other) in enumerate(zip(known, real, strict=False)):
                assert_json_alike(one, other, f"{at}[{n}]")
        case _:
            _assert_leaf_alike(shown, real, at)


def _assert_object_alike(shown: dict[str, Any], real: dict[str, Any], at: str) -> None:
    names = [name for name in shown if name != CUT]
    there = [name for name in real if name in shown] if CUT in shown else list(real)
    assert there == names, f"{at}: {there} for {names}"
    for name in names:
        assert_json_alike(shown[name], real[name], f"{at}.{name}")


def _assert_leaf_alike(shown: Any, real: Any, at: str) -> None:
    name = at.rpartition(".")[2]
    if isinstance(shown, str) and isinstance(real, str):
        assert name in DIFFERING or _fits(shown, real), f"{at}: {real!r} for {shown!r}"
    elif type(shown) in {int, float} and name not in SETTLED:
        assert type(real) in {int, float}, f"{at}: {real!r} for {shown!r}"
    else:
        assert real == shown, f"{at}: {real!r} for {shown!r}"


def assert_lines_alike(shown: str, real: str) -> None:
    """Fail unless the lines equal the shown ones except for numbers; `…` is any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == CUT else f"{_pattern(_plain(line))}\n"
        for line in shown.splitlines()
    )
    there = "".join(f"{_plain(line)}\n" for line in real.splitlines())
    assert re.fullmatch(pattern, there), f"\n{real}\nfor\n{shown}"


def _plain(line: str) -> str:
    """Return a line without the digits, and the spaces that depend on them."""
    return _SPACES.sub(" ", _NUMBER.sub("0", _masked(line))).rstrip()


def assert_csv_alike(shown: str, real: str) -> None:
    """Fail unless the header is the shown one, and as many lines have as many fields."""
    (header, *lines), (names, *rows) = csv.reader(shown.splitlines()), csv.reader(real.splitlines())
    assert names == header
    assert [len(row) for row in rows] == [len(line) for line in lines]


def _fits(shown: str, real: str) -> bool:
    return re.fullmatch(_pattern(_masked(shown)), _masked(real), re.DOTALL) is not None


def _pattern(shown: str) -> str:
    return ".*".join(re.escape(part) for part in shown.split(CUT))


def _masked(text: str) -> str:
    for n, pattern in enumerate(_MASKED):
        text = pattern.sub(f"<{n}>", text)
    return text
