"""Rows of annotated schemas: the values that annotations ask for, and as bytes."""

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


def said(kind: Any, **properties: Any) -> dict[str, Any]:
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
    (said("boolean", options=[True, False]), [True, False]),
    (said("int", options=[1, 2, 3]), [1, 2, 3]),
    (said("string", options=["a", "é"], prefix="<"), ["<a", "<é"]),
    (said("bytes", options=["a", "é"]), [b"a", "é".encode()]),
    (said(ENUM, options=["A", "C"]), ["A", "C"]),
    (said(FIXED, options=["42", "EE"]), [b"42", b"EE"]),
    (said(POINT, options=[{"n": 1}, {"n": 2}]), [{"n": 1}, {"n": 2}]),
    (said({"type": "array", "items": "int"}, options=[[1, 2], []]), [[1, 2], []]),
    (said({"type": "map", "values": "int"}, options=[{"a": 1}, {}]), [[("a", 1)], []]),
]


@pytest.mark.parametrize(("kind", "wanted"), OPTIONS, ids=str)
def test_options_are_equally_likely_on_every_type(kind: Any, wanted: list[Any]):
    """Nothing but the options, each with its share."""
    counts = Counter(map(repr, values(kind)))
    assert set(counts) == {repr(w) for w in wanted}
    for count in counts.values():
        assert_share(count, ROWS, 1 / len(wanted))


