"""What a curl command line asks for, asked by httpx: no curl is needed to try the examples."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import httpx

_JSON: Final = {"Content-Type": "application/json", "Accept": "application/json"}
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Curl:
    """A request, whether its headers are shown, and the programs that its answer goes through."""

    method: str
    url: str
    headers: dict[str, str]
    content: str | None
    shows_headers: bool
    filters: list[list[str]]

    async def ask(self, client: httpx.AsyncClient) -> httpx.Response:
        """Send it."""
        return await client.request(
            self.method, self.url, headers=self.headers, content=self.content
        )

    def filtered(self, text: str) -> str:
        """Return what the filters leave of an answer; jq only makes it readable."""
        lines = text.splitlines()
        for program, *arguments in self.filters:
            match program, arguments:
                case "jq", []:
                    pass
                case "grep", [pattern]:
                    lines = [line for line in lines if re.search(pattern, line)]
                case "head", ["-n", count]:
                    lines = lines[: int(count)]
                case _:
                    raise AssertionError(f"the test knows no {program} {arguments}")
        return "\n".join(lines)


def parsed(command: str) -> Curl:
    """Read a command line; AssertionError when it is no curl."""
    (program, *arguments), *filters = _piped(command)
    assert program == "curl", command
    given = _parser().parse_args(arguments)
    headers = dict(header.split(": ", 1) for header in given.header)
    content = given.data if given.json is None else given.json
    if content is not None:
        headers = (_FORM if given.json is None else _JSON) | headers
    method = given.request or ("HEAD" if given.head else "GET" if content is None else "POST")
    return Curl(method, given.url, headers, content, given.include or given.head, filters)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="curl", exit_on_error=False)
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-i", "--include", action="store_true")
    parser.add_argument("-I", "--head", action="store_true")
    parser.add_argument("-X", "--request")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-d", "--data")
    parser.add_argument("--json")
    parser.add_argument("url")
    return parser


def _piped(command: str) -> list[list[str]]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|")
    lexer.whitespace_split = True
    parts: list[list[str]] = [[]]
    for word in lexer:
        if word == "|":
            parts.append([])
        else:
            parts[-1].append(word)
    return parts
