"""The generators of annotations in Avro schemas: every entry on every type that supports it."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import pytest

from gerador.avro.load import load_avro, parse_avro
from gerador.scenario.schema_annotations.collect import annotated_fields, with_annotations
from gerador.values.array_map import LengthGenerator
from gerador.values.choice import (
    BooleanGenerator,
    ChoiceGenerator,
    ConstantGenerator,
    JointChoiceGenerator,
)
from gerador.values.counters import IterationGenerator
from gerador.values.date_time import RandomTimeGenerator
from gerador.values.distributions.uniform import FLOAT_MAX, UniformDistribution
from gerador.values.regex.generator import RegexGenerator
from gerador.values.text import BytesGenerator, TextGenerator

if TYPE_CHECKING:
    from pathlib import Path

    from gerador.avro.schema import AvroSchema
    from gerador.values.declaration import ValueGenerator

ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
FIXED = {"type": "fixed", "name": "F", "size": 2}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
RECORD = {"type": "record", "name": "P", "fields": [{"name": "n", "type": "int"}]}
STAMP = {"type": "long", "logicalType": "timestamp-millis"}
DAY = {"type": "int", "logicalType": "date"}


def typed(kind: Any, annotation: Any) -> dict[str, Any]:
    """Return a type with an annotation."""
    return {**(kind if isinstance(kind, dict) else {"type": kind}), "arg.properties": annotation}


def schema_of(avro_type: Any, **field: Any) -> AvroSchema:
    """Return a schema whose field x has a type and further attributes."""
    fields = [{"name": "x", "type": avro_type, **field}]
    return parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))


def generator_of(kind: Any, annotation: Any) -> ValueGenerator:
    """Return the generator of an annotated field."""
    return annotated_fields(schema_of(typed(kind, annotation)))["x"]


CASES: list[tuple[Any, dict[str, Any], ValueGenerator]] = [
    ("boolean", {"options": [True]}, ChoiceGenerator(values=(True,))),
    ("int", {"options": [1, 2]}, ChoiceGenerator(values=(1, 2))),
    ("long", {"options": [2**40]}, ChoiceGenerator(values=(2**40,))),
    ("float", {"options": [4.5]}, ChoiceGenerator(values=(4.5,))),
    ("double", {"options": [4]}, ChoiceGenerator(values=(4,))),
    ("bytes", {"options": ["é"]}, ChoiceGenerator(values=("Ã©",))),
    ("string", {"options": ["a", "b"]}, ChoiceGenerator(values=("a", "b"))),
    ("string", {"options": ["a"], "prefix": "<", "suffix": ">"}, ChoiceGenerator(values=("<a>",))),
    ("null", {"options": [None]}, ChoiceGenerator(values=(None,))),
    (ENUM, {"options": ["B"]}, ChoiceGenerator(values=("B",))),
    (FIXED, {"options": ["42"]}, ChoiceGenerator(values=("42",))),
    (DECIMAL, {"options": [1.25, "9.50"]}, ChoiceGenerator(values=(1.25, "9.50"))),
    (STAMP, {"options": [0, "2026-01-01"]}, ChoiceGenerator(values=(0, "2026-01-01"))),
    (RECORD, {"options": [{"n": 1}]}, ChoiceGenerator(values=({"n": 1},))),
    ({"type": "array", "items": "int"}, {"options": [[1], []]}, ChoiceGenerator(values=([1], []))),
    (
        {"type": "map", "values": "int"},
        {"options": [{"a": 1}]},
        ChoiceGenerator(values=({"a": 1},)),
    ),
    ("boolean", {"iteration": {"start": False}}, IterationGenerator(start=False)),
    ("int", {"iteration": {"start": 5}}, IterationGenerator(start=5)),
    (
        "int",
        {"iteration": {"start": 50, "restart": -10, "initial": 40}},
        IterationGenerator(start=50, restart=-10, initial=40),
    ),
    ("long", {"iteration": {"start": 0, "step": 10}}, IterationGenerator(start=0, step=10)),
    (
        "float",
        {"iteration": {"start": 10.4, "step": 5.1}},
        IterationGenerator(start=10.4, step=5.1),
    ),
    ("double", {"iteration": {"start": 0}}, IterationGenerator(start=0)),
    (STAMP, {"iteration": {"start": 7, "step": 100}}, IterationGenerator(start=7, step=100)),
    (DAY, {"iteration": {"start": 7}}, IterationGenerator(start=7)),
    (
        "string",
        {"iteration": {"start": 1}, "prefix": "pre-", "suffix": "-post"},
        IterationGenerator(start=1, prefix="pre-", suffix="-post"),
    ),
    ("int", {"range": {"min": -10, "max": 10}}, UniformDistribution(min=-10, max=9)),
    ("int", {"range": {"min": 3}}, UniformDistribution(min=3, max=2**31 - 2)),
    ("int", {"range": {"max": 3}}, UniformDistribution(min=-(2**31), max=2)),
    ("long", {"range": {"min": 0}}, UniformDistribution(min=0, max=2**63 - 2)),
    ("float", {"range": {"min": 0}}, UniformDistribution(min=0, max=FLOAT_MAX, continuous=True)),
    (
        "double",
        {"range": {"min": 0.01, "max": 1}},
        UniformDistribution(min=0.01, max=1.0, continuous=True),
    ),
    (DAY, {"range": {"min": 10, "max": 20}}, RandomTimeGenerator(first=10, last=19)),
    (STAMP, {"range": {"min": 10, "max": 20}}, RandomTimeGenerator(first=10, last=19)),
    (
        DECIMAL,
        {"range": {"min": 10, "max": 50.0}},
        UniformDistribution(min=10.0, max=49.99, decimals=2),
    ),
    (DECIMAL, {"range": {"max": 0}}, UniformDistribution(min=-99.99, max=-0.01, decimals=2)),
    ("string", {"length": 5}, TextGenerator(length_min=5, length_max=5)),
    ("string", {"length": {"min": 5, "max": 8}}, TextGenerator(length_min=5, length_max=7)),
    ("string", {"length": {"max": 8}}, TextGenerator(length_min=0, length_max=7)),
    ("string", {"length": {"min": 20}}, TextGenerator(length_min=20, length_max=28)),
    ("string", {"prefix": "a"}, TextGenerator(length_min=8, length_max=15, prefix="a")),
    ("bytes", {"length": {"min": 1, "max": 5}}, BytesGenerator(length_min=1, length_max=4)),
    (
        {"type": "array", "items": "int"},
        {"length": {"min": 1, "max": 5}},
        LengthGenerator(length_min=1, length_max=4),
    ),
    (
        {"type": "map", "values": "int"},
        {"length": 10},
        LengthGenerator(kind="map", length_min=10, length_max=10),
    ),
    ("string", {"regex": "[a-z]{5,15}"}, RegexGenerator(pattern="[a-z]{5,15}")),
    (
        "string",
        {"regex": "[a-z]*", "length": 10},
        RegexGenerator(pattern="[a-z]*", length_min=10, length_max=10),
    ),
    (
        "string",
        {"regex": "[a-z]{0,15}", "length": {"min": 5}},
        RegexGenerator(pattern="[a-z]{0,15}", length_min=5),
    ),
    (
        "string",
        {"regex": "[a-z]{5,}", "length": {"max": 16}, "prefix": "p"},
        RegexGenerator(pattern="[a-z]{5,}", length_min=0, length_max=15, prefix="p"),
    ),
    ("boolean", {"odds": 0.75}, BooleanGenerator(true_share=0.75)),
]


@pytest.mark.parametrize(("kind", "annotation", "expected"), CASES, ids=str)
def test_annotation_of_a_type(kind: Any, annotation: Any, expected: ValueGenerator):
    """Each entry on each type gives the generator that draws the same values as Datagen."""
    assert generator_of(kind, annotation) == expected


@pytest.mark.parametrize(("kind", "annotation", "expected"), CASES, ids=str)
def test_annotation_of_a_field(kind: Any, annotation: Any, expected: ValueGenerator):
    """An annotation of the field is equivalent to one of its type."""
    found = annotated_fields(schema_of(kind, **{"arg.properties": annotation}))
    assert found["x"] == expected


def test_nullable_types():
    """An annotated branch declares the values; options of the field declare the nulls too."""
    branch = schema_of(["null", typed("int", {"options": [1]})])
    assert annotated_fields(branch)["x"] == ChoiceGenerator(values=(1,))
    field = schema_of(["null", "int"], **{"arg.properties": {"options": [1, None, 2, None]}})
    assert annotated_fields(field)["x"] == ChoiceGenerator(values=(1, 2), null=0.5)
    never = schema_of(["null", "int"], **{"arg.properties": {"options": [1]}})
    assert annotated_fields(never)["x"] == ChoiceGenerator(values=(1,), null=0.0)
    nothing = annotated_fields(
        schema_of(["null", "int"], **{"arg.properties": {"options": [None]}})
    )
    assert nothing["x"].null == 1.0


def test_annotations_inside_other_types():
    """Items, values, keys, branches, and fields of records that are used twice."""
    number = typed("int", {"range": {"min": 0, "max": 3}})
    point = {"type": "record", "name": "P", "fields": [{"name": "n", "type": number}]}
    schema = parse_avro(
        json.dumps({
            "type": "record", "name": "R", "fields": [
                {"name": "a", "type": {"type": "array", "items": number}},
                {"name": "m", "type": typed(
                    {"type": "map", "values": number},
                    {"length": 3, "keys": {"regex": "[a-z]{4}"}},
                )},
                {"name": "u", "type": [number, "string", "null"]},
                {"name": "p", "type": point},
                {"name": "q", "type": "P"},
                {"name": "o", "type": typed("P", {"options": [{"n": 2}]})},
                {"name": "k", "type": typed({"type": "map", "values": "int"}, {"keys": {}})},
            ],
        })
    )  # fmt: skip
    small = UniformDistribution(min=0, max=2)
    assert annotated_fields(schema) == {
        "a[]": small,
        "m": LengthGenerator(kind="map", length_min=3, length_max=3),
        "m{#}": RegexGenerator(pattern="[a-z]{4}"),
        "m{}": small,
        "u<int>": small,
        "p.n": small,
        "q.n": small,
        "o": ChoiceGenerator(values=({"n": 2},)),
        "k": LengthGenerator(kind="map", length_min=8, length_max=15),
        "k{#}": TextGenerator(length_min=8, length_max=15),
    }
    assert '"name":"o","type":"P"' in schema.json


def test_options_of_the_row():
    """With options of the record, all fields of a row take the same option."""
    schema = parse_avro(
        json.dumps({
            "type": "record", "name": "R",
            "fields": [
                {"name": "n", "type": "int"},
                {"name": "s", "type": ["null", "string"], "default": None},
            ],
            "arg.properties": {"options": [{"n": 1, "s": "um"}, {"n": 2}]},
        })
    )  # fmt: skip
    assert annotated_fields(schema) == {
        "n": JointChoiceGenerator(values=(1, 2)),
        "s": JointChoiceGenerator(values=("um", None), null=0.0),
    }


def test_registered_schema_has_no_annotations():
    """Comments and annotations are removed; names, docs, defaults and attributes are kept."""
    text = """{ // a comment with "quotes"
      "type": "record", "name": "R", "namespace": "a.b", "aliases": ["Old"], "doc": "// no comment",
      "arg.properties": {"options": [{"x": 1, "y": {"arg.properties": 5}}]}, /* and
      another */ "fields": [
        {"name": "x", "type": {"type": "int", "arg.properties": {}, "session": "yes"},
         "default": 3, "arg.properties": {}},
        {"name": "y", "type": {"type": "map", "values": {"type": "int", "arg.properties": {}}},
         "default": {"arg.properties": 5}}
      ]}"""
    assert json.loads(parse_avro(text).json) == {
        "type": "record", "name": "R", "namespace": "a.b", "aliases": ["Old"],
        "doc": "// no comment", "fields": [
            {"name": "x", "type": {"type": "int", "session": "yes"}, "default": 3},
            {"name": "y", "type": {"type": "map", "values": "int"},
             "default": {"arg.properties": 5}},
        ],
    }  # fmt: skip


def test_declared_fields_override_annotations():
    """Declarations replace annotations, also that of the record around the field."""
    schema = schema_of(typed(RECORD, {"options": [{"n": 1}]}))
    five = ConstantGenerator(value=5)
    assert with_annotations(schema, {"x.n": five}) == {"x.n": five}
    number = schema_of(typed("int", {"range": {"max": 3}}))
    assert with_annotations(number, {"x": five}) == {"x": five}


def file_schema(folder: Path, kind: Any, name: str, encoding: str) -> AvroSchema:
    """Return a schema whose field x has its options in a file of the same folder."""
    annotation = {"options": {"file": name, "encoding": encoding}}
    fields = [{"name": "x", "type": typed(kind, annotation)}]
    path = folder / "s.avro"
    path.write_text(json.dumps({"type": "record", "name": "R", "fields": fields}))
    return load_avro(path)


def test_options_in_a_json_file(tmp_path: Path):
    """Concatenated JSON values or one list, in a file next to the schema."""
    (tmp_path / "o.json").write_text('"ant"\n"bee"\n')
    assert annotated_fields(file_schema(tmp_path, "string", "o.json", "json"))[
        "x"
    ] == ChoiceGenerator(values=("ant", "bee"))
    (tmp_path / "o.json").write_text("[1, 2]")
    assert annotated_fields(file_schema(tmp_path, "int", "o.json", "json"))["x"] == ChoiceGenerator(
        values=(1, 2)
    )
    lists = {"type": "array", "items": "int"}
    assert annotated_fields(file_schema(tmp_path, lists, "o.json", "json"))["x"] == ChoiceGenerator(
        values=([1, 2],)
    )


def test_options_in_a_binary_file(tmp_path: Path):
    """Concatenated values in Avro's binary encoding, of every type."""
    fields = [
        ("i", "int", b"\x54"), ("l", "long", b"\x01"), ("b", "boolean", b"\x01"),
        ("f", "float", struct.pack("<f", 0.5)), ("d", "double", struct.pack("<d", 0.25)),
        ("s", "string", b"\x04\xc3\xa9"), ("o", "bytes", b"\x02\xe9"), ("z", "null", b""),
        ("e", ENUM, b"\x02"), ("x", FIXED, b"ab"), ("c", DECIMAL, b"\x04\xff\x83"),
        ("a", {"type": "array", "items": "int"}, b"\x04\x02\x04\x00"),
        ("m", {"type": "map", "values": "int"}, b"\x01\x06\x02k\x02\x00"),
        ("n", ["null", "int"], b"\x02\x06"), ("u", ["int", "string"], b"\x02\x02h"),
    ]  # fmt: skip
    kind = {"type": "record", "name": "B", "fields": [{"name": n, "type": t} for n, t, _ in fields]}
    (tmp_path / "o.bin").write_bytes(b"".join(data for *_, data in fields) * 2)
    found = annotated_fields(file_schema(tmp_path, kind, "o.bin", "binary"))["x"]
    row = {
        "i": 42, "l": -1, "b": True, "f": 0.5, "d": 0.25, "s": "é", "o": "é", "z": None, "e": "B",
        "x": "ab", "c": "-1.25", "a": [1, 2], "m": {"k": 1}, "n": 3, "u": {"string": "h"},
    }  # fmt: skip
    assert found == ChoiceGenerator(values=(row, row))
