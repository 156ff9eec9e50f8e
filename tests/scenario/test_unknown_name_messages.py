"""Former names of generators and keys: errors that name the current one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gerador.errors import ScenarioError
from gerador.scenario.external_sources import ExternalTypes
from gerador.scenario.load import parse_scenario
from gerador.scenario.unknown_name_messages import (
    FORMER_GENERATORS,
    FORMER_KEYS,
    GENERATORS_BY_WORD,
)
from gerador.values.shorthand import registered_generators

FIELDS = {
    "table": "{joint: [a, b], address: x}",
    "items": "{array: {of: uuid}}",
    "values": "{map: {of: uuid}}",
    "branches": "{union: {of: [uuid, 3]}}",
    "count": "{round_robin: {of: 3}}",
    "field": "{offset: {of: event_time, by: 2h}}",
    "key": "{random_walk: {per: k}}",
    "sd": "{random_walk: {key: k, spread: 3}}",
    "step_sd": "{random_walk: {key: k, step: 3}}",
    "steps": "{state_machine: {a: {to: {a: 1}, lasts: 3}}, key: k}",
    "max_steps": "{state_machine: {a: {to: {a: 1}}}, key: k, restart: 9}",
}
STREAM_KEYS = {
    "action": "live_changes: [{row: 5, at: 2s, halt: pause}]",
    "generation_rows": "generation: 5",
    "live_changes": "steered: []",
    "subject_name_strategy": "subjects: record",
}
SCENARIO_KEYS = {"backfill_speed": "speed: 60x"}


def message(field: str = "uuid", stream_key: str = "rows: 9", key: str = "seed: 1") -> str:
    """Return the error message of a scenario with a field `x`, and with keys."""
    fields = f"fields: {{k: {{round_robin: 3}}, x: {field}}}"
    text = f"{key}\nstreams:\n  s:\n    {stream_key}\n    {fields}\n"
    with pytest.raises(ScenarioError) as error:
        parse_scenario(text, "f.yaml", {}, ExternalTypes(Path("nowhere")))
    return str(error.value)


@pytest.mark.parametrize("former", sorted(FORMER_GENERATORS))
def test_former_generators(former: str):
    """A former generator is rejected, by name and with parameters; the current one exists."""
    current = FORMER_GENERATORS[former]
    assert former not in registered_generators()
    assert set(re.findall(r"\w+", current)) & registered_generators().keys()
    start = f"f.yaml:5: streams.s.fields.x: unknown generator '{former}'; it is now {current}"
    assert message(former) == start
    for field in (f"{{{former}: }}", f"{{{former}: {{a: 1}}, null: 5%}}"):
        assert message(field) == start


def test_records_with_a_field_of_a_former_name():
    """Former generators are names of fields like any other."""
    text = "streams: {s: {fields: {x: {record: {length: 3, turns: {record: {int: 7}}}}}}}"
    parse_scenario(text, "f.yaml", {}, ExternalTypes(Path("nowhere")))


@pytest.mark.parametrize("word", sorted(GENERATORS_BY_WORD))
def test_words_of_other_tools(word: str):
    """The name of a type, or of another tool's generator: the message has what to write."""
    written = GENERATORS_BY_WORD[word]
    assert word not in registered_generators()
    names = set(re.findall(r"\w+", written)) & registered_generators().keys()
    assert names
    start = f"f.yaml:5: streams.s.fields.x: unknown generator '{word}'; write {written}"
    assert message(word) == start
    assert message(f"{{{word}: {{min: 1}}, null: 5%}}") == start
    if "…" not in written and " or " not in written and "stream." not in written:
        parse_scenario(
            f"streams: {{s: {{fields: {{x: {written}}}}}}}",
            "f.yaml",
            {},
            ExternalTypes(Path("nowhere")),
        )


@pytest.mark.parametrize(
    ("former", "current"), [(key, name) for key, names in FORMER_KEYS.items() for name in names]
)
def test_former_keys(former: str, current: str):
    """A former key is rejected in one line, without the missing key that it was."""
    parts = (
        FIELDS.get(current, "uuid"),
        STREAM_KEYS.get(current, "rows: 9"),
        SCENARIO_KEYS.get(current, "seed: 1"),
    )
    found = message(*parts)
    assert found.endswith(f": unknown key {former!r}; it is now {current!r}")
    assert len(found.splitlines()) == 1
