"""How many different values a plan tells of: exact where they are, else the mean of what comes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from gerador.cli.plan_distinct import Distinct, counted, distinct_by_law, drawn_by
from gerador.events.pace import rate
from gerador.events.rows import StreamRows
from gerador.events.schedule import Schedule
from gerador.scenario.avro import parse_avro
from gerador.scenario.fields import (
    BooleanField,
    ChoiceField,
    ConstantField,
    FieldSpec,
    NormalField,
    SequenceField,
    SymbolField,
    TextField,
    TogetherField,
    TurnsField,
    UniformField,
    UuidField,
    ZipfField,
)
from gerador.scenario.model import StreamSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

ENUM: Mapping[str, Any] = {"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}


def spec(declared: FieldSpec, kind: Any, rows: int | None = None) -> StreamSpec:
    """Return a stream with one field."""
    wanted = ["null", kind] if declared.gives_null() else kind
    record = {"type": "record", "name": "R", "fields": [{"name": "x", "type": wanted}]}
    schema = parse_avro(json.dumps(record))
    return StreamSpec(name="s", topic="s", schema=schema, fields={"x": declared}, rows=rows)


def told(
    declared: FieldSpec, kind: Any, rows: int | None, nulls: float = 0.0
) -> tuple[int, str] | None:
    """Return what is told of a field's values."""
    avro_type = spec(declared, kind, rows).schema.root.fields[0].type
    value = getattr(avro_type, "value", avro_type)
    found = distinct_by_law(declared, value, rows, nulls)
    return None if found is None else tuple(found)


@pytest.mark.parametrize(
    ("declared", "kind", "rows", "nulls", "wanted"),
    [
        (UniformField(min=1, max=1_000), "int", 1_000, 0, (632, "expected")),
        (UniformField(min=1, max=1_000), "int", 1_000, 0.5, (394, "expected")),
        (UniformField(min=1, max=1_000), "int", 1_000_000, 0, (1_000, "exact")),
        (UniformField(min=1, max=1_000), "int", None, 0, (1_000, "exact")),
        (UniformField(min=1, max=1_000), "int", 1, 0, (1, "exact")),
        (UniformField(min=1, max=1_000, unique=True), "int", 900, 0, (900, "exact")),
        (UniformField(min=1, max=1_000, unique=True), "int", 900, 0.1, (810, "expected")),
        (UniformField(min=1, max=UniformField(min=2, max=9)), "int", 9, 0, None),
        (UuidField(), "string", 10**9, 0, (10**9, "exact")),
        (SequenceField(), "long", 50, 0, (50, "exact")),
        (TurnsField(of=7), "long", 50, 0, (7, "exact")),
        (TurnsField(of=7), "long", 14, 0.5, (5, "expected")),
        (ConstantField(value=1), "long", 50, 0, (1, "exact")),
        (BooleanField(true_share=0), "boolean", 50, 0, (1, "exact")),
        (BooleanField(true_share=0.01), "boolean", 69, 0, (2, "expected")),
        (SymbolField(), ENUM, 1_000, 0, (3, "exact")),
        (ChoiceField(values=["a", "a", "b", None]), "string", 1_000, 0, (2, "exact")),
        (ChoiceField(values=["a", "b", "c"], weights=[1, 1, 0]), "string", None, 0, (2, "exact")),
        (ChoiceField(values=["a", "b"], weights=[1, 1e6]), "string", 1_000, 0, (1, "expected")),
        (TogetherField(values=[1, 2, 2, None]), "int", 1_000, 0, (2, "exact")),
        (ChoiceField(values=[1, 2, 3, None], unique=True), "int", 4, 0, (3, "exact")),
        (ChoiceField(values=[1, 2, 3, None], unique=True), "int", 2, 0, (2, "expected")),
        (ChoiceField(values=list(range(65_536))), "int", 10**7, 0, (65_536, "exact")),
        (ZipfField(exponent=1, max=1_000), "int", 1_000, 0, (334, "expected")),
        (ZipfField(exponent=1, max=10**7), "int", 1_000, 0, None),
        (NormalField(), "double", 1_000, 0, None),
        (TextField(), "string", 1_000, 0, None),
    ],
)
def test_what_comes_is_told(
    declared: FieldSpec, kind: Any, rows: int | None, nulls: float, wanted: tuple[int, str] | None
):
    """K (1 - (1 - 1/k) ** n) of equally likely values, the sum by weights; exact where it is."""
    assert told(declared, kind, rows, nulls) == wanted


@pytest.mark.parametrize(
    "declared",
    [
        UniformField(min=1, max=5_000),
        ChoiceField(values=list(range(900)), weights=[1 / (k + 1) for k in range(900)]),
        ZipfField(exponent=1.2, max=3_000),
    ],
)
def test_what_is_expected_comes(declared: FieldSpec):
    """Rows have about as many different values as the plan tells."""
    rows = 4_000
    made = StreamRows(spec(declared, "int", rows), 5, Schedule.starting(0, rate(1_000)))
    found = len(made.rows(0, rows)["x"].unique())
    number, how = told(declared, "int", rows) or (0, "")
    assert how == "expected"
    # The number that comes varies less than a Poisson count of the mean does.
    assert abs(found - number) < 4 * number**0.5


def test_what_is_counted_is_the_least():
    """Of rows that are not all of the stream others may follow; nulls do not count."""
    column = pa.array([1, 2, 2, None])
    assert counted(column, whole=False) == Distinct(2, "least")
    assert counted(column, whole=True) == Distinct(2, "exact")
    assert counted(pa.array([[1], [1], None]), whole=True).number == 1


def test_shares_that_leave_room_are_those_of_nulls():
    """What is missing from 1 never comes."""
    assert drawn_by([0.5], 1, 0.0) == Distinct(0, "expected")
    assert drawn_by([1.0], 1, 0.0) == Distinct(1, "exact")
