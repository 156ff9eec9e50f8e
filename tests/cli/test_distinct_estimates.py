"""Number of distinct values: exact, expected, or counted in measured rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from gerador.avro.load import parse_avro
from gerador.cli.distinct_estimates import (
    DistinctCount,
    count_distinct,
    distinct_from_declaration,
    distinct_from_shares,
)
from gerador.events.rows import StreamRows
from gerador.scenario.stream_spec import StreamSpec
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate
from gerador.values.choice import (
    BooleanGenerator,
    ChoiceGenerator,
    ConstantGenerator,
    EnumSymbolGenerator,
    JointChoiceGenerator,
)
from gerador.values.counters import RoundRobinGenerator, SequenceGenerator
from gerador.values.distributions.normal import NormalDistribution
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.distributions.zipf import ZipfDistribution
from gerador.values.text import TextGenerator
from gerador.values.uuids import UuidGenerator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values import AnyGenerator

ENUM: Mapping[str, Any] = {"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}


def spec(declared: AnyGenerator, kind: Any, rows: int | None = None) -> StreamSpec:
    """Return a stream with one field."""
    wanted = ["null", kind] if declared.can_be_null() else kind
    record = {"type": "record", "name": "R", "fields": [{"name": "x", "type": wanted}]}
    schema = parse_avro(json.dumps(record))
    return StreamSpec(name="s", topic="s", schema=schema, fields={"x": declared}, rows=rows)


def estimate(
    declared: AnyGenerator, kind: Any, rows: int | None, nulls: float = 0.0
) -> tuple[int, str] | None:
    """Return the estimate from the declaration of a field."""
    avro_type = spec(declared, kind, rows).schema.root.fields[0].type
    value = getattr(avro_type, "value", avro_type)
    found = distinct_from_declaration(declared, value, rows, nulls)
    return None if found is None else tuple(found)


@pytest.mark.parametrize(
    ("declared", "kind", "rows", "nulls", "wanted"),
    [
        (UniformDistribution(min=1, max=1_000), "int", 1_000, 0, (632, "expected")),
        (UniformDistribution(min=1, max=1_000), "int", 1_000, 0.5, (394, "expected")),
        (UniformDistribution(min=1, max=1_000), "int", 1_000_000, 0, (1_000, "exact")),
        (UniformDistribution(min=1, max=1_000), "int", None, 0, (1_000, "exact")),
        (UniformDistribution(min=1, max=1_000), "int", 1, 0, (1, "exact")),
        (UniformDistribution(min=1, max=1_000, unique=True), "int", 900, 0, (900, "exact")),
        (UniformDistribution(min=1, max=1_000, unique=True), "int", 900, 0.1, (810, "expected")),
        (UniformDistribution(min=1, max=UniformDistribution(min=2, max=9)), "int", 9, 0, None),
        (UuidGenerator(), "string", 10**9, 0, (10**9, "exact")),
        (SequenceGenerator(), "long", 50, 0, (50, "exact")),
        (RoundRobinGenerator(count=7), "long", 50, 0, (7, "exact")),
        (RoundRobinGenerator(count=7), "long", 14, 0.5, (5, "expected")),
        (ConstantGenerator(value=1), "long", 50, 0, (1, "exact")),
        (BooleanGenerator(true_share=0), "boolean", 50, 0, (1, "exact")),
        (BooleanGenerator(true_share=0.01), "boolean", 69, 0, (2, "expected")),
        (EnumSymbolGenerator(), ENUM, 1_000, 0, (3, "exact")),
        (ChoiceGenerator(values=["a", "a", "b", None]), "string", 1_000, 0, (2, "exact")),
        (
            ChoiceGenerator(values=["a", "b", "c"], weights=[1, 1, 0]),
            "string",
            None,
            0,
            (2, "exact"),
        ),
        (ChoiceGenerator(values=["a", "b"], weights=[1, 1e6]), "string", 1_000, 0, (1, "expected")),
        (JointChoiceGenerator(values=[1, 2, 2, None]), "int", 1_000, 0, (2, "exact")),
        (ChoiceGenerator(values=[1, 2, 3, None], unique=True), "int", 4, 0, (3, "exact")),
        (ChoiceGenerator(values=[1, 2, 3, None], unique=True), "int", 2, 0, (2, "expected")),
        (ChoiceGenerator(values=list(range(65_536))), "int", 10**7, 0, (65_536, "exact")),
        (ZipfDistribution(exponent=1, max=1_000), "int", 1_000, 0, (334, "expected")),
        (ZipfDistribution(exponent=1, max=10**7), "int", 1_000, 0, None),
        (NormalDistribution(), "double", 1_000, 0, None),
        (TextGenerator(), "string", 1_000, 0, None),
    ],
)
def test_distinct_values_from_the_declaration(
    declared: AnyGenerator,
    kind: Any,
    rows: int | None,
    nulls: float,
    wanted: tuple[int, str] | None,
):
    """K (1 - (1 - 1/k) ** n) for equally likely values, otherwise the sum by weights."""
    assert estimate(declared, kind, rows, nulls) == wanted


@pytest.mark.parametrize(
    "declared",
    [
        UniformDistribution(min=1, max=5_000),
        ChoiceGenerator(values=list(range(900)), weights=[1 / (k + 1) for k in range(900)]),
        ZipfDistribution(exponent=1.2, max=3_000),
    ],
)
def test_rows_have_the_expected_number(declared: AnyGenerator):
    """Rows have about as many distinct values as estimated."""
    rows = 4_000
    made = StreamRows(spec(declared, "int", rows), 5, Schedule.starting(0, constant_rate(1_000)))
    found = len(made.rows(0, rows)["x"].unique())
    number, how = estimate(declared, "int", rows) or (0, "")
    assert how == "expected"
    # The number that comes varies less than a Poisson count of the mean does.
    assert abs(found - number) < 4 * number**0.5


def test_counted_values_are_a_lower_bound():
    """Without all rows of the stream the count is a lower bound; nulls do not count."""
    column = pa.array([1, 2, 2, None])
    assert count_distinct(column, whole=False) == DistinctCount(2, "at_least")
    assert count_distinct(column, whole=True) == DistinctCount(2, "exact")
    assert count_distinct(pa.array([[1], [1], None]), whole=True).number == 1


def test_shares_may_sum_to_less_than_one():
    """Shares that sum to less than 1 are not normalized."""
    assert distinct_from_shares([0.5], 1, 0.0) == DistinctCount(0, "expected")
    assert distinct_from_shares([1.0], 1, 0.0) == DistinctCount(1, "exact")
