"""Throughput of the scenarios of the gallery on one core, compared to the target.

Run by hand: ``python -m tests.bench.bench_gallery [rounds]``. What is measured, and how, is that
of ``gerador bench --scenario``. Nothing here is asserted: timings are not tests.
"""

from __future__ import annotations

import sys
from typing import Final

from gerador.cli.bench_scenario import run_scenario_bench
from gerador.scenario.gallery import packaged_schema_path

AIMS: Final = {
    "default": 5_000_000,
    "usuarios_anotado.avsc": 3_000_000,
    "ecommerce": 1_000_000,
    "nexmark": 1_000_000,
}
"""Target rows per second, generated and encoded, for all streams of a scenario together."""
ROUNDS: Final = 4
PARTITIONS: Final = 4
BATCH_BYTES: Final = 512 * 1024
DEAREST: Final = 3


def main() -> None:
    """Print one line per scenario, and the costliest fields of each stream."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    for name, aim in AIMS.items():
        schema = str(packaged_schema_path(name)) if name.endswith(".avsc") else None
        speed, _ = run_scenario_bench(
            None if schema else name, schema,
            rounds=rounds, partitions=PARTITIONS, batch_bytes_max=BATCH_BYTES,
        )  # fmt: skip
        rate = speed.speeds.encoded
        print(f"{name:22} {rate / 1e6:5.2f} M rows/s, {rate / aim:4.0%} of the aim")  # noqa: T201
        for stream in speed.streams:
            dearest = (f"{f.name} {f.made_ns + f.encoded_ns:.0f} ns" for f in stream.fields)
            shown = ", ".join(list(dearest)[:DEAREST])
            print(f"  {stream.name:20} {stream.speeds.encoded / 1e6:5.2f} M; {shown}")  # noqa: T201


if __name__ == "__main__":
    main()
