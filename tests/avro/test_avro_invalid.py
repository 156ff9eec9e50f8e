"""Invalid schemas: the error is one line with the location in the JSON and how to fix it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gerador.avro.load import load_avro, parse_avro, to_avro_schema
from gerador.avro.parser import SCHEMA_DEPTH_MAX, SCHEMA_TYPES_MAX
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

NO_NAME = "is not a valid Avro name; use letters, digits and _, not starting with a digit"
CHANGE = "change it or remove the default"
CHANGED = CHANGE.capitalize()
ITEM = {"type": "record", "name": "Item", "fields": [{"name": "sku", "type": "string"}]}


def error_of(text: str) -> str:
    """Return the error message of an invalid schema's text."""
    with pytest.raises(SchemaError) as error:
        parse_avro(text, source="orders.avsc")
    message = str(error.value)
    assert len(message.splitlines()) == 1
    return message


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
    (None, ": null is not a type; expected a name, an object or a list"),
    (5, ": 5 is not a type; expected a name, an object or a list"),
    (True, ": true is not a type; expected a name, an object or a list"),
    ("strng", ": unknown type 'strng'; did you mean 'string'?"),
    ("Customer", ": unknown type 'Customer'; define it before its first use, or add its file"),
    ("array", ": 'array' needs an object: {\"type\": \"array\", …}"),
    ({}, ': {} has no "type"; add it'),
    ({"name": "string"}, ': {"name": "string"} has no "type"; add it'),
    ({"type": 5}, ".type: 5 is not a type; expected a name such as 'int' or 'record'"),
    ({"type": None}, ".type: null is not a type; expected a name such as 'int' or 'record'"),
    ({"type": {"type": "int"}},
     ".type: the type is wrapped in another object; replace the outer object with it"),
    ({"type": ["null", "int"]},
     ".type: the type is wrapped in another object; replace the outer object with it"),
    ({"type": "itn"}, ".type: unknown type 'itn'; did you mean 'int'?"),
    ([], ": the union has no types; add some"),
    (["null", None], "[1]: null is not a type; expected a name, an object or a list"),
    (["null", ["int"]], "[1]: nested union; list its types in the outer union"),
    (["int", "null", "int"], ": duplicate union branch 'int'; remove one"),
    ([{"type": "array", "items": "int"}, {"type": "array", "items": "long"}],
     ": duplicate union branch 'array'; remove one"),
    ([ITEM, "Item"], ": duplicate union branch 'Item'; remove one"),
    ([ITEM, {"type": "Item"}], ": duplicate union branch 'Item'; remove one"),
    ({"type": "Customer"},
     ".type: unknown type 'Customer'; define it before its first use, or add its file"),
    ([ITEM, ITEM], "[1].name: 'Item' is defined twice; define it once, then refer to it by name"),
    ({"type": "array"}, ': array has no "items"; add their type'),
    ({"type": "array", "items": None},
     ".items: null is not a type; expected a name, an object or a list"),
    ({"type": "map"}, ': map has no "values"; add their type'),
    ({"type": "map", "values": {"type": "array", "items": "lnog"}},
     ".values.items: unknown type 'lnog'; did you mean 'long'?"),
    ({"type": "enum", "symbols": ["A"]}, ': enum has no "name"; add it'),
    ({"type": "enum", "name": "Colour"},
     ": enum 'Colour' has no \"symbols\"; add a list"),
    (enum([]), ": enum 'Colour' has no \"symbols\"; add a list"),
    (enum("RED"), ".symbols: 'RED' is not a list of symbols"),
    (enum({"RED": 1}), '.symbols: {"RED": 1} is not a list of symbols'),
    (enum(["RED", 5]), f".symbols[1]: 5 {NO_NAME}"),
    (enum(["RED", "light blue"]), f".symbols[1]: 'light blue' {NO_NAME}"),
    (enum(["RED", "RED"]), ".symbols: duplicate name 'RED'; names must be unique"),
    (enum(["RED"], default="RDE"),
     f".default: 'RDE' is not a symbol of enum 'Colour'; did you mean 'RED'? {CHANGED}"),
    (enum(["RED"], aliases="Color"), ".aliases: 'Color' is not a list of aliases"),
    (enum(["RED"], namespace=5), f".namespace: 5 {NO_NAME}"),
    (enum(["RED"], namespace="shop..x"), f".namespace: 'shop..x' {NO_NAME}"),
    ({"type": "fixed", "name": "Hash"}, ": fixed 'Hash' has no \"size\"; add it, in bytes"),
    (fixed(-1), ".size: size -1 is not an integer in [0, 1048576]"),
    (fixed("16"), ".size: size '16' is not an integer in [0, 1048576]"),
    (fixed(True), ".size: size true is not an integer in [0, 1048576]"),
    (fixed(2**20 + 1), ".size: size 1048577 is not an integer in [0, 1048576]"),
    (fixed(4, name="string"), ".name: 'string' is a primitive type; choose another name"),
    (fixed(4, name="Order"),
     ".name: 'Order' is defined twice; define it once, then refer to it by name"),
    (decimal(0), ".precision: decimal precision 0 is outside [1, 76]"),
    (decimal(77), ".precision: decimal precision 77 is outside [1, 76]"),
    (decimal("9"), ".precision: decimal precision '9' is not an integer"),
    (decimal(None), ".precision: decimal precision null is not an integer"),
    (decimal(2, 3), ".scale: decimal scale 3 is outside [0, 2]"),
    (decimal(2, -1), ".scale: decimal scale -1 is outside [0, 2]"),
    (decimal(2, 1.5), ".scale: decimal scale 1.5 is not an integer"),
    ({"type": "bytes", "logicalType": "decimal"},
     ': decimal has no "precision"; add it'),
    (fixed(2, logicalType="decimal", precision=5),
     ".size: 2 bytes are too few for a decimal with precision 5; increase the size"),
    ({"type": "record", "fields": []}, ': record has no "name"; add it'),
    ({"type": "record", "name": "Item"}, ": record 'Item' has no \"fields\"; add a list"),
]  # fmt: skip


