"""Reads a node's log and Java's output, and finds the line that explains a failure."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


TAIL_BYTES_MAX: Final = 64_000
QUOTE_CHARS_MAX: Final = 300
"""Characters of a log line or a tool's output in an error message."""
ERROR_MARKERS: Final = ("Exception", "Error", " ERROR ", " FATAL ")


class ServerLog:
    """The log of one node since the last `mark`."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "server.log"
        self.java_output = directory / "java.out"
        self._start_byte = 0

    def mark(self) -> None:
        """Exclude the present content, of earlier starts, from `text`."""
        self._start_byte = self.path.stat().st_size if self.path.exists() else 0

    def text(self) -> str:
        """Return the log since the mark, at most its last `TAIL_BYTES_MAX` bytes."""
        if not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            size_bytes = file.seek(0, os.SEEK_END)
            # A file that is shorter than at the mark was rolled over: all of it is new.
            start = self._start_byte if size_bytes >= self._start_byte else 0
            file.seek(max(start, size_bytes - TAIL_BYTES_MAX))
            return file.read().decode(errors="replace")

    def failure_reason(self) -> str:
        """Return the line that most likely explains a failure, and the path of the log.

        The last error of Kafka's log, else the first line of Java's output, else the last line of
        the log.
        """
        logged = self.text().splitlines()
        printed = self._printed()
        errors = [line for line in logged if any(marker in line for marker in ERROR_MARKERS)]
        candidates = [*logged[-1:], *printed[:1], *errors[-1:]]
        line = candidates[-1] if candidates else "the log is empty"
        return f"{line.strip()[:QUOTE_CHARS_MAX]} (log: {self.path})"

    def _printed(self) -> list[str]:
        if not self.java_output.exists():
            return []
        lines = self.java_output.read_text(errors="replace").splitlines()
        # Java's warnings about class archives do not explain a failure.
        return [line for line in lines if "[cds" not in line]
