"""Prometheus' own checks of what deploy/prometheus holds."""

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
def test_promtool_accepts_the_configuration_and_every_alert(arguments: list[str]) -> None:
    """The files are valid, and each alert fires when it should and not when it should not."""
    done = subprocess.run(
        [program("promtool"), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
