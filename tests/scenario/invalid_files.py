"""Invalid scenario files and their error messages: the blocks of invalid_files.txt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
SOURCE: Final = "f.yaml"
TABLE: Final = "invalid_files.txt"


@dataclass(frozen=True)
class InvalidFile:
    """An invalid file, its complete error message, and the kind of error.

    `mark`: syntax (rejected by the YAML reader), structure (the JSON Schema rejects it too), value
    (only the model rejects it), combination (each value is valid, but not together).
    """

    mark: str
    text: str
    message: str
    place: str


def invalid_files() -> list[InvalidFile]:
    """Return the blocks of the file."""
    whole = (HERE / TABLE).read_text("utf-8")
    found, line = [], 1
    for block in whole.split("\n\n###"):
        head, _, rest = block.removeprefix("###").partition("\n")
        text, _, message = rest.partition("\n>>>\n")
        found.append(
            InvalidFile(head.strip(), text, message.strip("\n"), f"invalid_files.txt:{line}")
        )
        line += block.count("\n") + 2
    return found
