"""Options of `gerador sample`: which stream and rows, and the command that reproduces them."""

from __future__ import annotations

import math
import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gerador.errors import SettingError, did_you_mean
from gerador.settings.load import load_settings
from gerador.units import parse_rate

if TYPE_CHECKING:
    from pathlib import Path

    from gerador.stream import Stream


SCENARIO_SUFFIXES: Final = frozenset({".yaml", ".yml"})


def parse_whole_number(option: str, text: str) -> int:
    """Return the whole number from 0 on that an option was given.

    Raises SettingError: it is none.
    """
    if not (text.isascii() and text.isdigit()):
        raise SettingError(f"{option} {text}: not a whole number from 0 on")
    return int(text)


def _parse_rate(text: str) -> float | str:
    """Read a rate as `gerador run` does: 500, 10k, 1.5M or max.

    Raises SettingError: it is none of these.
    """
    try:
        rate = parse_rate(text)
    except ValueError as e:
        raise SettingError(f"--rate {text}: {e}") from e
    return "max" if math.isinf(rate) else rate


def is_scenario(source: Path) -> bool:
    """Tell whether a file's name, or a name of the gallery, means a scenario."""
    from gerador.scenario import gallery  # noqa: PLC0415 - a schema alone needs none of it

    if source.suffix in SCENARIO_SUFFIXES:
        return True
    return not source.suffix and not source.exists() and str(source) in gallery.names()


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """The options of the command that determine rows, as given."""

    source: Path | None
    """An Avro schema's file, a scenario's file, or a name of the gallery; None: the default."""
    named: str | None
    """The stream of a scenario; None: its first."""
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

        Raises ConfigurationError: as `gerador.stream` and `gerador.streams`, or options that
        do not go together.
        """
        from gerador.stream import stream  # noqa: PLC0415 - `--help` shall not wait for pyarrow

        if self.source is not None and is_scenario(self.source):
            return self._of_scenario(self.source)
        if self.named is not None:
            raise SettingError(f"--stream {self.named}: for a scenario; a schema is one stream")
        rate = None if self.rate is None else _parse_rate(self.rate)
        return stream(schema=self.source, seed=self.seed, start=self.start, rate=rate)

    def _of_scenario(self, source: Path) -> Stream:
        from gerador.cli.registry_setup import registry_schema_reader  # noqa: PLC0415 - likewise
        from gerador.stream import streams  # noqa: PLC0415

        if self.rate is not None:
            raise SettingError(f"--rate {self.rate}: a scenario says its rates; leave it out")
        registry = registry_schema_reader(load_settings(os.environ))
        made = streams(source, seed=self.seed, start=self.start, registry=registry)
        name = self.named or next(iter(made))
        if name not in made:
            there_is = ", ".join(made)
            raise SettingError(f"--stream {name}: not there{did_you_mean(name, made)}; {there_is}")
        return made[name]

    def again(self, made: Stream) -> str:
        """Return the command line that makes the rows of `made` again, with what was chosen."""
        words = ["gerador", "sample", *([str(self.source)] if self.source else [])]
        words += ["--stream", self.named] if self.named is not None else []
        words += ["-n", str(self.rows)]
        words += ["--from", str(self.first)] if self.first else []
        words += ["--seed", str(made.seed)]
        words += ["--start", made.start_text]
        words += ["--rate", self.rate] if self.rate is not None else []
        return shlex.join(words)
