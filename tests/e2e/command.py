"""Runs the `gerador` command in another process: starts it, reads its output, sends signals."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gerador.settings.model import ENVIRONMENT

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator

TIMEOUT_S = 40.0
"""Timeout of every wait."""
PROGRAM = [sys.executable, "-m", "gerador"]
WIDE = {"COLUMNS": "200"}


class Done(NamedTuple):
    """Exit code, output and duration of a command."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def text_lines(self) -> list[str]:
        """The lines of stderr that are not log events."""
        return [line for line in self.stderr.splitlines() if not line.startswith("{")]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log events."""
        return [json.loads(line) for line in self.stderr.splitlines() if line.startswith("{")]


@dataclass
class Running:
    """A running command; a thread reads its stderr, so that it never blocks."""

    process: subprocess.Popen[bytes]
    output: bytearray
    reader: threading.Thread
    start_s: float

    @property
    def stderr(self) -> str:
        """The output so far."""
        return self.output.decode()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        self.process.send_signal(number)

    def until_printed(self, pattern: str) -> str:
        """Wait until stderr has a match of `pattern`; return its first group."""
        end_s = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end_s:
            if found := re.search(pattern, self.stderr):
                return found[found.lastindex or 0]
            assert self.process.poll() is None, f"ended too early:\n{self.stderr}"
            time.sleep(0.02)
        raise AssertionError(f"{pattern!r} was not printed:\n{self.stderr}")

    def url(self) -> str:
        """Return the URL of the API, as soon as it is printed."""
        return self.until_printed(r"API: (http://\S+)")

    def get(self, path: str) -> Any:
        """Return the JSON of `path`, for any status code."""
        try:
            with urllib.request.urlopen(self.url() + path, timeout=5) as response:  # noqa: S310
                return json.load(response)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def until(self, key: str, minimum: Any) -> Any:
        """Wait until `key` of /status is at least `minimum`, or equal if it is not a number."""
        end_s = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end_s:
            now = self.get("/status")[key]
            if now == minimum or (isinstance(minimum, int) and now >= minimum):
                return now
            time.sleep(0.02)
        raise AssertionError(f"{key} did not reach {minimum}:\n{self.stderr}")

    def end(self) -> Done:
        """Wait for the process."""
        stdout, _ = self.process.communicate(timeout=TIMEOUT_S)
        self.reader.join(TIMEOUT_S)
        seconds = time.monotonic() - self.start_s
        return Done(self.process.returncode, stdout.decode(), self.stderr, seconds)

    def interrupt(self, *numbers: signal.Signals) -> Done:
        """Send signals, wait for the process; `seconds` counts from the first signal."""
        self.start_s = time.monotonic()
        for number in numbers:
            self.send(number)
            time.sleep(0.05)
        return self.end()


@contextmanager
def started(*arguments: str, terminal: bool = False, **environ: str) -> Iterator[Running]:
    """Run ``gerador ARGUMENTS`` inside the block, with stderr on a terminal or a pipe."""
    our_end, child_end = pty.openpty() if terminal else os.pipe()
    process = subprocess.Popen(
        [*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=child_end, env=_environ(environ)
    )
    os.close(child_end)
    output = bytearray()
    reader = threading.Thread(target=_read_all, args=(our_end, output))
    reader.start()
    try:
        yield Running(process, output, reader, time.monotonic())
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(TIMEOUT_S)
        reader.join(TIMEOUT_S)
        os.close(our_end)
        assert process.stdout is not None
        process.stdout.close()


def ended(*arguments: str, **environ: str) -> Done:
    """Run ``gerador ARGUMENTS`` and wait for it."""
    with started(*arguments, **environ) as running:
        return running.end()


def _environ(extra: dict[str, str]) -> dict[str, str]:
    """Return the environment without settings, plus `extra`."""
    inherited = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    return inherited | WIDE | extra


def _read_all(file: int, output: bytearray) -> None:
    while True:
        try:
            chunk = os.read(file, 65_536)
        except OSError:  # a terminal whose other end is closed
            return
        if not chunk:
            return
        output += chunk
