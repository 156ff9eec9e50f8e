"""promtool checks and tests of deploy/prometheus."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.observability.prometheus import CONFIGURATION, program

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "config", str(CONFIGURATION / "prometheus.yml")],
        ["check", "rules", *map(str, sorted((CONFIGURATION / "rules").glob("*.yml")))],
        ["test", "rules", str(HERE / "alerts_test.yml")],
    ],
    ids=["configuration", "rules", "alerts"],
)
def test_promtool(arguments: list[str]) -> None:
    """The files are valid, and the tests of the alerts pass."""
    done = subprocess.run(
        [program("promtool"), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
