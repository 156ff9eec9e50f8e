"""Reads the SQL files of this directory as statements, with variables replaced.

submit.sh does the same for Flink's SQL client.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE: Final = Path(__file__).resolve().parent
BOUNDED, UNBOUNDED = "latest-offset", "unbounded"
DEFAULTS: Final = {
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
    "SCHEMA_REGISTRY_URL": "http://127.0.0.1:8000",
    "GERADOR_TOPIC": "registros",
    "FLINK_BOUNDED_MODE": UNBOUNDED,
}
"""The variables of the SQL files and their defaults."""

_SET: Final = re.compile(r"SET\s+'([^']+)'\s*=\s*'([^']*)'", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_END: Final = re.compile(r";[ \t]*(?:\n|$)")


def variable_values(environ: Mapping[str, str], *, bounded: bool = False) -> dict[str, str]:
    """Return the value of each variable of the SQL files; empty values count as unset.

    `bounded` overrides FLINK_BOUNDED_MODE: read the present records and stop.
    """
    values = {name: environ.get(name) or default for name, default in DEFAULTS.items()}
    return values | ({"FLINK_BOUNDED_MODE": BOUNDED} if bounded else {})


def read_statements(file: str, values: Mapping[str, str]) -> list[str]:
    """Return the statements of an SQL file, without comments and with variables replaced."""
    lines = (HERE / file).read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    text = _VARIABLE.sub(lambda match: values[match[1]], text)
    return [s.strip() for s in _END.split(text) if s.strip()]


def parse_set(statement: str) -> tuple[str, str] | None:
    """Return name and value of ``SET 'name' = 'value'``; None for other statements."""
    match = _SET.fullmatch(statement)
    return None if match is None else (match[1], match[2])


def sink_topic(values: Mapping[str, str]) -> str:
    """Return the topic that job.sql writes to."""
    return f"{values['GERADOR_TOPIC']}-per-city-minute"
