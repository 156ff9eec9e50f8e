"""Options of `gerador sample`: which stream and rows, and the command that reproduces them."""

from __future__ import annotations

import math
import os
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gerador.errors import SettingError, did_you_mean
from gerador.units import parse_rate

if TYPE_CHECKING:
    from pathlib import Path

    from gerador.python_api import Stream


SCENARIO_SUFFIXES: Final = frozenset({".yaml", ".yml"})


def _parse_rate(text: str) -> float | str:
    """Parse a rate as `gerador run` does: 500, 10k, 50/h or max.

    Raises SettingError: another text.
    """
    try:
        rate = parse_rate(text)
    except ValueError as e:
        raise SettingError(f"--{e}") from e
    return "max" if math.isinf(rate) else rate


def is_scenario(source: Path) -> bool:
    """Return whether `source` is a scenario: a file, or a name, which has no folder or suffix."""
    if source.suffix in SCENARIO_SUFFIXES:
        return True
    is_name = source.name == str(source) and not source.suffix and not set(source.name) & {*"#,"}
    return is_name and not source.exists()


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """The options that determine the rows, as given."""

    source: Path | None
    """An Avro schema file, a scenario file, or a name of the gallery; None: the built-in stream."""
    stream_name: str | None
    """The stream of a scenario; None: the first."""
    row_count: int
    first_row: int
    seed: int | None
    start: str | None
    rate: str | None
    locale: str | None = None
    scale: float | None = None

    @property
    def end_row(self) -> int:
        """One past the last row."""
        return self.first_row + self.row_count

    def within(self, stream: Stream) -> SampleOptions:
        """Return the options without the rows after the last one of a bounded stream.

        Raises SettingError: there is none of the rows.
        """
        rows, name = stream.spec.rows, stream.spec.name
        if rows is None or self.end_row <= rows:
            return self
        if self.first_row >= rows:
            raise SettingError(f"--from {self.first_row}: stream {name!r} ends at row {rows - 1}")
        return replace(self, row_count=rows - self.first_row)

    def open_stream(self) -> Stream:
        """Return the stream.

        Raises ConfigurationError: as `gerador.stream` and `gerador.streams`, or options that
        exclude each other.
        """
        from gerador.python_api import stream  # noqa: PLC0415 - imports pyarrow
        from gerador.values.faker_pool import check_locale  # noqa: PLC0415

        if self.locale is not None:
            check_locale(self.locale, f"--locale={self.locale}")
        if self.source is not None and is_scenario(self.source):
            return self._open_scenario(self.source)
        if self.stream_name is not None:
            raise SettingError(
                f"--stream {self.stream_name}: only valid with a scenario; remove it"
            )
        if self.scale is not None:
            raise SettingError(f"--scale {self.scale:g}: requires a scenario; use --rate")
        rate = None if self.rate is None else _parse_rate(self.rate)
        return stream(
            schema=self.source, seed=self.seed, start=self.start, rate=rate, locale=self.locale
        )

    def _open_scenario(self, source: Path) -> Stream:
        from gerador.cli.registry_reader import registry_schema_reader  # noqa: PLC0415
        from gerador.python_api import streams  # noqa: PLC0415
        from gerador.settings.load import load_settings  # noqa: PLC0415 - imports pydantic

        if self.rate is not None:
            raise SettingError(f"--rate {self.rate}: the scenario sets the rates; use --scale")
        registry = registry_schema_reader(load_settings(os.environ))
        found = streams(
            source,
            seed=self.seed,
            start=self.start,
            registry=registry,
            locale=self.locale,
            scale=self.scale,
        )
        name = self.stream_name or next(iter(found))
        if name not in found:
            hint = did_you_mean(name, found, f"streams: {', '.join(found)}")
            raise SettingError(f"--stream {name}: unknown stream{hint}")
        return found[name]

    def command_line(self, stream: Stream) -> str:
        """Return the command that generates the rows of `stream` again."""
        words = ["gerador", "sample", *([str(self.source)] if self.source else [])]
        words += ["--stream", self.stream_name] if self.stream_name is not None else []
        words += ["-n", str(self.row_count)]
        words += ["--from", str(self.first_row)] if self.first_row else []
        words += ["--seed", str(stream.seed)]
        words += ["--start", stream.start_text]
        words += ["--rate", self.rate] if self.rate is not None else []
        words += ["--scale", f"{self.scale:g}"] if self.scale is not None else []
        words += ["--locale", self.locale] if self.locale is not None else []
        return shlex.join(words)