ITERATIONS = [
    (said("boolean", iteration={"start": False}), [False, True, False, True]),
    (said("int", iteration={"start": 5}), [5, 6, 7, 8]),
    (said("int", iteration={"start": 3, "restart": 1}), [3, 2, 3, 2]),
    (said("long", iteration={"start": -50, "restart": 100, "step": 47}), [-50, -3, 44, 91, -12]),
    (said("long", iteration={"start": -50, "restart": 100, "step": 47, "initial": 0}), [0, 47, 94]),
    (said("double", iteration={"start": 0.0, "restart": 10.0, "step": 27.3}), [0.0, 7.3, 4.6, 1.9]),
    (said("string", iteration={"start": 9}, prefix="pre-", suffix="-post"), ["pre-9-post", "pre-10-post"]),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize(("kind", "wanted"), ITERATIONS, ids=str)
def test_iterations_count_by_row(kind: Any, wanted: list[Any]):
    """From the start, by the step, again at the restart: as the original gives them."""
    assert values(kind, len(wanted)) == wanted
    late = values(kind, 40, first=16_370)
    assert late == values(kind, 16_410)[16_370:]


def test_ranges_include_the_least_and_not_the_end():
    """On whole numbers and decimals both ends are met; on floating ones the end never."""
    assert set(values(said("int", range={"min": -2, "max": 2}))) == {-2, -1, 0, 1}
    cents = values(said(DECIMAL, range={"min": 10.0, "max": 10.05}))
    assert set(map(str, cents)) == {"10.00", "10.01", "10.02", "10.03", "10.04"}
    doubles = values(said("double", range={"min": 0.01, "max": 1}))
    assert 0.01 <= min(doubles) < 0.02
    assert 0.98 < max(doubles) < 1
    assert_share(sum(d < 0.505 for d in doubles), ROWS, 0.5)
    assert min(values(said("long", range={"min": 7}), 500)) > 2**40


def test_lengths_are_those_of_the_annotation():
    """A number exactly; of min and max the max is never reached."""
    assert set(map(len, values(said("string", length=5)))) == {5}
    assert set(map(len, values(said("bytes", length={"min": 1, "max": 4})))) == {1, 2, 3}
    array = said({"type": "array", "items": "int"}, length={"min": 2, "max": 4})
    assert set(map(len, values(array))) == {2, 3}


def test_odds_are_the_share_of_true():
    """As a boolean's."""
    assert_share(sum(values(said("boolean", odds=0.75))), ROWS, 0.75)


def test_keys_of_maps_are_drawn_and_come_once():
    """A pattern's texts, different ones within a map; few options make smaller maps."""
    codes = values(
        said({"type": "map", "values": "int"}, length=3, keys={"regex": "[a-c][0-9]"}), 5_000
    )
    for entries in codes:
        keys = [key for key, _ in entries]
        assert all(re.fullmatch("[a-c][0-9]", key) for key in keys)
        assert 1 <= len(set(keys)) == len(keys) <= 3
    assert_share(sum(len(e) == 3 for e in codes), 5_000, 29 / 30 * 28 / 30)
    few = values(
        said({"type": "map", "values": "int"}, length=10, keys={"options": ["a", "b"]}), 500
    )
    assert max(map(len, few)) == 2
    assert {key for entries in few for key, _ in entries} == {"a", "b"}


def test_whole_rows_stay_together():
    """Every row is one of those that are written out, each as likely, nulls and all."""
    rows = [{"n": 1, "s": "um", "p": {"n": 5}}, {"n": 2, "s": None, "p": {"n": 6}}, {"n": 1, "s": "x", "p": {"n": 7}}]  # fmt: skip  # noqa: E501
    made = table(
        {"n": "int", "s": ["null", "string"], "p": POINT}, **{"arg.properties": {"options": rows}}
    )
    counts = Counter(map(repr, made.rows(0, ROWS).to_pylist()))
    assert set(counts) == {repr(row) for row in rows}
    for count in counts.values():
        assert_share(count, ROWS, 1 / 3)


def test_nulls_among_options_are_the_share_of_nulls():
    """A field's own options say how often it is null."""
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


def everything() -> StreamRows:
    """Return the rows of a record with every annotation at once."""
    types = {f"o{i}": kind for i, (kind, _) in enumerate(OPTIONS)}
    types |= {f"i{i}": kind for i, (kind, _) in enumerate(ITERATIONS)}
    types["m"] = said(
        {"type": "map", "values": said("string", regex="[a-z]+")}, keys={"length": 2}, length=2
    )
    types["u"] = [said("int", range={"min": 0}), said("string", options=["a", "b"]), "null"]
    types["q"] = ["null", said("string", regex="Região [1-9]")]
    return table(types)


def test_any_cut_has_the_same_rows():
    """All annotations at once, across blocks."""
    whole = everything().rows(16_300, 16_500)
    parts = [everything().rows(16_300, 16_384), everything().rows(16_384, 16_500)]
    assert pa.concat_batches(parts).equals(whole)


def test_what_is_encoded_decodes_to_the_rows():
    """A foreign reader reads every datum by the schema that is registered, without annotations."""
    made = everything()
    schema = made.spec.schema
    assert "arg.properties" not in schema.json
    (tile,) = made.tiles(0, 300)
    datums = AvroRowEncoder(schema.root).encode(tile.columns)
    parsed = fastavro.parse_schema(json.loads(schema.json))
    for i, row in enumerate(made.rows(0, 300).to_pylist()):
        read = fastavro.schemaless_reader(io.BytesIO(datums[i]), parsed)
        for name, value in row.items():
            wanted = (
                dict(value)
                if isinstance(read[name], dict) and not isinstance(value, dict)
                else value
            )
            assert read[name] == wanted, name


def test_the_packaged_annotated_schema_makes_its_rows():
    """`usuarios_anotado.avsc`: what its annotations say, row by row."""
    schema = load_avro(packaged_schema_path("usuarios_anotado.avsc"))
    made = StreamRows(
        spec_for(schema=schema), 42, Schedule.starting(START_NS, constant_rate(1_000))
    )
    for n, row in enumerate(made.rows(0, 500).to_pylist()):
        assert re.fullmatch("USR-[1-9][0-9]{5}", row["usuario_id"])
        assert 16 <= row["idade"] < 90
        assert row["pontos"] == 10 * n
        assert row["cadastrado_em"].year == 2025
        assert row["genero"] in {"F", "M", "OUTRO"}
