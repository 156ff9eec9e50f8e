"""Former names of generators and keys of scenario files, for error messages only."""

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


def current_key(name: str, valid: Collection[str]) -> str | None:
    """Return the name of a former key among the valid keys of a mapping; None: it has none."""
    return next((key for key in FORMER_KEYS.get(name, ()) if key in valid), None)
