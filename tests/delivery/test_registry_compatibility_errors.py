from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.delivery.registry.compatibility_errors import REASONS_MAX, field_path, format_reasons

SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "id", "type": "long"},
            {
                "name": "itens",
                "type": {
                    "type": "array",
                    "items": {
                        "type": "record",
                        "name": "Item",
                        "fields": [{"name": "preco", "type": "double"}],
                    },
                },
            },
        ],
    }
)
MISSING_DEFAULT = (
    "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'id' at path "
    "'/fields/0' in the new schema has no default value and is missing in the old schema', "
    "additionalInfo:'id'}"
)


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("/fields/0", "id"),
        ("/fields/0/type", "id"),
        ("/fields/1/type/items/fields/0/type", "itens.preco"),
        ("/fields/9", None),
        ("/name", None),
        ("", None),
    ],
)
def test_pointers_become_field_paths(pointer: str, path: str | None):
    """A JSON pointer into the schema is converted to a field path."""
    assert field_path(SCHEMA, pointer) == path


def test_messages_without_a_reason_are_omitted():
    """Confluent's messages with the old schema and the configuration are omitted."""
    messages = [MISSING_DEFAULT, "{oldSchemaVersion: 1}", "{oldSchema: '{}'}", "{compatibility: X}"]
    assert format_reasons(messages, SCHEMA) == (
        "The field 'id' at path '/fields/0 (field 'id')' in the new schema has no default value "
        "and is missing in the old schema"
    )


def test_a_java_class_name_is_omitted():
    """Apicurio's message is shown without its exception class, with field names."""
    message = (
        "io.apicurio.registry.rules.violation.RuleViolationException: Incompatible artifact: x, "
        "list of diff types: [reader type: STRING not compatible with writer type: DOUBLE at "
        "/fields/1/type/items/fields/0/type]"
    )
    line = format_reasons([message], SCHEMA)
    assert line.startswith("Incompatible artifact: x")
    assert line.endswith("(field 'itens.preco')]")


def test_many_reasons_are_counted():
    """The line contains REASONS_MAX reasons and the number of the others."""
    line = format_reasons([f"reason {n}" for n in range(REASONS_MAX + 2)], SCHEMA)
    assert line == "reason 0; reason 1; reason 2; and 2 more"


def test_missing_reasons():
    """Messages without a reason give a fixed text."""
    assert format_reasons(["{oldSchemaVersion: 1}"], SCHEMA) == "the registry gives no reason"


@given(st.lists(st.text(max_size=300), max_size=6))
def test_any_messages_make_one_line(messages: list[str]):
    """Any messages give one line."""
    assert "\n" not in format_reasons(messages, SCHEMA)
