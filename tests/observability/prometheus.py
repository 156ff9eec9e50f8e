"""A real Prometheus (Debian's) on a loopback port, with the configuration of deploy/prometheus."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGURATION: Final = Path(__file__).parents[2] / "deploy" / "prometheus"
TIMEOUT_S: Final = 30.0
"""Maximum wait for Prometheus."""

Series = dict[str, Any]


def program(name: str) -> str:
    """Return the path of a program of Prometheus; the test fails without it, and never skips."""
    path = shutil.which(name)
    if path is None:
        pytest.fail(
            f"{name} is not installed; on Debian: "
            "apt-get install -y --no-install-recommends prometheus"
        )
    return path


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus."""

    url: str

    def get(self, path: str, **parameters: Any) -> Any:
        """Return the `data` of a response of the HTTP API."""
        query = urllib.parse.urlencode(parameters)
        url = f"{self.url}/api/v1/{path}?{query}"
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:  # noqa: S310
            return json.load(response)["data"]

    def until_ready(self) -> None:
        """Wait until it answers queries: its port is open before its data is loaded."""
        end_s = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end_s:
            try:
                with urllib.request.urlopen(f"{self.url}/-/ready", timeout=TIMEOUT_S):  # noqa: S310
                    return
            except urllib.error.HTTPError:
                time.sleep(0.05)
        raise AssertionError(f"Prometheus was not ready for {TIMEOUT_S:g} s")

    def now(self, expr: str) -> list[Series]:
        """Return the current series of `expr`."""
        result: list[Series] = self.get("query", query=expr)["result"]
        return result

    def over(self, expr: str, seconds: float, step_s: float = 1.0) -> list[Series]:
        """Return the series of `expr` over the last `seconds`."""
        end_s = time.time()
        span = {"start": end_s - seconds, "end": end_s, "step": step_s}
        result: list[Series] = self.get("query_range", query=expr, **span)["result"]
        return result

    def until(self, expr: str, timeout_s: float = TIMEOUT_S) -> list[Series]:
        """Wait until `expr` has series; return them."""
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s:
            if series := self.now(expr):
                return series
            time.sleep(0.2)
        raise AssertionError(f"no series for {timeout_s:g} s: {expr}")


@contextmanager
def prometheus(folder: Path, target: str, interval_s: float) -> Iterator[Prometheus]:
    """Run Prometheus with `target` (host:port) and our rules during the block."""
    configuration = _configured(folder, target, interval_s)
    log = folder / "prometheus.log"
    arguments = [
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--web.listen-address=127.0.0.1:0",
    ]
    with log.open("wb") as out:
        process = subprocess.Popen([program("prometheus"), *arguments], stdout=out, stderr=out)
    try:
        running = Prometheus(f"http://{_address(log, process)}")
        running.until_ready()
        yield running
    finally:
        process.terminate()
        process.wait(TIMEOUT_S)


def _configured(folder: Path, target: str, interval_s: float) -> Path:
    """Copy the configuration and replace the target and the intervals."""
    shutil.copytree(CONFIGURATION, folder, dirs_exist_ok=True)
    path = folder / "prometheus.yml"
    text = path.read_text()
    for old, new in (
        (r'"generator:8000"', f'"{target}"'),
        (r"(scrape|evaluation)_interval: 5s", rf"\1_interval: {round(interval_s * 1000)}ms"),
        (r"scrape_timeout: 4s", f"scrape_timeout: {round(interval_s * 1000)}ms"),
    ):
        text, count = re.subn(old, new, text)
        assert count, f"{old} is not in {path.name}"
    path.write_text(text)
    return path


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Wait for the address in the log, and return it."""
    end_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < end_s and process.poll() is None:
        if found := re.search(r'msg="Listening on".* address=(\S+)', log.read_text()):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"Prometheus did not start:\n{log.read_text()}")
