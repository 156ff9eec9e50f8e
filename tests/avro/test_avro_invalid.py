"""Broken schemas: each gets one line that names the place in the JSON and the way out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gerador.avro.load import load_avro, parse_avro, to_avro_schema
from gerador.avro.parser import SCHEMA_DEPTH_MAX, SCHEMA_TYPES_MAX
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

NO_NAME = "is no Avro name; use letters, digits and _, no digit first"
UNROLL = "recursive schemas have no columnar form, unroll it to the depth that you need"
GIVE_ONE = "give one, or leave the default out"
ITEM = {"type": "record", "name": "Item", "fields": [{"name": "sku", "type": "string"}]}


def refusal(text: str) -> str:
    """Return the line that a schema's text is refused with."""
    with pytest.raises(SchemaError) as refused:
        parse_avro(text, source="orders.avsc")
    told = str(refused.value)
    assert len(told.splitlines()) == 1
    return told


def record(*fields: Any, **others: Any) -> dict[str, Any]:
    """Return the JSON of a record schema."""
    return {"type": "record", "name": "Order", "fields": list(fields), **others}


def enum(symbols: Any, **others: Any) -> dict[str, Any]:
    """Return the JSON of an enum."""
    return {"type": "enum", "name": "Colour", "symbols": symbols, **others}


def fixed(size: Any, **others: Any) -> dict[str, Any]:
    """Return the JSON of a fixed."""
    return {"type": "fixed", "name": "Hash", "size": size, **others}


def decimal(precision: Any, scale: Any = 0) -> dict[str, Any]:
    """Return the JSON of a decimal on bytes."""
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


TYPES = [
    (None, ": null is no type; give a name, an object or a list"),
    (5, ": 5 is no type; give a name, an object or a list"),
    (True, ": true is no type; give a name, an object or a list"),
    ("strng", ": unknown type 'strng' (did you mean 'string'?)"),
    ("Customer", ": unknown type 'Customer'; define it before it is used"),
    ("Order", f": record 'Order' contains itself; {UNROLL}"),
    ("array", ": 'array' cannot stand alone; write {\"type\": \"array\", …} in its place"),
    ({}, ": {} has no type; give it one"),
    ({"name": "string"}, ': {"name": "string"} has no type; give it one'),
    ({"type": 5}, ".type: 5 is no type; give a name like 'int' or 'record'"),
    ({"type": None}, ".type: null is no type; give a name like 'int' or 'record'"),
    ({"type": {"type": "int"}},
     ".type: a type inside a type; put it in the place of the object around it"),
    ({"type": ["null", "int"]},
     ".type: a type inside a type; put it in the place of the object around it"),
    ({"type": "itn"}, ".type: unknown type 'itn' (did you mean 'int'?)"),
    ([], ": a union of nothing; list its types"),
    (["null", None], "[1]: null is no type; give a name, an object or a list"),
    (["null", ["int"]], "[1]: a union in a union; list its types in the outer one"),
    (["int", "null", "int"], ": two branches are 'int'; leave one out"),
    ([{"type": "array", "items": "int"}, {"type": "array", "items": "long"}],
     ": two branches are 'array'; leave one out"),
    ([ITEM, "Item"], ": two branches are 'Item'; leave one out"),
    ([ITEM, {"type": "Item"}],
     "[1]: a named type is referred to by its name alone; write 'Item' in place of the object"),
    ([ITEM, ITEM], "[1].name: 'Item' is defined twice; define it once and then name it"),
    ({"type": "array"}, ": array without items; give their type"),
    ({"type": "array", "items": None}, ".items: null is no type; give a name, an object or a list"),
    ({"type": "map"}, ": map without values; give their type"),
    ({"type": "map", "values": {"type": "array", "items": "lnog"}},
     ".values.items: unknown type 'lnog' (did you mean 'long'?)"),
    ({"type": "enum", "symbols": ["A"]}, ": enum without a name; give it one"),
    ({"type": "enum", "name": "Colour"},
     ": enum 'Colour' has no symbols; give a list of them"),
    (enum([]), ": enum 'Colour' has no symbols; give a list of them"),
    (enum("RED"), ".symbols: 'RED' is no list of symbols; give one"),
    (enum({"RED": 1}), '.symbols: {"RED": 1} is no list of symbols; give one'),
    (enum(["RED", 5]), f".symbols[1]: 5 {NO_NAME}"),
    (enum(["RED", "light blue"]), f".symbols[1]: 'light blue' {NO_NAME}"),
    (enum(["RED", "RED"]), ".symbols: 'RED' stands twice; every name is unique"),
    (enum(["RED"], default="RDE"),
     f".default: 'RDE' is no symbol of enum 'Colour' (did you mean 'RED'?); {GIVE_ONE}"),
    (enum(["RED"], aliases="Color"), ".aliases: 'Color' is no list of aliases; give one"),
    (enum(["RED"], namespace=5), f".namespace: 5 {NO_NAME}"),
    (enum(["RED"], namespace="shop..x"), f".namespace: 'shop..x' {NO_NAME}"),
    ({"type": "fixed", "name": "Hash"}, ": fixed 'Hash' has no size; give it in bytes"),
    (fixed(-1), ".size: -1 is no size; give 0 to 1048576 bytes"),
    (fixed("16"), ".size: '16' is no size; give 0 to 1048576 bytes"),
    (fixed(True), ".size: true is no size; give 0 to 1048576 bytes"),
    (fixed(2**20 + 1), ".size: 1048577 is no size; give 0 to 1048576 bytes"),
    (fixed(4, name="string"), ".name: 'string' is a primitive type; choose another name"),
    (fixed(4, name="Order"),
     ".name: 'Order' is defined twice; define it once and then name it"),
    (decimal(0), ".precision: decimal of 0 digits; give 1 to 76"),
    (decimal(77), ".precision: decimal of 77 digits; give 1 to 76"),
    (decimal("9"), ".precision: '9' is no number of digits; give a whole number"),
    (decimal(None), ".precision: null is no number of digits; give a whole number"),
    (decimal(2, 3), ".scale: 3 of a decimal's 2 digits behind the point; give 0 to 2"),
    (decimal(2, -1), ".scale: -1 of a decimal's 2 digits behind the point; give 0 to 2"),
    (decimal(2, 1.5), ".scale: 1.5 is no number of digits; give a whole number"),
    ({"type": "bytes", "logicalType": "decimal"},
     ": decimal without a precision; give its digits"),
    (fixed(2, logicalType="decimal", precision=5),
     ".size: 2 bytes do not hold a decimal of 5 digits; give more bytes"),
    ({"type": "record", "fields": []}, ": record without a name; give it one"),
    ({"type": "record", "name": "Item"}, ": record 'Item' has no fields; give a list of them"),
]  # fmt: skip


