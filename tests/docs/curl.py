"""What a curl command line asks for, asked by httpx: no curl is needed to try the examples."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

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
    follows: bool = False
    """Whether the answer has no end of its own, and is read until `head` has enough."""

    async def ask(self, client: httpx.AsyncClient) -> httpx.Response:
        """Send it."""
        request = client.build_request(
            self.method, self.url, headers=self.headers, content=self.content
        )
        if not self.follows:
            return await client.send(request)
        answer = await client.send(request, stream=True)
        try:
            text = "".join([f"{line}\n" async for line in self._first_lines(answer)])
        finally:
            await answer.aclose()
        return httpx.Response(answer.status_code, headers=answer.headers, text=text)

    async def _first_lines(self, answer: httpx.Response) -> AsyncIterator[str]:
        left = int(self.filters[-1][-1])
        async for line in answer.aiter_lines():
            yield line
            left -= 1
            if not left:
                return

    def filtered(self, text: str) -> str:
        """Return the response after the filters; jq only formats it."""
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
    shows_headers = given.include or given.head
    return Curl(method, given.url, headers, content, shows_headers, filters, given.no_buffer)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="curl", exit_on_error=False)
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-N", "--no-buffer", action="store_true")
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
