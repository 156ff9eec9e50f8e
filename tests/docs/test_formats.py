"""docs/formats.md: its scenario runs, and its commands and programs print what is shown."""

from __future__ import annotations

import asyncio
import sys
from types import ModuleType
from typing import TYPE_CHECKING, get_args

import httpx

from gerador.scenario.output import KeyFormat, SubjectStrategy, ValueFormat
from tests.docs.curl import parsed
from tests.docs.examples import blocks, examples, page
from tests.docs.kcat import printed
from tests.docs.test_api import BROKERS, URL, printed_by
from tests.e2e.service import served
from tests.encoding.protoc import compiled

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.e2e.service import Served
    from tests.kafka_fixture import Broker

PAGE = "formats.md"
STREAMS = 5


def test_every_format_is_on_the_page() -> None:
    """Formats of values and keys, and subject naming strategies."""
    for word in (w for kind in (ValueFormat, KeyFormat, SubjectStrategy) for w in get_args(kind)):
        assert f"`{word}`" in page(PAGE)


async def test_the_examples_are_as_printed(
    kafka: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a real Kafka, with the registry of the API. Outputs are equal, since the seed is set."""
    (scenario,) = blocks(PAGE, "yaml")
    file = tmp_path / "formats.yaml"
    file.write_text(scenario.text, "utf-8")
    async with served(kafka.bootstrap, scenario=str(file)) as run:
        await run.until_acked(100 * STREAMS)
        async with httpx.AsyncClient() as client:
            for example in examples(PAGE):
                command = example.command.replace(URL, run.url)
                if command.startswith("kcat"):
                    answer = await asyncio.to_thread(printed, command, kafka.bootstrap)
                else:
                    answer = (await parsed(command).ask(client)).text.rstrip("\n")
                assert answer == example.answer, f"{example.place}\n{answer}"
            await _offer_compiled_classes(run, client, monkeypatch)
        for block in blocks(PAGE, "python"):
            code = block.text.replace(URL, run.url).replace(BROKERS, kafka.bootstrap)
            out = await asyncio.to_thread(printed_by, code)
            assert f"```text\n{out}```" in page(PAGE), f"{block.place}: {out}"


async def _offer_compiled_classes(
    run: Served, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Provide `orders_pb2`, compiled by protoc from the schema on the page."""
    subject = "orders-protobuf-gerador.OrdersProtobuf"
    answer = await client.get(f"{run.url}/subjects/{subject}/versions/1/schema")
    module = ModuleType("orders_pb2")
    module.OrdersProtobuf = compiled(answer.text).message  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "orders_pb2", module)
