"""Accuracy of load profiles: rows of each compared to its integral, all at once, by the clock.

    python -m tests.bench.bench_shapes [--seconds 20] [MEAN ...]

A scenario with a stream for each shape runs in this process, in memory. After so many seconds of
the clock the rows that are through are compared with the integral of the declared rate, worked
out here from its formula; Poisson arrivals may differ by what chance does in their last cell.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gerador.cli.logging_setup import configure_logging
from gerador.cli.run_setup import build_run
from gerador.settings.load import load_settings

if TYPE_CHECKING:
    from gerador.delivery.kafka.connection import Connection

MEANS: Final = (100.0, 200_000.0)
PERIOD_S: Final = 8.0
FIELD: Final = "fields: {n: sequence}"

Integral = Callable[[float, float], float]


def _sine(mean: float, s: float) -> float:
    """Return the integral of mean - mean/2 * cos(2 pi t / period)."""
    turn = 2 * math.pi / PERIOD_S
    return mean * s - mean / 2 * math.sin(turn * s) / turn


def _steps(mean: float, s: float) -> float:
    whole, rest = divmod(s, 4.0)
    return whole * 4 * mean + (min(rest, 2) * 0.5 + max(rest - 2, 0) * 1.5) * mean


SHAPES: Final[dict[str, tuple[str, Integral]]] = {
    "constant": ("{{constant: {m}}}", lambda m, s: m * s),
    "constant, poisson": ("{{constant: {m}, poisson: true}}", lambda m, s: m * s),
    "generations": ("{{rows: {tenth}, every: 100ms}}", lambda m, s: m * s),
    "ramp": ("{{ramp: {{from: 0/s, to: {double}, over: 20s}}}}", lambda m, s: m * s * s / 20),
    "sine": ("{{sine: {{from: {half}, to: {more}, period: 8s}}}}", _sine),
    "sine, poisson": ("{{sine: {{from: {half}, to: {more}, period: 8s}}, poisson: true}}", _sine),
    "steps": (
        "{{steps: [{{rate: {half}, for: 2s}}, {{rate: {more}, for: 2s}}], repeat: true}}", _steps,
    ),
}  # fmt: skip
"""The rate in a scenario file with mean `m`, and the rows due after `s` seconds."""


def scenario(mean: float) -> str:
    """Return a scenario with every load profile."""
    rates = {"m": mean, "half": mean / 2, "more": mean * 1.5, "double": mean * 2}
    words = {
        name: f"{rate:g}/s" if rate < 1e5 else f"{rate / 1e3:g}k/s" for name, rate in rates.items()
    }
    words["tenth"] = f"{mean / 10:.0f}"
    streams = (
        f"  s{i}: {{rate: {shape.format(**words)}, {FIELD}}}\n"
        for i, (shape, _) in enumerate(SHAPES.values())
    )
    return "seed: 1\nstreams:\n" + "".join(streams)


async def measure(mean: float, seconds: float) -> None:
    """Run every load profile with this mean and print one line for each."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shapes.yaml"
        file.write_text(scenario(mean), "utf-8")
        run = build_run(load_settings({}, scenario=str(file), no_kafka=True), _no_brokers)
        running = asyncio.create_task(run.run())
        while run.status().start is None:
            await asyncio.sleep(0.01)
        await asyncio.sleep(seconds)
        status = run.status()
        for i, (name, (_, integral)) in enumerate(SHAPES.items()):
            one = status.streams[f"s{i}"]
            due = integral(mean, one.elapsed_s)
            _tell(
                f"{mean:>9,.0f}  {name:<18} {one.elapsed_s:>7.3f} {due:>13,.1f} {one.acked:>13,}"
                f" {(one.acked - due) / due:>+8.3%} {one.behind:>8,}"
            )
        run.stop()
        await running


async def _no_brokers() -> Connection:
    raise AssertionError("memory needs no brokers")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Print one line per load profile and mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("means", nargs="*", type=float, default=list(MEANS))
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    configure_logging("warning")
    _tell("   mean/s  shape              seconds      integral          made    error   behind")
    for mean in given.means:
        asyncio.run(measure(mean, given.seconds))


if __name__ == "__main__":
    main()
