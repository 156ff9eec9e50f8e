"""The real command in a process of its own: started, watched, signalled, and ended by its id."""

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

SOON_S = 40.0
"""Longest wait for anything; a wait that lasts so long has failed."""
PROGRAM = [sys.executable, "-m", "gerador"]
WIDE = {"COLUMNS": "200"}


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def words(self) -> list[str]:
        """The lines of stderr for people."""
        return [line for line in self.stderr.splitlines() if not line.startswith("{")]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log, a line an event."""
        return [json.loads(line) for line in self.stderr.splitlines() if line.startswith("{")]


@dataclass
class Running:
    """A command that runs; its stderr is read all the time, so that it never waits for us."""

    process: subprocess.Popen[bytes]
    heard: bytearray
    reader: threading.Thread
    began_s: float

    @property
    def stderr(self) -> str:
        """What was heard so far."""
        return self.heard.decode()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this process alone."""
        self.process.send_signal(number)

    def until_said(self, pattern: str) -> str:
        """Wait until stderr has a match of `pattern`; return its first group."""
        end_s = time.monotonic() + SOON_S
        while time.monotonic() < end_s:
            if found := re.search(pattern, self.stderr):
                return found[found.lastindex or 0]
            assert self.process.poll() is None, f"ended too early:\n{self.stderr}"
            time.sleep(0.02)
        raise AssertionError(f"{pattern!r} was never said:\n{self.stderr}")

    def url(self) -> str:
        """Return the API's address, once it is told."""
        return self.until_said(r"API: (http://\S+)")

    def get(self, path: str) -> Any:
        """Return the JSON of `path`, whatever the status."""
        try:
            with urllib.request.urlopen(self.url() + path, timeout=5) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            return json.load(refused)

    def until(self, key: str, least: Any) -> Any:
        """Wait until /status has at least `least` under `key` (equal, where it is a word)."""
        end_s = time.monotonic() + SOON_S
        while time.monotonic() < end_s:
            now = self.get("/status")[key]
            if now == least or (isinstance(least, int) and now >= least):
                return now
            time.sleep(0.02)
        raise AssertionError(f"{key} never came to {least}:\n{self.stderr}")

    def end(self) -> Done:
        """Wait for the end."""
        stdout, _ = self.process.communicate(timeout=SOON_S)
        self.reader.join(SOON_S)
        seconds = time.monotonic() - self.began_s
        return Done(self.process.returncode, stdout.decode(), self.stderr, seconds)

    def interrupt(self, *numbers: signal.Signals) -> Done:
        """Send signals one after another and wait for the end; `seconds` counts from the first."""
        self.began_s = time.monotonic()
        for number in numbers:
            self.send(number)
            time.sleep(0.05)
        return self.end()


@contextmanager
def started(*arguments: str, terminal: bool = False, **environ: str) -> Iterator[Running]:
    """Run ``gerador ARGUMENTS`` while the block lasts, with stderr on a terminal or a pipe."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    process = subprocess.Popen(
        [*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=theirs, env=_environ(environ)
    )
    os.close(theirs)
    heard = bytearray()
    reader = threading.Thread(target=_read_all, args=(ours, heard))
    reader.start()
    try:
        yield Running(process, heard, reader, time.monotonic())
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(SOON_S)
        reader.join(SOON_S)
        os.close(ours)
        assert process.stdout is not None
        process.stdout.close()


def ended(*arguments: str, **environ: str) -> Done:
    """Run ``gerador ARGUMENTS`` to its end."""
    with started(*arguments, **environ) as running:
        return running.end()


def _environ(own: dict[str, str]) -> dict[str, str]:
    """Return the environment without settings, and with `own`."""
    kept = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    return kept | WIDE | own


def _read_all(file: int, heard: bytearray) -> None:
    while True:
        try:
            some = os.read(file, 65_536)
        except OSError:  # a terminal whose other side is closed
            return
        if not some:
            return
        heard += some
