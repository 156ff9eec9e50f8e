"""The SQL files beside this module as statements, with the environment's values in them.

Pure: what is read are these files alone. submit.sh does the same for Flink's own SQL client.
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
"""The variables of the SQL files, and what they are when the environment has none."""

_SET: Final = re.compile(r"SET\s+'([^']+)'\s*=\s*'([^']*)'", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_END: Final = re.compile(r";[ \t]*(?:\n|$)")


def values_of(environ: Mapping[str, str], *, bounded: bool = False) -> dict[str, str]:
    """Return the value of each variable of the SQL files; an empty one counts as absent.

    `bounded` reads what the topic holds now and ends, whatever the environment says.
    """
    values = {name: environ.get(name) or default for name, default in DEFAULTS.items()}
    return values | ({"FLINK_BOUNDED_MODE": BOUNDED} if bounded else {})


def statements_of(file: str, values: Mapping[str, str]) -> list[str]:
    """Return the statements of an SQL file, without comments and with the variables' values."""
    lines = (HERE / file).read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    whole = _VARIABLE.sub(lambda found: values[found[1]], text)
    return [s.strip() for s in _END.split(whole) if s.strip()]


def setting_of(statement: str) -> tuple[str, str] | None:
    """Return name and value of ``SET 'name' = 'value'``, None for any other statement."""
    found = _SET.fullmatch(statement)
    return None if found is None else (found[1], found[2])


def sink_topic(values: Mapping[str, str]) -> str:
    """Return the topic that job.sql writes to."""
    return f"{values['GERADOR_TOPIC']}-per-city-minute"
