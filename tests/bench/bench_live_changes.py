"""Latency of live changes: from the HTTP request until their rows are acknowledged.

    python -m tests.bench.bench_live_changes [--changes 20]

A run with a local Kafka alternates between the rates SLOW and FAST. Measured from just before the
request: the response, the acknowledgement of the first row that the change affects, and of the
FOLLOWING rows after it. `/status` is polled over one connection, so the last two are at most one
request too long.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from gerador.embedded.cluster import EmbeddedKafka
from tests.e2e.command import started
from tests.kafka_fixture import cache_dir

SLOW: Final = "2k"
FAST: Final = "20k"
FOLLOWING: Final = 100
SETTLE_S: Final = 5.0
"""Seconds before the first change: the page is imported in the first seconds."""
BETWEEN_S: Final = 0.37
"""Seconds between two changes; no divisor of any period."""
PATH: Final = "/streams/registros"


class Change(NamedTuple):
    """Milliseconds from the request."""

    answer_ms: float
    first_row_ms: float
    following_ms: float


def main() -> None:
    """Print median and maximum of every measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-live-changes-") as folder:
        changes = _measure(Path(folder), given.changes)
    _print(f"{len(changes)} changes from {SLOW}/s to {FAST}/s", "median", "worst")
    for name, figures in zip(
        ("answer", "its first row acknowledged", f"{FOLLOWING} rows acknowledged"),
        zip(*changes, strict=True),
        strict=True,
    ):
        _print(name, f"{statistics.median(figures):.1f} ms", f"{max(figures):.1f} ms")


def _measure(folder: Path, changes: int) -> list[Change]:
    with (
        EmbeddedKafka(folder, cache_dir=cache_dir()) as kafka,
        started(
            "run", "--bootstrap-servers", kafka.bootstrap, "--port", "0", "--rate", SLOW
        ) as run,
    ):
        run.until("acked", 1)
        time.sleep(SETTLE_S)
        api = HTTPConnection(urlsplit(run.url()).netloc, timeout=5)
        found = []
        for _ in range(changes):
            time.sleep(BETWEEN_S)
            found.append(_change(api))
            time.sleep(BETWEEN_S)
            _ask(api, "PATCH", PATH, {"rate": SLOW})
        run.interrupt(signal.SIGINT)
    return found


def _change(api: HTTPConnection) -> Change:
    began_s = time.perf_counter()
    row = _ask(api, "PATCH", PATH, {"rate": FAST})["row"]
    answered_s = time.perf_counter()
    first_s = _until_acked(api, row + 1)
    following_s = _until_acked(api, row + FOLLOWING)
    return Change(*(1000 * (at - began_s) for at in (answered_s, first_s, following_s)))


def _until_acked(api: HTTPConnection, rows: int) -> float:
    while _ask(api, "GET", "/status")["acked"] < rows:
        pass
    return time.perf_counter()


def _ask(api: HTTPConnection, method: str, path: str, body: object = None) -> Any:
    content = None if body is None else json.dumps(body)
    api.request(method, path, content, {"Content-Type": "application/json"})
    return json.loads(api.getresponse().read())


def _print(*cells: str) -> None:
    sys.stdout.write(f"{cells[0]:<40}{cells[1]:>12}{cells[2]:>12}\n")


if __name__ == "__main__":
    main()