@pytest.mark.parametrize(("avro_type", "message"), TYPES)
def test_invalid_types_are_rejected(avro_type: Any, message: str):
    """The error has the location of the type and how to fix it."""
    text = json.dumps(record({"name": "a", "type": "int"}, {"name": "f", "type": avro_type}))
    assert error_of(text) == f"orders.avsc: fields[1].type{message}"


FIELDS = [
    (None, "fields: null is not a list of fields"),
    ("sku", "fields: 'sku' is not a list of fields"),
    ({"sku": "string"}, 'fields: {"sku": "string"} is not a list of fields'),
    (["sku"], "fields[0]: 'sku' is not a field; expected an object with name and type"),
    ([None], "fields[0]: null is not a field; expected an object with name and type"),
    ([{"type": "int"}], 'fields[0]: the field has no "name"; add it'),
    ([{"name": "sku"}], "fields[0]: field 'sku' has no \"type\"; add it"),
    ([{"name": "the sku", "type": "int"}], f"fields[0].name: 'the sku' {NO_NAME}"),
    ([{"name": "a.b", "type": "int"}], f"fields[0].name: 'a.b' {NO_NAME}"),
    ([{"name": 7, "type": "int"}], f"fields[0].name: 7 {NO_NAME}"),
    ([{"name": "a", "type": "int"}, {"name": "a", "type": "long"}],
     "fields: duplicate name 'a'; names must be unique"),
    ([{"name": "a", "type": "int", "aliases": "b"}],
     "fields[0].aliases: 'b' is not a list of aliases"),
    ([{"name": "a", "type": "int", "aliases": ["b", 2]}],
     'fields[0].aliases: ["b", 2] is not a list of aliases'),
    ([{"name": "a", "type": "array", "items": "int"}],
     "fields[0].type: 'array' needs an object: {\"type\": \"array\", …}"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "message"), FIELDS)
def test_invalid_fields_are_rejected(fields: Any, message: str):
    """The error has the location of the field."""
    text = json.dumps({"type": "record", "name": "Order", "fields": fields})
    assert error_of(text) == f"orders.avsc: {message}"


DEFAULTS = [
    ("int", "a", "'a' is not a valid 'int'"),
    ("int", 1.5, "1.5 is not a valid 'int'"),
    ("int", True, "true is not a valid 'int'"),
    ("int", 2**31, "2147483648 is not a valid 'int'"),
    ("long", -(2**63) - 1, "-9223372036854775809 is not a valid 'long'"),
    ("double", "1.5", "'1.5' is not a valid 'double'"),
    ("null", 0, "0 is not a valid 'null'"),
    ("boolean", 1, "1 is not a valid 'boolean'"),
    ("string", None, "null is not a valid 'string'"),
    (["null", "long"], "a", "'a' is not a valid 'null' or 'long'"),
    (enum(["RED"]), "BLUE", "'BLUE' is not a valid 'Colour'"),
    (fixed(2), 5, "5 is not a valid 'Hash'"),
    ({"type": "array", "items": "int"}, [1, "a"], "[1, \"a\"] is not a valid 'array'"),
    ({"type": "map", "values": "int"}, [1], "[1] is not a valid 'map'"),
    ({"type": "map", "values": "int"}, {"a": None}, "{\"a\": null} is not a valid 'map'"),
    (ITEM, {}, "{} is not a valid 'Item'"),
    (ITEM, {"sku": 5}, "{\"sku\": 5} is not a valid 'Item'"),
]


