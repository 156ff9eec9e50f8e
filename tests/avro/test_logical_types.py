"""Every logical type of Avro 1.12 has valid values or is rejected by name; others are ignored."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import json
import uuid
from typing import TYPE_CHECKING, Any

import fastavro
import pytest

import gerador
from gerador.avro.load import to_avro_schema
from gerador.cli.check import check
from gerador.cli.stream_estimates import estimate_streams
from gerador.errors import SchemaError
from gerador.scenario.load import load_plan

if TYPE_CHECKING:
    from pathlib import Path

FIXED = {"type": "fixed", "name": "F"}
DIGITS = {"logicalType": "decimal", "precision": 9, "scale": 2}
SPECIFIED = [
    ({"type": "bytes", **DIGITS}, decimal.Decimal),
    ({**FIXED, "size": 4, **DIGITS}, decimal.Decimal),
    ({"type": "string", "logicalType": "uuid"}, uuid.UUID),
    ({**FIXED, "size": 16, "logicalType": "uuid"}, bytes),
    ({"type": "int", "logicalType": "date"}, dt.date),
    ({"type": "int", "logicalType": "time-millis"}, dt.time),
    ({"type": "long", "logicalType": "time-micros"}, dt.time),
    ({"type": "long", "logicalType": "timestamp-millis"}, dt.datetime),
    ({"type": "long", "logicalType": "timestamp-micros"}, dt.datetime),
    ({"type": "long", "logicalType": "timestamp-nanos"}, int),
    ({"type": "long", "logicalType": "local-timestamp-millis"}, dt.datetime),
    ({"type": "long", "logicalType": "local-timestamp-micros"}, dt.datetime),
    ({"type": "long", "logicalType": "local-timestamp-nanos"}, int),
    ({**FIXED, "size": 12, "logicalType": "duration"}, bytes),
]
"""The logical types of the specification, section "Logical Types", and what fastavro reads."""


@pytest.mark.parametrize(("avro_type", "expected"), SPECIFIED, ids=str)
def test_specified_types_have_valid_values(avro_type: Any, expected: type):
    """Values are those of the logical type, as fastavro reads them; none is ignored."""
    schema = to_avro_schema(avro_type)
    parsed = fastavro.parse_schema(json.loads(schema.json))
    for datum in gerador.stream("s", schema=schema, seed=1, rate=1).encode(0, 50):
        value = fastavro.schemaless_reader(io.BytesIO(bytes(datum)), parsed, None)
        assert isinstance(value, expected)


def test_big_decimal_is_rejected():
    """Its bytes contain a scale, so that random bytes are not valid values."""
    with pytest.raises(SchemaError, match="logical type 'big-decimal' is not supported; use"):
        to_avro_schema({"type": "bytes", "logicalType": "big-decimal"})


def test_check_warns_about_ignored_types(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Unknown logical types, and those of other types, have the values of their types."""
    fields = [
        {"name": "a", "type": {"type": "string", "logicalType": "url"}},
        {"name": "b", "type": ["null", {"type": "string", "logicalType": "timestamp-millis"}]},
        {"name": "c", "type": {"type": "array", "items": {"type": "string", "logicalType": "url"}}},
        {"name": "d", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "e", "type": {"type": "fixed", "name": "F", "size": 3, "logicalType": "uuid"}},
    ]
    (tmp_path / "r.avsc").write_text(json.dumps({"type": "record", "name": "R", "fields": fields}))
    (file := tmp_path / "s.yaml").write_text("streams: {s: {schema: r.avsc, rate: 1/s}}")
    (estimate,) = estimate_streams(load_plan(str(file), {}))
    found = [("a", "url"), ("b", "timestamp-millis"), ("c[]", "url"), ("e", "uuid")]
    assert list(estimate.ignored_logical_types) == found
    with pytest.raises(SystemExit):
        check.main([str(file)])
    printed = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "logical type 'url' is unknown, or not for this type: a, c[]; it is ignored" in printed
