"""Names resolve to a sibling first, then to a field of the row, never to a parent."""

from __future__ import annotations

import json

import pytest

from gerador.avro.load import parse_avro
from gerador.avro.paths import field_paths
from gerador.values.field_references import resolve_field, visible_names

ITEM = {
    "type": "record",
    "name": "Item",
    "fields": [
        {"name": "sku", "type": "string"},
        {"name": "id", "type": "long"},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
    ],
}
PLACE = {"type": "record", "name": "Place", "fields": [{"name": "city", "type": "string"}]}
MAYBE = {"type": "record", "name": "Maybe", "fields": [{"name": "city", "type": "string"}]}
ROW = {
    "type": "record",
    "name": "Row",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "items", "type": {"type": "array", "items": ITEM}},
        {"name": "names", "type": {"type": "map", "values": "string"}},
        {"name": "place", "type": PLACE},
        {"name": "maybe", "type": ["null", MAYBE]},
        {"name": "either", "type": ["int", "string"]},
    ],
}
PATHS = dict(field_paths(parse_avro(json.dumps(ROW)).root))


@pytest.mark.parametrize(
    ("path", "name", "found"),
    [
        ("id", "place", ("place", True)),
        ("id", "place.city", ("place.city", True)),
        ("id", "id", None),
        ("id", "nothing", None),
        ("id", "items[].sku", None),
        ("id", "maybe.city", None),
        ("items[].sku", "id", ("items[].id", True)),
        ("items[].id", "id", ("id", False)),
        ("items[].sku", "place.city", ("place.city", False)),
        ("items[].sku", "items", None),
        ("items[].tags[]", "sku", None),
        ("items[].tags[]", "id", ("id", False)),
        ("names{}", "id", ("id", False)),
        ("either<int>", "id", ("id", False)),
        ("place", "place.city", None),
        ("place.city", "place", None),
        ("place.city", "id", ("id", False)),
    ],
)
def test_names_resolve(path: str, name: str, found: tuple[str, bool] | None):
    """A name resolves to a path and whether it is a sibling; a parent does not resolve."""
    assert resolve_field(path, name, PATHS) == found


def test_visible_names_resolve():
    """Every suggested name resolves."""
    for path in PATHS:
        for name in visible_names(path, PATHS):
            if name != path.rpartition(".")[2]:
                assert resolve_field(path, name, PATHS) is not None
