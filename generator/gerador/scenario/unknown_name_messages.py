"""What to write instead of former names and of other words, for error messages only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


FORMER_GENERATORS: Final[Mapping[str, str]] = {
    "calendar": "'random_time'",
    "digits": "{uniform: {min: -9999.99, max: 9999.99}, type: 'decimal(6,2)'}",
    "length": "{array: {length: 3}} or {map: {length: 3}}",
    "span": "{uniform: {min: 0, max: 1, continuous: true}}",
    "states": "'state_machine'",
    "symbol": "'enum_symbol'",
    "together": "'joint'",
    "turns": "'round_robin'",
    "walk": "'random_walk'",
    "whole": "'record' or 'union'",
}
"""Former generators, and how each is written now."""
GENERATORS_BY_WORD: Final[Mapping[str, str]] = {
    "autoincrement": "sequence",
    "bool": "boolean",
    "const": "{constant: …}",
    "datetime": "event_time or timestamp",
    "decimal": "{uniform: {min: 1, max: 99}, type: 'decimal(9,2)'}",
    "double": "{uniform: {min: 0, max: 1, continuous: true}}",
    "enum": "{choice: [A, B]}",
    "fields": "{record: {…}}",
    "float": "{uniform: {min: 0, max: 1, continuous: true}}",
    "gaussian": "{normal: {mean: 0, sd: 1}}",
    "id": "uuid or sequence",
    "int": "{uniform: {min: 1, max: 100}}",
    "integer": "{uniform: {min: 1, max: 100}}",
    "long": "{uniform: {min: 1, max: 100}}",
    "lookup": "{from: stream.field}",
    "now": "event_time",
    "number": "{uniform: {min: 1, max: 100}}",
    "object": "{record: {…}}",
    "oneof": "{choice: [a, b]}",
    "pattern": "{regex: '[A-Z]{3}'}",
    "random": "{uniform: {min: 1, max: 100}}",
    "range": "{uniform: {min: 1, max: 100}}",
    "str": "text",
    "string": "text",
    "struct": "{record: {…}}",
    "time": "event_time or random_time",
    "value": "{constant: …}",
    "weighted": "{choice: {a: 3, b: 1}}",
}
"""Names of types, and of generators in other tools, and what to write."""
FORMER_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "address": ("table",),
    "generation": ("generation_rows",),
    "halt": ("action",),
    "lasts": ("steps",),
    "of": ("items", "values", "branches", "count", "field"),
    "per": ("key",),
    "restart": ("max_steps",),
    "speed": ("backfill_speed",),
    "spread": ("sd",),
    "steered": ("live_changes",),
    "step": ("step_sd",),
    "subjects": ("subject_name_strategy",),
}
"""Former keys and parameters, and their names now, which depend on the mapping."""


KEYS_BY_WORD: Final[Mapping[str, tuple[str, ...]]] = {
    "average": ("mean",),
    "cleanup": ("config",),
    "maximum": ("max",),
    "minimum": ("min",),
    "mu": ("mean",),
    "probability": ("missing", "null"),
    "replicas": ("replication_factor",),
    "replication": ("replication_factor",),
    "retention": ("config",),
    "sigma": ("sd",),
    "std": ("sd",),
    "stddev": ("sd",),
}
"""Keys under other names, and the keys to suggest, as far as the mapping has them."""


def suggested_key(name: str, valid: Collection[str]) -> str | None:
    """Return the valid key for another word; None: it has none."""
    return next((key for key in KEYS_BY_WORD.get(name, ()) if key in valid), None)


def current_key(name: str, valid: Collection[str]) -> str | None:
    """Return the name of a former key among the valid keys of a mapping; None: it has none."""
    return next((key for key in FORMER_KEYS.get(name, ()) if key in valid), None)