@pytest.mark.parametrize(("avro_type", "told"), TYPES)
def test_a_broken_type_is_refused_where_it_stands(avro_type: Any, told: str):
    """The line leads to the type inside the schema, and says what would be right."""
    text = json.dumps(record({"name": "a", "type": "int"}, {"name": "f", "type": avro_type}))
    assert refusal(text) == f"orders.avsc: fields[1].type{told}"


FIELDS = [
    (None, "fields: null is no list of fields; give one"),
    ("sku", "fields: 'sku' is no list of fields; give one"),
    ({"sku": "string"}, 'fields: {"sku": "string"} is no list of fields; give one'),
    (["sku"], "fields[0]: 'sku' is no field; give an object with name and type"),
    ([None], "fields[0]: null is no field; give an object with name and type"),
    ([{"type": "int"}], "fields[0]: a field without a name; give it one"),
    ([{"name": "sku"}], "fields[0]: field 'sku' has no type; give it one"),
    ([{"name": "the sku", "type": "int"}], f"fields[0].name: 'the sku' {NO_NAME}"),
    ([{"name": "a.b", "type": "int"}], f"fields[0].name: 'a.b' {NO_NAME}"),
    ([{"name": 7, "type": "int"}], f"fields[0].name: 7 {NO_NAME}"),
    ([{"name": "a", "type": "int"}, {"name": "a", "type": "long"}],
     "fields: 'a' stands twice; every name is unique"),
    ([{"name": "a", "type": "int", "aliases": "b"}],
     "fields[0].aliases: 'b' is no list of aliases; give one"),
    ([{"name": "a", "type": "int", "aliases": ["b", "2"]}], f"fields[0].aliases[1]: '2' {NO_NAME}"),
    ([{"name": "a", "type": "array", "items": "int"}],
     "fields[0].type: 'array' cannot stand alone; write {\"type\": \"array\", …} in its place"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "told"), FIELDS)
def test_broken_fields_are_refused_where_they_stand(fields: Any, told: str):
    """The line leads to the field inside the schema."""
    text = json.dumps({"type": "record", "name": "Order", "fields": fields})
    assert refusal(text) == f"orders.avsc: {told}"


DEFAULTS = [
    ("int", "a", "'a' is no 'int'"),
    ("int", 1.5, "1.5 is no 'int'"),
    ("int", True, "true is no 'int'"),
    ("int", 2**31, "2147483648 is no 'int'"),
    ("long", -(2**63) - 1, "-9223372036854775809 is no 'long'"),
    ("double", "1.5", "'1.5' is no 'double'"),
    ("null", 0, "0 is no 'null'"),
    ("boolean", 1, "1 is no 'boolean'"),
    ("string", None, "null is no 'string'"),
    (["null", "long"], "a", "'a' is no 'null' or 'long'"),
    (enum(["RED"]), "BLUE", "'BLUE' is no 'Colour'"),
    (fixed(2), 5, "5 is no 'Hash'"),
    ({"type": "array", "items": "int"}, [1, "a"], "[1, \"a\"] is no 'array'"),
    ({"type": "map", "values": "int"}, [1], "[1] is no 'map'"),
    ({"type": "map", "values": "int"}, {"a": None}, "{\"a\": null} is no 'map'"),
    (ITEM, {}, "{} is no 'Item'"),
    (ITEM, {"sku": 5}, "{\"sku\": 5} is no 'Item'"),
]


