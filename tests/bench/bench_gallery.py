"""How fast the gallery's scenarios are made and encoded on one core, beside what is aimed at.

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
"""Rows a second, made and encoded, all streams of a scenario together."""
ROUNDS: Final = 4
PARTITIONS: Final = 4
BATCH_BYTES: Final = 512 * 1024
DEAREST: Final = 3


def main() -> None:
    """Print a line a scenario, and what costs most in each of its streams."""
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
