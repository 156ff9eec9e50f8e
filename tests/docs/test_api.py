"""docs/api.md: all operations and fields are documented; examples have the shown responses."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gerador.api.app import REQUEST_BYTES_MAX, create_app
from gerador.api.routes_tail import ROWS_PER_S_DEFAULT, TAILS_MAX
from gerador.api.server import REQUESTS_MAX, serve
from gerador.api.tail_sampler import ROWS_PER_S_MAX
from gerador.limits import BURST_ROWS_MAX
from tests.api.fake_service import FakeService
from tests.docs.alike import assert_csv_alike, assert_json_alike, assert_lines_alike, shown_json
from tests.docs.curl import parsed
from tests.docs.examples import Example, blocks, examples, page
from tests.e2e.service import TIMEOUT_S, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.docs.curl import Curl
    from tests.kafka_fixture import Broker

API = "api.md"
URL = "http://127.0.0.1:8000"
BROKERS = "127.0.0.1:9092"
NOWHERE = "127.0.0.1:1"
TOKEN = "s3same"
TOPIC = "pessoas"
WELL = ["ativo", "pausado"]
RUNS = {"", "token", "away"}
"""Marks of the page's runs: the one at its top, one with a token, one whose brokers are away."""


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return create_app(FakeService()).openapi()


def operation_rows() -> list[str]:
    """Return the line that each operation should have: what it is called, does and answers."""
    return [
        f"| `{method.upper()} {path}` | {entry['summary']} | {', '.join(entry['responses'])} |"
        for path, methods in document()["paths"].items()
        for method, entry in methods.items()
    ]


def field_rows() -> list[str]:
    """Return the line that each field of GET /status should have."""
    fields = document()["components"]["schemas"]["Status"]["properties"]
    return [
        f"| `{name}` | {_kind(entry)} | {entry['description']} |" for name, entry in fields.items()
    ]


def _kind(entry: dict[str, Any]) -> str:
    if "anyOf" in entry:
        return " or ".join(_kind(branch) for branch in entry["anyOf"])
    if entry.get("format") == "date-time":
        return "timestamp"
    return "string" if "$ref" in entry or entry["type"] == "string" else str(entry["type"])


def test_every_operation_is_on_the_page() -> None:
    """Each operation of the OpenAPI document has its line, and there is no other line."""
    there = re.findall(r"^\| `[A-Z]+ /.*$", page(API), re.MULTILINE)
    assert sorted(there) == sorted(operation_rows())


def test_every_field_of_the_status_is_on_the_page() -> None:
    """Each field has its line in the order of the answer: name, type, meaning."""
    _, _, table = page(API).partition("| field | type | meaning |\n|---|---|---|\n")
    assert table.partition("\n\n")[0].splitlines() == field_rows()


def test_the_limits_on_the_page_are_the_servers() -> None:
    """Requests at once, and bytes of a body."""
    assert f"{REQUESTS_MAX} requests are in progress" in page(API)
    assert f"a request body over {REQUEST_BYTES_MAX >> 20} MiB" in page(API)
    assert f"At most {TAILS_MAX} tails can be open" in page(API)
    assert f"{TAILS_MAX} tails are open" in page(API)
    assert f"from 1 to {ROWS_PER_S_MAX}; default: {ROWS_PER_S_DEFAULT}." in page(API)
    assert f"1 to {BURST_ROWS_MAX:,} |" in page(API)


def test_every_example_belongs_to_a_run() -> None:
    """No example is left out of the tests below."""
    assert {example.mark for example in examples(API)} == RUNS


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that, like curl, does not follow redirects."""
    async with httpx.AsyncClient(timeout=TIMEOUT_S) as opened:
        yield opened


async def test_the_examples_of_a_run_on_kafka(
    kafka: Broker, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most examples: rows, status, streams, schemas, probes, refusals, and the Python ones."""
    monkeypatch.setattr(sys, "argv", ["gerador"])  # the documented command starts with it
    async with served(kafka.bootstrap, topic=TOPIC, seed="42", rate="1000") as run:
        await run.until_acked(2000)
        await assert_answered("", client, run.url, kafka.bootstrap)
        for block in blocks(API, "python"):
            printed = await asyncio.to_thread(printed_by, block.text.replace(URL, run.url))
            assert f"```text\n{printed}```" in page(API), f"{block.place}: {printed}"


async def test_the_examples_of_a_run_with_a_token(client: httpx.AsyncClient) -> None:
    """Authorization of live changes, and their responses."""
    async with (
        served("unused:1", no_kafka=True, seed="42", rate="1000") as run,
        serve(create_app(run.run, TOKEN), "127.0.0.1", 0) as address,
    ):
        await run.until_acked(1000)
        await assert_answered("token", client, address.url, "unused:1")


async def test_the_examples_of_a_run_without_brokers(client: httpx.AsyncClient) -> None:
    """Responses while no broker listens."""
    async with served(NOWHERE, topic=TOPIC, rate="1000") as run:
        await assert_answered("away", client, run.url, NOWHERE)


async def until_status(client: httpx.AsyncClient, url: str, *words: str) -> None:
    """Wait for a state: brokers are found to be away, or a busy machine's come back."""
    async with asyncio.timeout(TIMEOUT_S):
        while (await client.get(f"{url}/status")).json()["status"] not in words:
            await asyncio.sleep(0.05)


async def assert_answered(mark: str, client: httpx.AsyncClient, url: str, bootstrap: str) -> None:
    """Ask what the page's examples of a run ask, in their order, and compare the answers."""
    for example in examples(API):
        if example.mark == mark:
            asked = parsed(example.command.replace(URL, url))
            await until_status(client, url, *(["degradado"] if mark == "away" else WELL))
            answer = await asked.ask(client)
            real = answer.text.replace(url, URL).replace(bootstrap, BROKERS)
            try:
                assert_alike(example, asked, answer, real)
            except (AssertionError, json.JSONDecodeError) as error:
                error.add_note(f"{example.place}\n{answer.status_code}: {real[:2000]}")
                raise


def assert_alike(example: Example, asked: Curl, answer: httpx.Response, real: str) -> None:
    """Compare status, headers where they are shown, and the body, by its format."""
    shown = example.answer
    if asked.shows_headers:
        head, _, shown = shown.partition("\n\n")
        assert_headers_alike(head, answer)
    else:
        assert answer.status_code == 200
    if asked.method == "HEAD":
        assert not shown
        return
    filtered = asked.filtered(real)
    match answer.headers["content-type"].partition(";")[0]:
        case "application/x-ndjson":
            wanted = [shown_json(line) for line in shown.splitlines()]
            assert_json_alike(wanted, [json.loads(line) for line in filtered.splitlines()])
        case "text/csv":
            assert_csv_alike(shown, filtered)
        case "text/plain" | "text/event-stream" | "application/yaml":
            assert_lines_alike(shown, filtered)
        case _:
            assert_json_alike(shown_json(shown), json.loads(filtered))


def assert_headers_alike(head: str, answer: httpx.Response) -> None:
    """Compare version and status, and each header that is shown; words differ by Python's age."""
    status, *lines = head.splitlines()
    assert status.split()[:2] == [answer.http_version, str(answer.status_code)]
    for line in lines:
        if line != "…":
            name, _, value = line.partition(": ")
            assert answer.headers.get(name) == value, line


def printed_by(code: str) -> str:
    """Run an example and return what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, API, "exec"), {})  # noqa: S102 - the page is ours
    return out.getvalue()
