"""Reads a node's log and Java's output, and finds the line that explains a failure."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


TAIL_BYTES_MAX: Final = 64_000
LINE_CHARS_MAX: Final = 300
ERROR_MARKERS: Final = ("Exception", "Error", " ERROR ", " FATAL ")


class ServerLog:
    """The log of one node, from the last `mark` on."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "server.log"
        self.java_output = directory / "java.out"
        self._start_byte = 0

    def mark(self) -> None:
        """Leave what is there now to earlier runs."""
        self._start_byte = self.path.stat().st_size if self.path.exists() else 0

    def text(self) -> str:
        """Return what was logged since the mark, its last `TAIL_BYTES_MAX` at most."""
        if not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            size_bytes = file.seek(0, os.SEEK_END)
            # A shorter file than at the mark has been rolled over since: all of it is new.
            start = self._start_byte if size_bytes >= self._start_byte else 0
            file.seek(max(start, size_bytes - TAIL_BYTES_MAX))
            return file.read().decode(errors="replace")

    def reason(self) -> str:
        """Return the line that tells most likely why a node failed, and where to read more.

        Kafka's own last error comes before Java's first words, these before the last line.
        """
        logged = self.text().splitlines()
        printed = self._printed()
        errors = [line for line in logged if any(word in line for word in ERROR_MARKERS)]
        candidates = [*logged[-1:], *printed[:1], *errors[-1:]]
        line = candidates[-1] if candidates else "nothing was logged"
        return f"{line.strip()[:LINE_CHARS_MAX]} (log: {self.path})"

    def _printed(self) -> list[str]:
        if not self.java_output.exists():
            return []
        lines = self.java_output.read_text(errors="replace").splitlines()
        # Java's remarks on class archives are no reason for anything.
        return [line for line in lines if "[cds" not in line]
