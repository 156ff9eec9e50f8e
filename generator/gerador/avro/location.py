"""Locations in the JSON of a schema, for error messages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from gerador.errors import SchemaError

SHOWN_CHARACTERS_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class JsonLocation:
    """A path into the JSON of a schema: ``fields[2].type.symbols``; empty at the top."""

    source: str
    path: str = ""

    def at(self, step: str | int) -> JsonLocation:
        """Return the location of a key or an index inside this one."""
        if isinstance(step, int):
            return JsonLocation(self.source, f"{self.path}[{step}]")
        return JsonLocation(self.source, f"{self.path}.{step}" if self.path else step)

    def error(self, message: str) -> SchemaError:
        """Return the error for a problem at this location."""
        return SchemaError(": ".join(part for part in (self.source, self.path, message) if part))


def short_json(value: Any) -> str:
    """Return a JSON value in one short line."""
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[:SHOWN_CHARACTERS_MAX]}…"
