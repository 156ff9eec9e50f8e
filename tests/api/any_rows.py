"""Six rows of a schema with every kind of type, and their JSON."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa

from gerador.avro.arrow_types import arrow_schema
from gerador.avro.load import parse_avro

UUID = uuid.UUID("12345678-1234-5678-1234-567812345678")
TIMESTAMP = dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=dt.UTC)

SCHEMA = parse_avro(
    json.dumps(
        {
            "type": "record",
            "name": "Any",
            "fields": [
                {"name": "nanos", "type": {"type": "long", "logicalType": "timestamp-nanos"}},
                {
                    "name": "local",
                    "type": {"type": "long", "logicalType": "local-timestamp-micros"},
                },
                {"name": "date", "type": ["null", {"type": "int", "logicalType": "date"}]},
                {"name": "time", "type": {"type": "int", "logicalType": "time-millis"}},
                {
                    "name": "wide",
                    "type": {
                        "type": "bytes",
                        "logicalType": "decimal",
                        "precision": 50,
                        "scale": 2,
                    },
                },
                {
                    "name": "id",
                    "type": {"type": "fixed", "name": "Id", "size": 16, "logicalType": "uuid"},
                },
                {
                    "name": "span",
                    "type": {
                        "type": "fixed",
                        "name": "Span",
                        "size": 12,
                        "logicalType": "duration",
                    },
                },
                {"name": "raw", "type": "bytes"},
                {"name": "float", "type": "double"},
                {"name": "symbol", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
                {
                    "name": "list",
                    "type": [
                        "null",
                        {
                            "type": "array",
                            "items": {"type": "long", "logicalType": "timestamp-millis"},
                        },
                    ],
                },
                {"name": "map", "type": ["null", {"type": "map", "values": "bytes"}]},
                {
                    "name": "record",
                    "type": [
                        "null",
                        {
                            "type": "record",
                            "name": "Inner",
                            "fields": [{"name": "raw", "type": "bytes"}],
                        },
                    ],
                },
                {"name": "union", "type": ["null", "string", "bytes"]},
            ],
        }
    )
)

_VALUES: dict[str, list[Any]] = {
    "nanos": [0, -5, 1, 2, 3, 2**62],
    "local": [TIMESTAMP.replace(tzinfo=None)] * 6,
    "date": [None, dt.date(2026, 1, 1)] * 3,
    "time": [dt.time(1, 2, 3, 4000)] * 6,
    "wide": [Decimal("123456789012345678901234567890.12"), Decimal("-0.01")] * 3,
    "id": [UUID.bytes] * 6,
    "span": [pa.MonthDayNano([1, 2, 3_000_000])] * 6,
    "raw": [b"\xff\x00", b"", b"a", b"b", b"c", b"d"],
    "float": [float("nan"), float("inf"), float("-inf"), 0.1, 1e300, -0.0],
    "symbol": ["A", "B"] * 3,
    "list": [None, [TIMESTAMP], [], [TIMESTAMP] * 2, None, [TIMESTAMP]],
    "map": [None, [("a", b"x")], [], [("b", b"y"), ("c", b"z")], None, [("d", b"")]],
    "record": [None, {"raw": b"x"}] * 3,
}

AS_JSON: list[dict[str, Any]] = [
    {
        "nanos": nanos,
        "local": "2026-01-02T03:04:05.678000",
        "date": None if n % 2 == 0 else "2026-01-01",
        "time": "01:02:03.004",
        "wide": "123456789012345678901234567890.12" if n % 2 == 0 else "-0.01",
        "id": str(UUID),
        "span": "P1M2DT0.003S",
        "raw": ["/wA=", "", "YQ==", "Yg==", "Yw==", "ZA=="][n],
        "float": ["NaN", "Infinity", "-Infinity", 0.1, 1e300, -0.0][n],
        "symbol": "AB"[n % 2],
        "list": [None, 1, 0, 2, None, 1][n],
        "map": [None, {"a": "eA=="}, {}, {"b": "eQ==", "c": "eg=="}, None, {"d": ""}][n],
        "record": None if n % 2 == 0 else {"raw": "eA=="},
        "union": [None, "s", "Ag==", "Aw==", "t", None][n],
    }
    for n, nanos in enumerate(
        [
            "1970-01-01T00:00:00.000000000Z",
            "1969-12-31T23:59:59.999999995Z",
            "1970-01-01T00:00:00.000000001Z",
            "1970-01-01T00:00:00.000000002Z",
            "1970-01-01T00:00:00.000000003Z",
            "2116-02-20T23:53:38.427387904Z",
        ]
    )
]
for _row in AS_JSON:
    if _row["list"] is not None:
        _row["list"] = ["2026-01-02T03:04:05.678Z"] * _row["list"]


def any_rows() -> pa.RecordBatch:
    """Return the six rows."""
    columns = {
        field.name: pa.array(_VALUES[field.name], field.type)
        for field in arrow_schema(SCHEMA.root)
        if field.name not in ("symbol", "union")
    }
    columns["symbol"] = pa.array(_VALUES["symbol"]).dictionary_encode()
    columns["union"] = pa.UnionArray.from_dense(
        pa.array([0, 1, 2, 2, 1, 0], pa.int8()),
        pa.array([0, 0, 0, 1, 1, 1], pa.int32()),
        [pa.nulls(2), pa.array(["s", "t"]), pa.array([b"\x02", b"\x03"])],
    )
    names = [f.name for f in SCHEMA.root.fields]
    return pa.RecordBatch.from_arrays([columns[name] for name in names], names=names)
