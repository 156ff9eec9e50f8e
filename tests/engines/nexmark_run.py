"""A run of the gallery's Nexmark that was paused: its topics and its regenerated rows."""

from __future__ import annotations

import json
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

import gerador
from tests.e2e.command import TIMEOUT_S, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.command import Running

START: Final = "2026-01-01T00:00:05Z"
"""In the middle of a window of ten seconds, so that ten seconds of events span two windows."""
EVENTS: Final = 100_000
STREAMS: Final = ("bid", "auction", "person")
"""In the order of pausing: streams with references first, so that every referenced row was sent."""


@dataclass(frozen=True, slots=True)
class Nexmark:
    """Variables of the SQL files, and the rows that are in them."""

    environ: dict[str, str]
    tables: dict[str, pa.Table]


@contextmanager
def nexmark_run(bootstrap: str, folder: Path) -> Iterator[Nexmark]:
    """Fill the topics by ``gerador run nexmark``, pause it, and keep its registry up."""
    options = ["--start", START, "--port", "0"]
    with started("run", "nexmark", *options, "--bootstrap-servers", bootstrap) as running:
        running.until("acked", EVENTS)
        for stream in STREAMS:
            _answer(running, f"/streams/{stream}/pause", method="POST")
        recipe = folder / "recipe.yaml"
        recipe.write_text(_answer(running, "/recipe"), "utf-8")
        rows = _settled(running)
        made = gerador.streams(recipe)
        environ = {"KAFKA_BOOTSTRAP_SERVERS": bootstrap, "SCHEMA_REGISTRY_URL": running.url()}
        yield Nexmark(environ, {name: _table(made[name], rows[name]) for name in STREAMS})


def _answer(running: Running, path: str, method: str = "GET") -> str:
    request = urllib.request.Request(running.url() + path, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
        return str(answer.read().decode())


def _settled(running: Running) -> dict[str, int]:
    """Wait until every row that is due is acknowledged; return how many each stream has."""
    end_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < end_s:
        streams = json.loads(_answer(running, "/status"))["streams"]
        if all(s["acked"] == s["due"] for s in streams.values()):
            return {name: s["acked"] for name, s in streams.items()}
        time.sleep(0.05)
    raise AssertionError(f"rows are still under way:\n{running.stderr}")


def _table(stream: gerador.Stream, rows: int) -> pa.Table:
    """Return the rows of a topic, times without a zone, as Flink has them."""
    table = pa.Table.from_batches([stream.rows(0, rows)])
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            naive = table.column(i).cast(pa.int64()).cast(pa.timestamp("ms"))
            table = table.set_column(i, field.name, naive)
    return table
