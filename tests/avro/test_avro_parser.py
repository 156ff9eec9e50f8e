"""Valid schemas: the parsed types, and what the specification allows to ignore."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gerador.avro.load import parse_avro, to_avro_schema
from gerador.avro.schema import (
    AvroType,
    Enum,
    Fixed,
    LogicalType,
    Primitive,
    Record,
    Union,
    nested_types,
)

STRING = {"type": "string"}


def parsed(*types: Any, **others: Any) -> Record:
    """Return the tree of a record with a field of each type."""
    fields = [{"name": f"f{i}", "type": avro_type} for i, avro_type in enumerate(types)]
    return parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields, **others})).root


def only(avro_type: Any) -> AvroType:
    """Return the tree of one type."""
    return parsed(avro_type).fields[0].type


@pytest.mark.parametrize(
    "avro_type",
    [
        {"type": "string", "logicalType": "timestamp-millis"},
        {"type": "int", "logicalType": "timestamp-millis"},
        {"type": "string", "logicalType": "decimal", "precision": 0, "scale": 9},
        {"type": "long", "logicalType": "date"},
        {"type": "fixed", "name": "F", "size": 8, "logicalType": "uuid"},
        {"type": "fixed", "name": "F", "size": 16, "logicalType": "duration"},
        {"type": "string", "logicalType": "unknown"},
        {"type": "int", "logicalType": 5},
        {"type": "int", "logicalType": ["date"]},
    ],
)
def test_invalid_logical_types_are_ignored(avro_type: Any):
    """As the specification requires, the underlying type is used."""
    tree = only(avro_type)
    assert isinstance(tree, Primitive | Fixed)
    assert tree.logical is None


def test_precision_and_scale_of_decimals():
    """The default scale is 0."""
    money = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
    whole = {"type": "fixed", "name": "F", "size": 4, "logicalType": "decimal", "precision": 9}
    kinds = [t.logical for t in nested_types(parsed(money, whole)) if not isinstance(t, Union)]  # type: ignore[union-attr]
    assert kinds == [LogicalType("decimal", 9, 2), LogicalType("decimal", 9, 0)]


def test_names_are_resolved_in_their_namespace():
    """A simple name refers to the type of its own namespace, a dotted name to itself."""
    colour = {"type": "enum", "name": "Colour", "symbols": ["RED"]}
    other = {"type": "enum", "name": "art.Colour", "symbols": ["BLUE"]}
    inner = {"type": "record", "name": "art.Piece", "fields": [{"name": "c", "type": "Colour"}]}
    tree = parsed(colour, other, "Colour", "art.Colour", inner, namespace="shop")
    names = [t.name for t in nested_types(tree) if isinstance(t, Enum)]
    assert names == ["shop.Colour", "art.Colour", "shop.Colour", "art.Colour"]
    piece = tree.fields[4].type
    assert isinstance(piece, Record)
    assert piece.fields[0].type == only(other)


def test_other_attributes_are_kept():
    """Attributes of fields and types are kept where they were declared."""
    kind = {"type": "string", "avro.java.string": "String"}
    fields = [{"name": "f", "type": kind, "doc": "A text.", "order": "ignore"}]
    schema = to_avro_schema({"type": "record", "name": "R", "fields": fields, "doc": "A row."})
    field = schema.root.fields[0]
    assert schema.root.attributes == {"doc": "A row."}
    assert field.attributes == {"doc": "A text.", "order": "ignore"}
    assert isinstance(field.type, Primitive)
    assert field.type.attributes == {"avro.java.string": "String"}


def test_registered_json_is_compact():
    """Order, attributes and non-ASCII characters are unchanged."""
    text = '{"name": "R", "type": "record", "doc": "Ação",\n "fields": []}'
    assert str(parse_avro(text)) == '{"name":"R","type":"record","doc":"Ação","fields":[]}'


@pytest.mark.parametrize(
    ("avro_type", "default"),
    [
        ("int", -(2**31)),
        ("long", 2**63 - 1),
        ("double", 0),
        ({"type": "double"}, 0),
        ("float", 1.5),
        ("bytes", "\u00ff"),
        (["null", "string"], None),
        (["null", "string"], "second"),
        ({"type": "enum", "name": "E", "symbols": ["A"], "default": "A"}, "A"),
        ({"type": "fixed", "name": "F", "size": 1}, "\u0000"),
        ({"type": "array", "items": ["null", "int"]}, [None, 1]),
        ({"type": "map", "values": "boolean"}, {"a": True}),
        (
            {
                "type": "record",
                "name": "I",
                "fields": [
                    {"name": "a", "type": "int", "default": 1},
                    {"name": "b", "type": "string"},
                ],
            },
            {"b": "given"},
        ),
    ],
)
def test_valid_defaults_are_accepted(avro_type: Any, default: Any):
    """Defaults are in Avro's JSON; that of a union may be of any branch."""
    field = {"name": "f", "type": avro_type, "default": default}
    root = to_avro_schema({"type": "record", "name": "R", "fields": [field]}).root
    assert root.fields[0].attributes == {"default": default}


def test_plain_nullable_types():
    """A union of two branches is plain nullable if one is null, in either order."""
    for branches, null_branch in ((["null", "int"], 0), (["int", "null"], 1)):
        union = only(branches)
        assert isinstance(union, Union)
        assert (union.null_branch, union.value) == (null_branch, Primitive("int"))
    for branches in (["null"], ["int"], ["null", "int", "string"]):
        union = only(branches)
        assert isinstance(union, Union)
        assert union.null_branch is None
