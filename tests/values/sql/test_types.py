"""Every Avro type on its way into an SQL expression and out of it has the right value."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from gerador.avro.load import parse_avro
from gerador.errors import DataError, SettingError
from gerador.values.counters import SequenceGenerator
from gerador.values.sql.generator import SqlGenerator, sql_avro_type
from tests.values.generated_streams import spec, tables

ID = "84a6c579-ca12-40b4-8019-6ae344289dd3"
UUID_FIXED = {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}
NOON = "timestamptz '2026-01-01 12:00:00.123456+00'"
NOON_NS = 1_767_268_800_123_456_789


def logical(name: str, base: str = "long") -> dict[str, Any]:
    """Return a logical type."""
    return {"type": base, "logicalType": name}


def decimal(precision: int, scale: int) -> dict[str, Any]:
    """Return a decimal type."""
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def column(source: str, source_type: Any, text: str, result_type: Any) -> pa.Array:
    """Return `text`, of a field `e` that has the value of `source`."""
    kinds = {"n": "long", "e": source_type, "v": result_type}
    fields = {
        "n": SequenceGenerator(start=0),
        "e": SqlGenerator(text=source),
        "v": SqlGenerator(text=text, null=0.0 if isinstance(result_type, list) else None),
    }
    found = tables(spec("s", kinds, fields)).rows_of("s").rows(0, 3)
    found.validate(full=True)
    return found["v"]


@pytest.mark.parametrize("unit", ["millis", "micros", "nanos"])
@pytest.mark.parametrize(
    ("text", "kind", "wanted"),
    [
        ("strftime(e AT TIME ZONE 'America/Sao_Paulo', '%H:%M')", "string", "09:00"),
        ("hour(e)", "long", 12),
        ("strftime(e, '%d %H:%M')", "string", "01 12:00"),
        ("e::DATE", logical("date", "int"), date(2026, 1, 1)),
        ("epoch_ms(e)", "long", NOON_NS // 1_000_000),
        (
            "date_trunc('day', e)",
            logical("timestamp-millis"),
            datetime(2026, 1, 1, tzinfo=UTC),
        ),
        (
            "e + interval 1 hour",
            logical("timestamp-millis"),
            datetime(2026, 1, 1, 13, 0, 0, 123_000, tzinfo=UTC),
        ),
        (
            "e AT TIME ZONE 'America/Sao_Paulo'",
            logical("local-timestamp-millis"),
            datetime(2026, 1, 1, 9, 0, 0, 123_000),  # noqa: DTZ001 - a local time
        ),
    ],
)
def test_instants_have_a_time_zone(unit: str, text: str, kind: Any, wanted: Any):
    """An instant is a TIMESTAMPTZ in a session in UTC: AT TIME ZONE gives the local time there."""
    assert column(NOON, logical(f"timestamp-{unit}"), text, kind).to_pylist() == [wanted] * 3


def test_instants_inside_lists_have_a_time_zone():
    """The same holds inside arrays, maps and records."""
    at = logical("timestamp-millis")
    text = "strftime(e[1] AT TIME ZONE 'America/Sao_Paulo', '%H:%M')"
    found = column(f"[{NOON}]", {"type": "array", "items": at}, text, "string")
    assert found.to_pylist() == ["09:00"] * 3


@pytest.mark.parametrize(
    ("text", "kind", "wanted"),
    [
        ("e", logical("timestamp-nanos"), NOON_NS),
        ("epoch_ns(e)", "long", NOON_NS),
        ("[e][1]", logical("timestamp-nanos"), NOON_NS),
        ("e", logical("timestamp-micros"), NOON_NS // 1_000),
        ("e::TIMESTAMPTZ", logical("timestamp-micros"), NOON_NS // 1_000),
    ],
)
def test_instants_of_nanoseconds_are_exact(text: str, kind: Any, wanted: int):
    """Alone, instants of nanoseconds keep them."""
    source = "timestamp_ns '2026-01-01 12:00:00.123456789'"
    found = column(source, logical("timestamp-nanos"), text, kind)
    assert found.cast(pa.int64()).to_pylist() == [wanted] * 3


def test_instants_of_several_units_are_compared():
    """Next to other instants, those of nanoseconds have microseconds."""
    kinds = {"a": logical("timestamp-nanos"), "b": logical("timestamp-millis"), "v": "boolean"}
    fields = {"a": NOON, "b": "timestamptz '2026-01-01 12:00:00+00'", "v": "a > b"}
    made = spec("s", kinds, {name: SqlGenerator(text=text) for name, text in fields.items()})
    assert tables(made).rows_of("s").rows(0, 1)["v"].to_pylist() == [True]


@pytest.mark.parametrize(
    ("source", "kind", "text", "result", "wanted"),
    [
        ("date '1969-12-31'", logical("date", "int"), "e + 1", None, date(1970, 1, 1)),
        ("date '2026-01-31'", logical("date", "int"), "e::VARCHAR", "string", "2026-01-31"),
        ("time '23:59:59.999'", logical("time-millis", "int"), "e", None, time(23, 59, 59, 999000)),
        ("time '10:00:00.000001'", logical("time-micros"), "e::VARCHAR", "string",
         "10:00:00.000001"),
        ("time '10:00'", logical("time-micros"), "e + interval 1 hour", None, time(11)),
        ("timestamp '2026-01-01 12:00'", logical("local-timestamp-millis"),
         "e AT TIME ZONE 'America/Sao_Paulo'", logical("timestamp-millis"),
         datetime(2026, 1, 1, 15, tzinfo=UTC)),
        ("timestamp '2026-01-01 12:00'", logical("local-timestamp-micros"), "e::VARCHAR", "string",
         "2026-01-01 12:00:00"),
        ("timestamp '2026-01-01 12:00'", logical("local-timestamp-nanos"), "e", None,
         datetime(2026, 1, 1, 12)),  # noqa: DTZ001 - a local time
        ("1.10", decimal(10, 2), "e * 3", None, Decimal("3.30")),
        ("-1.10", decimal(38, 10), "e::VARCHAR", "string", "-1.1000000000"),
        ("7", decimal(4, 2), "e", None, Decimal("7.00")),
        ("7::HUGEINT", decimal(4, 2), "e", None, Decimal("7.00")),
        ("1", "int", "e", decimal(50, 2), Decimal("1.00")),
        (f"uuid '{ID}'", logical("uuid", "string"), "upper(e)", "string", ID.upper()),
        (f"uuid '{ID}'", logical("uuid", "string"), f"e = '{ID}'", "boolean", True),
        (f"uuid '{ID}'", UUID_FIXED, "e", None, uuid.UUID(ID)),
        (f"'{ID}'", UUID_FIXED, "e::VARCHAR", "string", ID),
        (f"uuid '{ID}'", UUID_FIXED, f"e = '{ID}'", "boolean", True),
        ("interval '1 month 2 days 3 seconds'",
         {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"},
         "timestamptz '2026-01-01 00:00:00+00' + e", logical("timestamp-millis"),
         datetime(2026, 2, 3, 0, 0, 3, tzinfo=UTC)),
        ("'\\x00\\xFF'::BLOB", "bytes", "hex(e)", "string", "00FF"),
        ("'\\x00\\xFF'::BLOB", "bytes", "e", None, b"\x00\xff"),
        ("'\\x00\\xFF'::BLOB", {"type": "fixed", "name": "F", "size": 2}, "e", None, b"\x00\xff"),
        ("'\\x00\\xFF'::BLOB", {"type": "fixed", "name": "F", "size": 2}, "octet_length(e)", "long",
         2),
        ("'b'", {"type": "enum", "name": "E", "symbols": ["b", "a"]}, "e || '!'", "string", "b!"),
        ("['a']", {"type": "array", "items": {"type": "enum", "name": "E", "symbols": ["b", "a"]}},
         "e", None, ["a"]),
        ("0.1", "float", "e::VARCHAR", "string", "0.1"),
        ("true", "boolean", "NOT e", None, False),
    ],
)  # fmt: skip
def test_values_of_every_type(source: str, kind: Any, text: str, result: Any, wanted: Any):
    """A value is read, and a result is written, as the type says; None: the type of the field."""
    same = json.loads(json.dumps(kind).replace('"name": "', '"name": "Same'))
    values = column(source, kind, text, same if result is None else result).to_pylist()
    if isinstance(wanted, uuid.UUID):
        wanted = wanted.bytes
    elif isinstance(wanted, datetime):
        values = [value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
                  for value in values]  # fmt: skip
    assert values == [wanted] * 3


def test_times_lose_precision_downwards():
    """Also before 1970, a coarser unit has the time before."""
    found = column("timestamptz '1969-12-31 23:59:59.999999+00'", logical("timestamp-micros"), "e",
                   logical("timestamp-millis"))  # fmt: skip
    assert found.cast(pa.int64()).to_pylist() == [-1] * 3


@pytest.mark.parametrize("text", ["timestamptz '2500-01-01 00:00:00+00'", "date '2500-01-01'"])
def test_a_time_out_of_range_is_rejected(text: str):
    """Nanoseconds end in 2262: a later time is an error, not another time."""
    with pytest.raises(DataError, match="field 'e': cannot cast"):
        column(text, logical("timestamp-nanos"), "1", "int")


@pytest.mark.parametrize(
    ("source", "kind", "text", "result", "message"),
    [
        ("1", decimal(50, 2), "e", decimal(50, 2), "'e' has decimals of 50 digits; SQL has at mo"),
        ("1", "int", "'10:00+02'::TIMETZ", logical("time-millis", "int"), "offset would be lost"),
        ("1", "int", "['10:00+02'::TIMETZ]",
         {"type": "array", "items": logical("time-millis", "int")}, "offset would be lost"),
        ("1", "int", "'101'::BIT", "bytes", "the value is BIT: Arrow has no such type"),
        ("1", "int", "1::BIGNUM", "bytes", "the value is BIGNUM: Arrow has no such type"),
    ],
)  # fmt: skip
def test_types_that_have_no_right_value_are_rejected(
    source: str, kind: Any, text: str, result: Any, message: str
):
    """The error has the type, before a row is generated."""
    with pytest.raises(SettingError) as error:
        column(source, kind, text, result)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ms", "timestamp-micros"),
        ("ns", "timestamp-nanos"),
        ("ns + interval 1 hour", "timestamp-micros"),
        ("ms AT TIME ZONE 'America/Sao_Paulo'", "local-timestamp-micros"),
        ("ns AT TIME ZONE 'America/Sao_Paulo'", "local-timestamp-micros"),
        ("local", "local-timestamp-millis"),
        ("local AT TIME ZONE 'America/Sao_Paulo'", "timestamp-micros"),
        ("make_timestamp(2026, 1, 1, 0, 0, 0)", "local-timestamp-micros"),
    ],
)
def test_derived_types_of_times(text: str, wanted: str):
    """A time with a zone derives an instant, one without a zone a local timestamp."""
    kinds = {"ms": "timestamp-millis", "ns": "timestamp-nanos", "local": "local-timestamp-millis"}
    fields = [{"name": name, "type": logical(kind)} for name, kind in kinds.items()]
    record = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields})).root
    assert sql_avro_type(text, record) == logical(wanted)
