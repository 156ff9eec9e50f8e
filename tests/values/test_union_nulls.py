"""Nulls in unions of more than two types: shares, and values that SQL and plugins compute."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import fastavro
import pyarrow as pa
import pytest

import gerador
from gerador.cli.stream_estimates import estimate_streams
from gerador.errors import DataError, ScenarioError
from gerador.scenario.load import load_plan
from gerador.values.casting import cast_to
from tests.values.generated_rows import assert_share

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = 40_000
REC = {"type": "record", "name": "ns.Rec", "fields": [{"name": "lat", "type": "double"}]}
SCHEMA = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "n", "type": "long"},
        {"name": "u", "type": ["string", "null", "long", REC]},
        {"name": "plain", "type": ["int", "string"]},
    ],
}


def stream(folder: Path, fields: str) -> gerador.Stream:
    """Return the stream of the schema."""
    (folder / "r.avsc").write_text(json.dumps(SCHEMA))
    file = folder / "s.yaml"
    text = f"seed: 1\nstreams:\n  s:\n    schema: r.avsc\n    fields: {{n: sequence, {fields}}}\n"
    file.write_text(text)
    return gerador.streams(file)["s"]


def decoded(found: gerador.Stream, rows: int = ROWS) -> list[dict[str, Any]]:
    """Return rows as fastavro decodes them."""
    schema = fastavro.parse_schema(json.loads(found.spec.schema.json))
    datums = [io.BytesIO(bytes(d)) for d in found.encode(0, rows)]
    return [fastavro.schemaless_reader(d, schema, None) for d in datums]


@pytest.mark.parametrize(
    "value",
    [
        "{union: {null: 40%}}",
        "{null: 40%, else: union}",
        "{choice: [x, 3], null: 40%}",
        "{constant: x, null: 40%}",
        '{sql: "n + 1", null: 40%}',
    ],
)
def test_share_of_nulls(tmp_path: Path, value: str):
    """Every generator has the declared share of nulls in the null branch, and none without."""
    rows = decoded(stream(tmp_path, f"u: {value}"))
    assert_share(sum(row["u"] is None for row in rows), ROWS, 0.4)
    none = decoded(stream(tmp_path, f"u: {value.replace('40%', '0%')}"))
    assert all(row["u"] is not None for row in none)
    # Where a value is not null, it is the one without nulls.
    assert all(a["u"] in (None, b["u"]) for a, b in zip(rows, none, strict=True))


def test_weights_are_those_of_the_other_branches(tmp_path: Path):
    """With a share of nulls, the weights are those of the branches that are not null."""
    rows = decoded(stream(tmp_path, "u: {null: 40%, else: {union: {weights: [3, 1, 0]}}}"))
    assert_share(sum(row["u"] is None for row in rows), ROWS, 0.4)
    assert_share(sum(isinstance(row["u"], str) for row in rows), ROWS, 0.6 * 0.75)
    assert not any(isinstance(row["u"], dict) for row in rows)


def test_derived_union_with_nulls(tmp_path: Path):
    """The same in a derived schema, whose union gets a branch for the nulls."""
    file = tmp_path / "s.yaml"
    value = "{null: 40%, else: {union: [{constant: x}, {constant: 3}], weights: [3, 1]}}"
    file.write_text(f"seed: 1\nstreams:\n  s:\n    fields: {{u: {value}}}\n")
    found = gerador.streams(file)["s"]
    assert json.loads(found.spec.schema.json)["fields"][0]["type"] == ["null", "string", "long"]
    rows = decoded(found)
    assert_share(sum(row["u"] is None for row in rows), ROWS, 0.4)
    assert_share(sum(row["u"] == "x" for row in rows), ROWS, 0.6 * 0.75)


SQL_VALUES: dict[str, Callable[[int], Any]] = {
    "CASE WHEN n % 2 = 0 THEN 'x' END": lambda n: None if n % 2 else "x",
    "CASE WHEN n % 2 = 0 THEN n END": lambda n: None if n % 2 else n,
    "n::INTEGER": lambda n: n,
    "CASE WHEN n % 2 = 0 THEN {'lat': n + 0.5} END": lambda n: None if n % 2 else {"lat": n + 0.5},
    "CASE n % 3 WHEN 0 THEN union_value(a := 'x')::UNION(a VARCHAR, b BIGINT) "
    "WHEN 1 THEN union_value(b := n) END": lambda n: ("x", n, None)[n % 3],
    "NULL": lambda _: None,
}


@pytest.mark.parametrize("text", SQL_VALUES)
def test_sql(tmp_path: Path, text: str):
    """A value takes the branch of its type, NULL the null branch."""
    found = decoded(stream(tmp_path, f'u: {{sql: "{text}"}}'), 20_000)
    assert [row["u"] for row in found] == [SQL_VALUES[text](n) for n in range(20_000)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("u: {sql: n > 1}", "'u': bool is none of the types of the union: string, null, long, "),
        ("plain: {sql: \"CASE WHEN n > 1 THEN 'x' END\"}", "'plain', row 0: null in a field that"),
    ],
)
def test_values_without_a_branch(tmp_path: Path, fields: str, message: str):
    """A value of another type is an error, and NULL is one in a union without null."""
    with pytest.raises(DataError, match=re.escape(message)):
        stream(tmp_path, fields).rows(0, 4)


def test_shares_need_a_null_branch(tmp_path: Path):
    """A share of nulls is rejected in a union without null."""
    with pytest.raises(ScenarioError, match="share of nulls on a type that is not nullable"):
        stream(tmp_path, "plain: {union: {null: 5%}}")


def test_weights_of_the_wrong_number_name_the_branches(tmp_path: Path):
    """The message names the branches that have a weight."""
    with pytest.raises(ScenarioError, match=r"1 weights for 3 branches: string, long, ns\.Rec"):
        stream(tmp_path, "u: {null: 40%, else: {union: {weights: [1]}}}")


def test_unions_inside_computed_values():
    """Values inside lists and structs of plugins and SQL take the branch of their type, too."""
    union = pa.dense_union([pa.field("null", pa.null()), pa.field("long", pa.int64())])
    values = pa.array([{"a": [1, None]}, {"a": []}, {"a": [3]}])
    wanted = pa.struct([("a", pa.list_(union))])
    assert cast_to(values, wanted).to_pylist() == values.to_pylist()


def test_check_counts_the_null_branch(tmp_path: Path):
    """`gerador check` shows the share of the null branch of a union."""
    stream(tmp_path, "u: {sql: \"CASE WHEN n % 2 = 0 THEN 'x' END\"}")
    (estimate,) = estimate_streams(load_plan(str(tmp_path / "s.yaml"), {}))
    assert {f.name: f.nulls for f in estimate.fields} == {"n": 0, "u": 0.5, "plain": 0}
