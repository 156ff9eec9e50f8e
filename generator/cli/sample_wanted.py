"""Which rows `gerador sample` was asked for, and the command that asks for the same again."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import SettingError
from generator.settings import parse_rate

if TYPE_CHECKING:
    from pathlib import Path

    from generator.table import Stream


def whole(option: str, text: str) -> int:
    """Return the whole number from 0 on that an option was given.

    Raises SettingError: it is none.
    """
    if not (text.isascii() and text.isdigit()):
        raise SettingError(f"{option} {text}: not a whole number from 0 on")
    return int(text)


def _rate(text: str) -> float | str:
    """Read a rate as `gerador run` does: 500, 10k, 1.5M or max.

    Raises SettingError: it is none of these.
    """
    try:
        rate = parse_rate(text)
    except ValueError as e:
        raise SettingError(f"--rate {text}: {e}") from e
    return "max" if math.isinf(rate) else rate


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of the command that determine rows, as given."""

    schema: Path | None
    rows: int
    first: int
    seed: int | None
    start: str | None
    rate: str | None

    @property
    def after(self) -> int:
        """One past the last row."""
        return self.first + self.rows

    def stream(self) -> Stream:
        """Return the stream.

        Raises SettingError, SchemaError: as `generator.stream`.
        """
        from generator.table import stream  # noqa: PLC0415 - `--help` shall not wait for pyarrow

        rate = None if self.rate is None else _rate(self.rate)
        return stream(schema=self.schema, seed=self.seed, start=self.start, rate=rate)

    def again(self, made: Stream) -> str:
        """Return the command line that makes the rows of `made` again, with what was chosen."""
        words = ["gerador", "sample", *([str(self.schema)] if self.schema else [])]
        words += ["-n", str(self.rows)]
        words += ["--from", str(self.first)] if self.first else []
        words += ["--seed", str(made.seed)]
        words += ["--start", made.start_text]
        words += ["--rate", self.rate] if self.rate is not None else []
        return shlex.join(words)
