"""Accuracy of rates: `gerador run --for 10s --rate R` with a local Kafka, for each R.

    python -m tests.bench.bench_rates [--seconds 10] [RATE ...]

Each rate is a run of the real command in a process of its own. Acknowledged rows are read from
/status twice, about `--seconds` apart, and divided by the time between the two looks, so that
neither the start nor the command's own arithmetic can flatter; the last column is the rate that
the command's summary reports. `generations` is TAMANHO_BUFFER=1000 with INTERVALO_GERACAO=0.5.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from gerador.embedded.cluster import EmbeddedKafka
from gerador.embedded.properties import topic_config
from tests.e2e.command import Running, started
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

GENERATIONS: Final = "generations"
RATES: Final = ("1", "10", "1k", "10k", "100k", "200k", "500k", GENERATIONS)
SETTLE_S: Final = 1.0
"""Seconds until the backlog of the start is worked off, which would look like a higher rate."""
GENERATIONS_A_RUN: Final = ("--buffer-size", "1000", "--interval", "0.5")
GENERATIONS_RATE: Final = 2_000.0
PARTITIONS: Final = 4
_DELIVERED: Final = re.compile(r"rate delivered\D+([\d,.]+)/s")
_UNIT: Final = {"k": 1e3, "M": 1e6}


class Kept(NamedTuple):
    """One rate: target, measured and reported, in rows per second."""

    asked: float
    seen: float
    reported: float
    lost: int
    behind_max: int


def main() -> None:
    """Print one line per rate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rates", nargs="*", metavar="RATE", default=list(RATES))
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    heads = ("rate", "asked/s", "seen/s", "error", "reported/s", "error", "lost", "behind max")
    _print(*heads)
    with _Kafka() as bootstrap:
        for rate in given.rates:
            kept = _measure(bootstrap, rate, given.seconds)
            _print(
                rate, f"{kept.asked:,.0f}", f"{kept.seen:,.1f}", _error(kept.seen, kept.asked),
                f"{kept.reported:,.1f}", _error(kept.reported, kept.asked), str(kept.lost),
                f"{kept.behind_max:,}",
            )  # fmt: skip


class _Kafka:
    """Run a local Kafka inside the block."""

    def __enter__(self) -> str:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-rates-")
        self._kafka = EmbeddedKafka(Path(self._folder.name), cache_dir=cache_dir())
        self._kafka.__enter__()
        return self._kafka.bootstrap

    def __exit__(self, *error: object) -> None:
        self._kafka.__exit__(*error)
        self._folder.cleanup()


def _measure(bootstrap: str, rate: str, seconds: float) -> Kept:
    target_rate = GENERATIONS_A_RUN if rate == GENERATIONS else ("--rate", rate)
    config = ",".join(f"{k}={v}" for k, v in topic_config(PARTITIONS).items())
    arguments = (
        "run", "--bootstrap-servers", bootstrap, "--port", "0", "--topic", f"rate-{rate}",
        "--partitions", str(PARTITIONS), "--topic-config", config,
        "--for", f"{seconds}s", *target_rate,
    )  # fmt: skip
    with started(*arguments) as run:
        looks = list(_looks(run, seconds))
        done = run.end()
    if done.returncode:
        sys.exit(done.stderr)
    (first_s, first), (last_s, last) = looks[0][:2], looks[-1][:2]
    reported = _DELIVERED.search(done.stderr)
    return Kept(
        asked=_rows_per_s(rate),
        seen=(last - first) / (last_s - first_s),
        reported=float(reported[1].replace(",", "")) if reported else float("nan"),
        lost=sum(look[3] for look in looks[-1:]),
        behind_max=max(look[2] for look in looks),
    )


def _looks(run: Running, seconds: float) -> Iterator[tuple[float, int, int, int]]:
    """Give instant, acked, behind and lost, from soon after the first row to just before the end.

    The first and the last look are taken at the instant when the count has just changed: at one
    row a second a look in between would be up to a row off.
    """
    run.until("acked", 1)
    end_s = time.monotonic() + seconds - max(1.5, 0.15 * seconds)
    time.sleep(SETTLE_S)
    yield from _until_changed(run, run.get("/status")["acked"])
    while time.monotonic() < end_s:
        time.sleep(0.25)
        yield _look(run)
    yield from _until_changed(run, run.get("/status")["acked"])


def _until_changed(run: Running, acked: int) -> Iterator[tuple[float, int, int, int]]:
    while (look := _look(run))[1] == acked:
        time.sleep(0.005)
    yield look


def _look(run: Running) -> tuple[float, int, int, int]:
    now = run.get("/status")
    return time.monotonic(), now["acked"], now["behind"], now["failed"] + now["unknown"]


def _rows_per_s(rate: str) -> float:
    if rate == GENERATIONS:
        return GENERATIONS_RATE
    unit = _UNIT.get(rate[-1])
    return float(rate) if unit is None else float(rate[:-1]) * unit


def _error(measured: float, asked: float) -> str:
    return f"{100 * (measured / asked - 1):+.2f} %"


def _print(*cells: str) -> None:
    widths = (12, 9, 12, 9, 12, 9, 5, 11)
    line = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