@pytest.mark.parametrize(("avro_type", "default", "message"), DEFAULTS)
def test_invalid_defaults_are_rejected(avro_type: Any, default: Any, message: str):
    """A default must be a value of its field's type, nested values included."""
    text = json.dumps(record({"name": "f", "type": avro_type, "default": default}))
    assert error_of(text) == f"orders.avsc: fields[0].default: {message}; {CHANGE}"


TOPS = [
    ("5", ": 5 is not a type; expected a name, an object or a list"),
    ("null", ": null is not a type; expected a name, an object or a list"),
    ('"Order"', ": unknown type 'Order'; define it before its first use, or add its file"),
    (json.dumps({"type": "record", "name": "2nd", "fields": []}), f": name: '2nd' {NO_NAME}"),
    (json.dumps({"type": "record", "name": "a.", "fields": []}), f": name: 'a.' {NO_NAME}"),
    ("", ":1:1: not JSON: Expecting value"),
    ('{"type": "record",\n "name": }', ":2:10: not JSON: Expecting value"),
    ('{"type": 1' + "0" * 5_000 + "}", ": an integer has thousands of digits; is it a schema?"),
    (json.dumps(record(doc=float("nan"))),
     ": a number is not finite, which JSON does not support; change it"),
    (json.dumps(record())[:-1] + ', "doc": 1e999}',
     ": a number is not finite, which JSON does not support; change it"),
    (json.dumps(record(doc="\ud800")),
     ": a string has half of a surrogate pair; write the whole character"),
    ('{"doc": ' + "[" * 100_000 + "]" * 100_000 + "}",
     f": nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), TOPS)
def test_other_json_and_text_is_rejected(text: str, message: str):
    """Invalid JSON, and JSON that is not a record schema, have different errors."""
    assert error_of(text) == f"orders.avsc{message}"


def test_long_values_are_shortened_in_messages():
    """A message shows the start of the value, without line breaks."""
    message = error_of(json.dumps(record({"name": "a\nb" + "c" * 1_000, "type": "int"})))
    begun = r"'a\nb" + "c" * 55
    assert message == f"orders.avsc: fields[0].name: {begun}… {NO_NAME}"


def nested(depth: int) -> Any:
    """Return a type with `depth` arrays around it."""
    return {"type": "array", "items": nested(depth - 1)} if depth else "int"


def test_depth_limit_is_exact():
    """The deepest allowed schema parses; one more array is an error."""
    deepest = nested(SCHEMA_DEPTH_MAX - 1)
    assert parse_avro(json.dumps(record({"name": "f", "type": deepest})))
    message = error_of(json.dumps(record({"name": "f", "type": nested(SCHEMA_DEPTH_MAX)})))
    assert (
        message == f"orders.avsc: nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema"
    )


def chain(links: int, width: int) -> dict[str, Any]:
    """Return records that each have `width` fields of the one before."""
    fields = [{"name": "r0", "type": {"type": "record", "name": "R0", "fields": []}}]
    for i in range(1, links):
        inner = [{"name": f"f{k}", "type": f"R{i - 1}"} for k in range(width)]
        kind = {"type": "record", "name": f"R{i}", "fields": inner}
        fields.append({"name": f"r{i}", "type": kind})
    return record(*fields)


def test_limits_count_expanded_types():
    """A short schema that expands to a deep or huge one is rejected quickly."""
    message = error_of(json.dumps(chain(SCHEMA_DEPTH_MAX + 1, 1)))
    assert (
        message == f"orders.avsc: nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema"
    )
    message = error_of(json.dumps(chain(40, 2)))
    assert message == (
        f"orders.avsc: more than {SCHEMA_TYPES_MAX} types with named types expanded; "
        "reduce the schema"
    )


def test_unreadable_files_are_rejected(tmp_path: Path):
    """A missing file and bytes that are not text are errors with the path."""
    way_out = "give the path of an Avro schema (.avsc)"
    binary = tmp_path / "binary.avsc"
    binary.write_bytes(b"\xff\xfe")
    for path, message in (
        (tmp_path / "none.avsc", "cannot be read: No such file or directory"),
        (binary, "not UTF-8 text"),
    ):
        with pytest.raises(SchemaError) as error:
            load_avro(path)
        assert str(error.value) == f"{path}: {message}; {way_out}"


def test_dicts_that_are_not_json_are_rejected():
    """A dict is read as the JSON that it serializes to."""
    with pytest.raises(SchemaError, match=r"^schema: not JSON: .*; expected a dict of strings"):
        to_avro_schema({"type": object()})