@pytest.mark.parametrize(("avro_type", "default", "told"), DEFAULTS)
def test_a_default_of_another_type_is_refused(avro_type: Any, default: Any, told: str):
    """A default is a value of its field's type, all the way down."""
    text = json.dumps(record({"name": "f", "type": avro_type, "default": default}))
    assert refusal(text) == f"orders.avsc: fields[0].default: {told}; {GIVE_ONE}"


TOPS = [
    ("5", ": 5 is no type; give a name, an object or a list"),
    ("null", ": null is no type; give a name, an object or a list"),
    ('"int"', ": the top must be a record, not 'int'"),
    ('"Order"', ": unknown type 'Order'; define it before it is used"),
    (json.dumps([ITEM]), ": the top must be a record, not 'union'"),
    (json.dumps(enum(["RED"])), ": the top must be a record, not 'Colour'"),
    (json.dumps({"type": "record", "name": "2nd", "fields": []}), f": name: '2nd' {NO_NAME}"),
    (json.dumps({"type": "record", "name": "a.", "fields": []}), f": name: 'a.' {NO_NAME}"),
    ("", ":1:1: not JSON: Expecting value"),
    ('{"type": "record",\n "name": }', ":2:10: not JSON: Expecting value"),
    ('{"type": 1' + "0" * 5_000 + "}", ": a number of thousands of digits; is it a schema?"),
    (json.dumps(record(doc=float("nan"))),
     ": a number that is not finite, which JSON cannot say; change it"),
    (json.dumps(record())[:-1] + ', "doc": 1e999}',
     ": a number that is not finite, which JSON cannot say; change it"),
    (json.dumps(record(doc="\ud800")),
     ": half a surrogate pair in a text; write the whole character"),
    ('{"doc": ' + "[" * 100_000 + "]" * 100_000 + "}",
     f": nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), TOPS)
def test_what_is_no_record_schema_at_all_is_refused(text: str, told: str):
    """What is no JSON, or JSON of something else, is told apart."""
    assert refusal(text) == f"orders.avsc{told}"


def test_a_long_value_is_cut_and_stays_in_its_line():
    """A message repeats the beginning of what is wrong, and no line break of it."""
    told = refusal(json.dumps(record({"name": "a\nb" + "c" * 1_000, "type": "int"})))
    begun = r"'a\nb" + "c" * 55
    assert told == f"orders.avsc: fields[0].name: {begun}… {NO_NAME}"


def nested(depth: int) -> Any:
    """Return a type with `depth` arrays around it."""
    return {"type": "array", "items": nested(depth - 1)} if depth else "int"


def test_depth_is_bounded_to_the_type():
    """The deepest schema that is said to be taken is taken; one array more is refused."""
    deepest = nested(SCHEMA_DEPTH_MAX - 1)
    assert parse_avro(json.dumps(record({"name": "f", "type": deepest})))
    told = refusal(json.dumps(record({"name": "f", "type": nested(SCHEMA_DEPTH_MAX)})))
    assert told == f"orders.avsc: nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema"


def chain(links: int, width: int) -> dict[str, Any]:
    """Return records that each have `width` fields of the one before."""
    fields = [{"name": "r0", "type": {"type": "record", "name": "R0", "fields": []}}]
    for i in range(1, links):
        inner = [{"name": f"f{k}", "type": f"R{i - 1}"} for k in range(width)]
        kind = {"type": "record", "name": f"R{i}", "fields": inner}
        fields.append({"name": f"r{i}", "type": kind})
    return record(*fields)


def test_references_count_as_what_they_stand_for():
    """A short schema that stands for a deep or a huge one is refused, and quickly."""
    told = refusal(json.dumps(chain(SCHEMA_DEPTH_MAX + 1, 1)))
    assert told == f"orders.avsc: nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema"
    told = refusal(json.dumps(chain(40, 2)))
    assert told == (
        f"orders.avsc: over {SCHEMA_TYPES_MAX} types once its named types are written out; "
        "make it smaller"
    )


def test_what_cannot_be_read_is_refused_by_path(tmp_path: Path):
    """A missing file, a folder, and bytes that are no text name the path."""
    way_out = "give the path of an Avro schema (.avsc)"
    binary = tmp_path / "binary.avsc"
    binary.write_bytes(b"\xff\xfe")
    for path, told in (
        (tmp_path / "none.avsc", "cannot be read: No such file or directory"),
        (tmp_path, "cannot be read: Is a directory"),
        (binary, "not UTF-8 text"),
    ):
        with pytest.raises(SchemaError) as refused:
            load_avro(path)
        assert str(refused.value) == f"{path}: {told}; {way_out}"


def test_a_dict_that_json_cannot_say_is_refused():
    """A dict from Python is read as the JSON that it would be."""
    with pytest.raises(SchemaError, match=r"^schema: not JSON: .*; give a dict of text"):
        to_avro_schema({"type": object()})
