"""Random Avro schemas, values that fit them, their Arrow columns, and their form in fastavro.

A value is in its plain form here (an integer for every date and time, an unscaled
integer for a decimal, ``(branch, value)`` in a union), so that it has one Arrow form and one
decoded form, each built here without the code under test.
"""

from __future__ import annotations

import json
import struct
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from gerador.avro.arrow_types import arrow_schema, arrow_type
from gerador.avro.load import parse_avro
from gerador.avro.schema import (
    Array,
    AvroSchema,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

INT = st.integers(-(2**31), 2**31 - 1)
LONG = st.integers(-(2**63), 2**63 - 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS_US = st.integers(-62_000_000_000_000_000, 250_000_000_000_000_000)  # years 6 to 9891
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
LOGICALS = [
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "time-micros"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "long", "logicalType": "timestamp-nanos"},
    {"type": "long", "logicalType": "local-timestamp-millis"},
    {"type": "long", "logicalType": "local-timestamp-micros"},
    {"type": "long", "logicalType": "local-timestamp-nanos"},
    {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2},
    {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 10},
    {"type": "bytes", "logicalType": "decimal", "precision": 60, "scale": 0},
    {"type": "string", "logicalType": "unknown"},
]
FIXED = [
    {"size": 0},
    {"size": 1},
    {"size": 20},
    {"size": 16, "logicalType": "uuid"},
    {"size": 12, "logicalType": "duration"},
    {"size": 3, "logicalType": "decimal", "precision": 6, "scale": 1},
    {"size": 16, "logicalType": "decimal", "precision": 38, "scale": 0},
    {"size": 40, "logicalType": "decimal", "precision": 76, "scale": 76},
]


class Case(NamedTuple):
    """A schema with rows that fit it: plain values, a tuple a row."""

    schema: AvroSchema
    rows: list[tuple[Any, ...]]


class _Names:
    def __init__(self) -> None:
        self.used = 0

    def next(self) -> str:
        self.used += 1
        return f"n{self.used}"


@st.composite
def cases(draw: st.DrawFn, max_rows: int = 12) -> Case:
    """Draw a schema and some rows of it."""
    declared = draw(_record(_Names(), 3))
    schema = parse_avro(json.dumps(declared))
    row = st.tuples(*(plain(f.type) for f in schema.root.fields))
    return Case(schema, draw(st.lists(row, max_size=max_rows)))


@st.composite
def _record(draw: st.DrawFn, names: _Names, depth: int) -> dict[str, Any]:
    count = draw(st.integers(0 if depth < 3 else 1, 5))
    name = names.next()
    fields = [{"name": f"f{i}", "type": draw(_type(names, depth - 1))} for i in range(count)]
    return {"type": "record", "name": name, "fields": fields}


@st.composite
def _type(draw: st.DrawFn, names: _Names, depth: int) -> Any:
    choices = ["primitive", "logical", "fixed", "enum", "nullable"]
    choices += ["array", "map", "record", "union"] * (depth > 0)
    match draw(st.sampled_from(choices)):
        case "primitive":
            return draw(st.sampled_from(PRIMITIVES))
        case "logical":
            return draw(st.sampled_from(LOGICALS))
        case "fixed":
            return {"type": "fixed", "name": names.next(), **draw(st.sampled_from(FIXED))}
        case "enum":
            count = draw(st.integers(1, 70))
            return {
                "type": "enum",
                "name": names.next(),
                "symbols": [f"S{i}" for i in range(count)],
            }
        case "nullable":
            other = draw(_type(names, depth - 1).filter(_may_be_null))
            return ["null", other] if draw(st.booleans()) else [other, "null"]
        case "array":
            return {"type": "array", "items": draw(_type(names, depth - 1))}
        case "map":
            return {"type": "map", "values": draw(_type(names, depth - 1))}
        case "record":
            return draw(_record(names, depth - 1))
        case _:
            return draw(_union(names, depth - 1))


@st.composite
def _union(draw: st.DrawFn, names: _Names, depth: int) -> list[Any]:
    branches = draw(
        st.lists(
            _type(names, depth).filter(lambda t: not isinstance(t, list)),
            min_size=1,
            max_size=5,
            unique_by=_branch_key,
        )
    )
    return [*branches, "null"] if len(branches) == 1 and branches != ["null"] else branches


def _may_be_null(node: Any) -> bool:
    return node != "null" and not isinstance(node, list)


def _branch_key(node: Any) -> str:
    kind = node if isinstance(node, str) else node["type"]
    return str(node["name"]) if kind in {"fixed", "enum", "record"} else str(kind)


def plain(avro_type: AvroType) -> st.SearchStrategy[Any]:
    """Return a strategy of plain values of a type."""
    match avro_type:
        case Enum():
            return st.sampled_from(avro_type.symbols)
        case Array():
            return st.lists(plain(avro_type.items), max_size=4)
        case Map():
            return st.dictionaries(TEXT, plain(avro_type.values), max_size=4)
        case Record():
            return st.tuples(*(plain(f.type) for f in avro_type.fields))
        case Union() if avro_type.null_branch is not None:
            return st.none() | plain(avro_type.value)
        case Union():
            branches = enumerate(avro_type.branches)
            return st.one_of(*(st.tuples(st.just(i), plain(b)) for i, b in branches))
        case _:
            return _plain_scalar(avro_type)


def _plain_scalar(avro_type: Primitive | Fixed) -> st.SearchStrategy[Any]:
    logical = avro_type.logical
    size = avro_type.size if isinstance(avro_type, Fixed) else 0
    if logical is None:
        if isinstance(avro_type, Fixed):
            return st.binary(min_size=size, max_size=size)
        return _PLAIN[avro_type.name]
    match logical.name:
        case "decimal":
            limit = 10**logical.precision - 1
            edges = st.sampled_from([0, -1, 127, 128, -128, -129, limit, -limit])
            return st.integers(-limit, limit) | edges.filter(lambda v: abs(v) <= limit)
        case "uuid":
            return st.uuids().map(lambda u: u.bytes if size else str(u))
        case "duration":
            month_or_day = st.integers(0, 2**31 - 1)
            return st.tuples(month_or_day, month_or_day, st.integers(0, 2**32 - 1))
        case name:
            return _PLAIN[name]


_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": INT,
    "long": LONG,
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "bytes": st.binary(max_size=40),
    "string": TEXT,
    "date": st.integers(-700_000, 2_900_000),
    "time-millis": st.integers(0, 86_399_999),
    "time-micros": st.integers(0, 86_399_999_999),
    "timestamp-millis": YEARS_US.map(lambda us: us // 1000),
    "timestamp-micros": YEARS_US,
    "timestamp-nanos": LONG,
    "local-timestamp-millis": YEARS_US.map(lambda us: us // 1000),
    "local-timestamp-micros": YEARS_US,
    "local-timestamp-nanos": LONG,
}


def record_batch(case: Case) -> pa.RecordBatch:
    """Return the rows as Arrow columns."""
    fields = case.schema.root.fields
    columns = [column(f.type, [row[i] for row in case.rows]) for i, f in enumerate(fields)]
    return pa.RecordBatch.from_arrays(columns, schema=arrow_schema(case.schema.root))


def column(avro_type: AvroType, values: Sequence[Any]) -> pa.Array:
    """Return plain values as an Arrow array of the type that is declared for them."""
    kind = arrow_type(avro_type)
    missing = np.array([v is None for v in values], bool)
    match avro_type:
        case Union() if avro_type.null_branch is not None:
            return _nullable(avro_type.value, values)
        case Union():
            return _dense_union(avro_type, kind, values)
        case Array():
            items = column(avro_type.items, [item for v in values for item in v])
            return pa.ListArray.from_arrays(_offsets(values), items, type=kind)
        case Map():
            keys = pa.array([k for v in values for k in v], pa.string())
            found = column(avro_type.values, [x for v in values for x in v.values()])
            return pa.MapArray.from_arrays(_offsets(values), keys, found, type=kind)
        case Record():
            if not avro_type.fields:
                return pa.array([{}] * len(values), kind)
            parts = [column(f.type, [v[i] for v in values]) for i, f in enumerate(avro_type.fields)]
            return pa.StructArray.from_arrays(parts, fields=list(kind))
        case _:
            return _scalar_column(avro_type, kind, values, missing)


def _nullable(value: AvroType, values: Sequence[Any]) -> pa.Array:
    """Return the values with nulls between them, for any type."""
    present = column(value, [v for v in values if v is not None])
    indices, at = [], 0
    for v in values:
        indices.append(None if v is None else at)
        at += v is not None
    return present.take(pa.array(indices, pa.int64()))


def _dense_union(avro_type: Union, kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    children: list[list[Any]] = [[] for _ in avro_type.branches]
    offsets = []
    for branch, value in values:
        offsets.append(len(children[branch]))
        children[branch].append(value)
    parts = [column(b, children[i]) for i, b in enumerate(avro_type.branches)]
    codes = pa.array([branch for branch, _ in values], pa.int8())
    names = [kind.field(i).name for i in range(kind.num_fields)]
    return pa.UnionArray.from_dense(codes, pa.array(offsets, pa.int32()), parts, names)


def _scalar_column(
    avro_type: Primitive | Fixed | Enum, kind: pa.DataType, values: Sequence[Any], _missing: Any
) -> pa.Array:
    if isinstance(avro_type, Enum):
        symbols = pa.array(reversed(avro_type.symbols))
        last = len(avro_type.symbols) - 1
        at = [last - avro_type.symbols.index(v) for v in values]
        return pa.DictionaryArray.from_arrays(pa.array(at, pa.int32()), symbols)
    logical = avro_type.logical
    if logical is not None and logical.name == "decimal":
        exact = Context(prec=100)
        return pa.array([Decimal(v).scaleb(-logical.scale, exact) for v in values], kind)
    if logical is not None and logical.name == "duration":
        nanos = [pa.MonthDayNano([m, d, ms * 1_000_000]) for m, d, ms in values]
        return pa.array(nanos, kind)
    if kind in (pa.date32(), pa.time32("ms")):
        return pa.array(values, pa.int32()).view(kind)
    if pa.types.is_temporal(kind):
        return pa.array(values, pa.int64()).view(kind)
    return pa.array(values, kind)


def _offsets(values: Sequence[Any]) -> pa.Array:
    return pa.array(np.cumsum([0, *map(len, values)]), pa.int32())


def decoded(avro_type: AvroType, value: Any) -> Any:
    """Return what fastavro's reader gives for a plain value."""
    match avro_type:
        case Array():
            return [decoded(avro_type.items, v) for v in value]
        case Map():
            return {k: decoded(avro_type.values, v) for k, v in value.items()}
        case Record():
            return {
                f.name: decoded(f.type, v) for f, v in zip(avro_type.fields, value, strict=True)
            }
        case Union() if avro_type.null_branch is not None:
            return None if value is None else decoded(avro_type.value, value)
        case Union():
            return decoded(avro_type.branches[value[0]], value[1])
        case Enum():
            return value
        case _:
            return _decoded_scalar(avro_type, value)


def _decoded_scalar(avro_type: Primitive | Fixed, value: Any) -> Any:
    logical = avro_type.logical
    if logical is None:
        return value
    match logical.name:
        case "decimal":
            return Decimal(value).scaleb(-logical.scale, Context(prec=100))
        case "uuid" if isinstance(avro_type, Primitive):
            return uuid.UUID(value)
        case "duration":
            return struct.pack("<III", *value)
        case "date":
            return date(1970, 1, 1) + timedelta(days=value)
        case "time-millis" | "time-micros":
            us = value * (1000 if logical.name == "time-millis" else 1)
            return (EPOCH + timedelta(microseconds=us)).time()
        case "timestamp-millis" | "local-timestamp-millis":
            at = EPOCH + timedelta(milliseconds=value)
        case "timestamp-micros" | "local-timestamp-micros":
            at = EPOCH + timedelta(microseconds=value)
        case _:
            return value
    return at.replace(tzinfo=None) if logical.name.startswith("local") else at
