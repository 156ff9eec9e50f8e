"""Rows of annotated schemas: values by annotation, and encoded."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from typing import Any

import fastavro
import pyarrow as pa
import pytest

from gerador.avro.load import load_avro, parse_avro
from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.events.rows import StreamRows
from gerador.scenario.gallery import packaged_schema_path
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate
from tests.values.generated_rows import START_NS, assert_share

ROWS = 20_000
ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}
FIXED = {"type": "fixed", "name": "F", "size": 2}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
POINT = {"type": "record", "name": "P", "fields": [{"name": "n", "type": "int"}]}


def annotated(kind: Any, **properties: Any) -> dict[str, Any]:
    """Return an annotated type."""
    return {**(kind if isinstance(kind, dict) else {"type": kind}), "arg.properties": properties}


def table(types: dict[str, Any], **record: Any) -> StreamRows:
    """Return the rows of a record of annotated fields."""
    fields = [{"name": name, "type": kind} for name, kind in types.items()]
    schema = {"type": "record", "name": "R", "fields": fields, **record}
    return StreamRows(
        spec_for(schema=parse_avro(json.dumps(schema))),
        42,
        Schedule.starting(START_NS, constant_rate(1_000)),
    )


def values(kind: Any, rows: int = ROWS, first: int = 0) -> list[Any]:
    """Return the first values of a field of an annotated type."""
    found: list[Any] = table({"x": kind}).rows(first, first + rows)["x"].to_pylist()
    return found


OPTIONS = [
    (annotated("boolean", options=[True, False]), [True, False]),
    (annotated("int", options=[1, 2, 3]), [1, 2, 3]),
    (annotated("string", options=["a", "é"], prefix="<"), ["<a", "<é"]),
    (annotated("bytes", options=["a", "é"]), [b"a", "é".encode()]),
    (annotated(ENUM, options=["A", "C"]), ["A", "C"]),
    (annotated(FIXED, options=["42", "EE"]), [b"42", b"EE"]),
    (annotated(POINT, options=[{"n": 1}, {"n": 2}]), [{"n": 1}, {"n": 2}]),
    (annotated({"type": "array", "items": "int"}, options=[[1, 2], []]), [[1, 2], []]),
    (annotated({"type": "map", "values": "int"}, options=[{"a": 1}, {}]), [[("a", 1)], []]),
]


@pytest.mark.parametrize(("kind", "wanted"), OPTIONS, ids=str)
def test_options_are_equally_likely_on_every_type(kind: Any, wanted: list[Any]):
    """Only the options occur, each with its share."""
    counts = Counter(map(repr, values(kind)))
    assert set(counts) == {repr(w) for w in wanted}
    for count in counts.values():
        assert_share(count, ROWS, 1 / len(wanted))


ITERATIONS = [
    (annotated("boolean", iteration={"start": False}), [False, True, False, True]),
    (annotated("int", iteration={"start": 5}), [5, 6, 7, 8]),
    (annotated("int", iteration={"start": 3, "restart": 1}), [3, 2, 3, 2]),
    (
        annotated("long", iteration={"start": -50, "restart": 100, "step": 47}),
        [-50, -3, 44, 91, -12],
    ),
    (
        annotated("long", iteration={"start": -50, "restart": 100, "step": 47, "initial": 0}),
        [0, 47, 94],
    ),
    (
        annotated("double", iteration={"start": 0.0, "restart": 10.0, "step": 27.3}),
        [0.0, 7.3, 4.6, 1.9],
    ),
    (
        annotated("string", iteration={"start": 9}, prefix="pre-", suffix="-post"),
        ["pre-9-post", "pre-10-post"],
    ),
]


@pytest.mark.parametrize(("kind", "wanted"), ITERATIONS, ids=str)
def test_iterations_count_by_row(kind: Any, wanted: list[Any]):
    """From the start by the step, and again from the restart, as in the original tool."""
    assert values(kind, len(wanted)) == wanted
    late = values(kind, 40, first=16_370)
    assert late == values(kind, 16_410)[16_370:]


def test_ranges_exclude_the_maximum():
    """The minimum occurs and the maximum does not, for integers, decimals and floats."""
    assert set(values(annotated("int", range={"min": -2, "max": 2}))) == {-2, -1, 0, 1}
    cents = values(annotated(DECIMAL, range={"min": 10.0, "max": 10.05}))
    assert set(map(str, cents)) == {"10.00", "10.01", "10.02", "10.03", "10.04"}
    doubles = values(annotated("double", range={"min": 0.01, "max": 1}))
    assert 0.01 <= min(doubles) < 0.02
    assert 0.98 < max(doubles) < 1
    assert_share(sum(d < 0.505 for d in doubles), ROWS, 0.5)
    assert min(values(annotated("long", range={"min": 7}), 500)) > 2**40


def test_lengths():
    """A number is exact; of min and max, the maximum is excluded."""
    assert set(map(len, values(annotated("string", length=5)))) == {5}
    assert set(map(len, values(annotated("bytes", length={"min": 1, "max": 4})))) == {1, 2, 3}
    array = annotated({"type": "array", "items": "int"}, length={"min": 2, "max": 4})
    assert set(map(len, values(array))) == {2, 3}


def test_odds_are_the_share_of_true():
    """The odds of a boolean are its share of true."""
    assert_share(sum(values(annotated("boolean", odds=0.75))), ROWS, 0.75)


def test_keys_of_maps_are_distinct():
    """Keys match the pattern and are distinct in a map; few options make smaller maps."""
    codes = values(
        annotated({"type": "map", "values": "int"}, length=3, keys={"regex": "[a-c][0-9]"}), 5_000
    )
    for entries in codes:
        keys = [key for key, _ in entries]
        assert all(re.fullmatch("[a-c][0-9]", key) for key in keys)
        assert 1 <= len(set(keys)) == len(keys) <= 3
    assert_share(sum(len(e) == 3 for e in codes), 5_000, 29 / 30 * 28 / 30)
    few = values(
        annotated({"type": "map", "values": "int"}, length=10, keys={"options": ["a", "b"]}), 500
    )
    assert max(map(len, few)) == 2
    assert {key for entries in few for key, _ in entries} == {"a", "b"}


def test_options_of_a_record():
    """Every row is one of the declared rows, equally likely, including nulls."""
    options = [
        {"n": 1, "s": "um", "p": {"n": 5}},
        {"n": 2, "s": None, "p": {"n": 6}},
        {"n": 1, "s": "x", "p": {"n": 7}},
    ]
    rows = table(
        {"n": "int", "s": ["null", "string"], "p": POINT},
        **{"arg.properties": {"options": options}},
    )
    counts = Counter(map(repr, rows.rows(0, ROWS).to_pylist()))
    assert set(counts) == {repr(row) for row in options}
    for count in counts.values():
        assert_share(count, ROWS, 1 / 3)


def test_nulls_among_options_are_the_share_of_nulls():
    """Nulls among the options of a nullable field are its share of nulls."""
    fields = [
        {"name": "x", "type": ["null", "int"], "arg.properties": {"options": [1, None, None, 2]}}
    ]
    schema = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))
    rows = StreamRows(
        spec_for(schema=schema), 42, Schedule.starting(START_NS, constant_rate(1_000))
    )
    counts = Counter(rows.rows(0, ROWS)["x"].to_pylist())
    for value, share in ((None, 0.5), (1, 0.25), (2, 0.25)):
        assert_share(counts[value], ROWS, share)


def all_annotations() -> StreamRows:
    """Return the rows of a record with every annotation."""
    types = {f"o{i}": kind for i, (kind, _) in enumerate(OPTIONS)}
    types |= {f"i{i}": kind for i, (kind, _) in enumerate(ITERATIONS)}
    types["m"] = annotated(
        {"type": "map", "values": annotated("string", regex="[a-z]+")}, keys={"length": 2}, length=2
    )
    types["u"] = [
        annotated("int", range={"min": 0}),
        annotated("string", options=["a", "b"]),
        "null",
    ]
    types["q"] = ["null", annotated("string", regex="Região [1-9]")]
    return table(types)


def test_rows_do_not_depend_on_the_range():
    """All annotations at once, across blocks, in any split of a range."""
    whole = all_annotations().rows(16_300, 16_500)
    parts = [all_annotations().rows(16_300, 16_384), all_annotations().rows(16_384, 16_500)]
    assert pa.concat_batches(parts).equals(whole)


def test_encoded_rows_are_decoded():
    """Fastavro decodes every datum with the registered schema, which has no annotations."""
    rows = all_annotations()
    schema = rows.spec.schema
    assert "arg.properties" not in schema.json
    (chunk,) = rows.chunks(0, 300)
    datums = AvroRowEncoder(schema.root).encode(chunk.columns)
    parsed = fastavro.parse_schema(json.loads(schema.json))
    for i, row in enumerate(rows.rows(0, 300).to_pylist()):
        read = fastavro.schemaless_reader(io.BytesIO(datums[i]), parsed)
        for name, value in row.items():
            wanted = (
                dict(value)
                if isinstance(read[name], dict) and not isinstance(value, dict)
                else value
            )
            assert read[name] == wanted, name


def test_rows_of_the_packaged_annotated_schema():
    """The rows of `usuarios_anotado.avsc` have the values of its annotations."""
    schema = load_avro(packaged_schema_path("usuarios_anotado.avsc"))
    rows = StreamRows(
        spec_for(schema=schema), 42, Schedule.starting(START_NS, constant_rate(1_000))
    )
    for n, row in enumerate(rows.rows(0, 500).to_pylist()):
        assert re.fullmatch("USR-[1-9][0-9]{5}", row["usuario_id"])
        assert 16 <= row["idade"] < 90
        assert row["pontos"] == 10 * n
        assert row["cadastrado_em"].year == 2025
        assert row["genero"] in {"F", "M", "OUTRO"}
