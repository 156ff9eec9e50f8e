"""SQL expressions: their values and types, and what is rejected."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from gerador.avro.load import parse_avro
from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.errors import DataError, SettingError
from gerador.values.counters import SequenceGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.faker_pool import FakerGenerator
from gerador.values.sql import connection
from gerador.values.sql.generator import SqlGenerator, sql_avro_type
from tests.values.generated_streams import BOUNDARY, STAMP, assert_any_cut, columns, spec, tables

if TYPE_CHECKING:
    from gerador.avro.schema import Record

DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}
ITEM = {"type": "record", "name": "Item", "fields": [
    {"name": "sku", "type": "string"}, {"name": "preco", "type": "double"}]}  # fmt: skip
TYPES: dict[str, Any] = {
    "a": "int", "n": "long", "x": "double", "nome": "string", "note": ["null", "string"],
    "at": STAMP, "money": DECIMAL, "items": {"type": "array", "items": ITEM},
    "uf": {"type": "enum", "name": "Uf", "symbols": ["SP", "RJ"]},
    "tags": {"type": "map", "values": "int"}, "A": "int", "either": ["int", "string"],
    "eithers": {"type": "array", "items": ["int", "string"]},
}  # fmt: skip
FIELDS = {"n": SequenceGenerator(start=0), "nome": FakerGenerator(provider="name", pool_rows=50)}


def computed(text: str, kind: Any, rows: int = 60) -> tuple[list[Any], list[dict[str, Any]]]:
    """Return the values of an expression in a field of a type, and the rows."""
    made = spec(
        "s",
        {**TYPES, "v": kind},
        {**FIELDS, "v": SqlGenerator(text=text, null=0.0 if isinstance(kind, list) else None)},
    )
    found = tables(made).rows_of("s").rows(0, rows)
    found.validate(full=True)
    return found["v"].to_pylist(), found.to_pylist()


@pytest.mark.parametrize(
    ("text", "kind", "wanted"),
    [
        ("a * 2 + n", "long", lambda r: r["a"] * 2 + r["n"]),
        ("round(x / 3, 2)", "double", lambda r: pytest.approx(r["x"] / 3, abs=0.006)),
        ("upper(nome) || '!'", "string", lambda r: r["nome"].upper() + "!"),
        ("coalesce(note, 'none')", "string", lambda r: r["note"] or "none"),
        ("note", ["null", "string"], lambda r: r["note"]),
        ('"at" + interval 1 hour', STAMP, lambda r: r["at"].replace(hour=1)),
        ('"at"', STAMP, lambda r: r["at"]),
        ("money * 2", {**DECIMAL, "precision": 12}, lambda r: r["money"] * 2),
        ("len(items)", "int", lambda r: len(r["items"])),
        ("list_sum([i.preco for i in items]) IS NULL", "boolean", lambda r: not r["items"]),
        (
            "[i.sku for i in items]",
            {"type": "array", "items": "string"},
            lambda r: [i["sku"] for i in r["items"]],
        ),
        (
            "list_transform(items, lambda i: i.preco * a)",
            {"type": "array", "items": "double"},
            lambda r: [i["preco"] * r["a"] for i in r["items"]],
        ),
        ("CASE WHEN uf = 'SP' THEN 'S' ELSE 'R' END", "string", lambda r: r["uf"][0]),
        (
            "if(n % 2 = 0, 'SP', 'RJ')",
            {"type": "enum", "name": "E", "symbols": ["RJ", "SP"]},
            lambda r: "RJ" if r["n"] % 2 else "SP",
        ),
        ("tags", {"type": "map", "values": "int"}, lambda r: r["tags"]),
        (
            "{'b': n, 'a': nome}",
            {
                "type": "record",
                "name": "V",
                "fields": [{"name": "a", "type": "string"}, {"name": "b", "type": "long"}],
            },
            lambda r: {"a": r["nome"], "b": r["n"]},
        ),
        ("7", "int", lambda _: 7),
        ("n -- the number", "long", lambda r: r["n"]),
        ("n::VARCHAR::BLOB", "bytes", lambda r: str(r["n"]).encode()),
    ],
)
def test_values_of_expressions(text: str, kind: Any, wanted: Any):
    """Each row has the value of the expression over its own fields, in the field's type."""
    values, rows = computed(text, kind)
    assert values == [wanted(row) for row in rows]


def test_expressions_in_lists():
    """An expression in a list reads fields of its item, then of the row."""
    item = {**ITEM, "fields": [*ITEM["fields"], {"name": "v", "type": "double"}]}
    made = spec(
        "s",
        {"k": "int", "l": {"type": "array", "items": item}},
        {"l[].v": SqlGenerator(text="preco * k")},
    )
    for row in tables(made).rows_of("s").rows(0, 50).to_pylist():
        assert [i["v"] for i in row["l"]] == [i["preco"] * row["k"] for i in row["l"]]


def test_computed_values_encode():
    """Values computed by DuckDB encode like others."""
    made = spec(
        "s",
        {"n": "long", "v": {"type": "array", "items": "long"}},
        {"n": FIELDS["n"], "v": SqlGenerator(text="[n, n + 1]")},
    )
    encoder = AvroRowEncoder(made.schema.root)
    assert len(list(encoder.encode(tables(made).rows_of("s").rows(0, 100)))) == 100


def test_sql_does_not_depend_on_slices():
    """Any slices have the same values."""
    fields = {"v": SqlGenerator(text="a * x || nome"), **FIELDS}
    types = {n: TYPES[n] for n in ("a", "x", "nome", "n")} | {"v": "string"}
    assert_any_cut(spec("s", types, fields), name="s")


def test_threads_have_their_own_connections():
    """Several threads compute the same rows at once."""
    made = spec(
        "s", {"n": "long", "v": "long"}, {"n": SequenceGenerator(), "v": SqlGenerator(text="n * n")}
    )
    rows = tables(made).rows_of("s")
    found: list[list[int]] = []
    threads = [
        threading.Thread(
            target=lambda k=k: found.append(
                rows.rows(k * BOUNDARY, k * BOUNDARY + 9)["v"].to_pylist()
            )
        )
        for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [[(k * BOUNDARY + i) ** 2 for i in range(9)] for k in range(4)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("random()", "random(…) is not deterministic"),
        ("now()", "now(…) is not deterministic"),
        ("uuid()", "uuid(…) is not deterministic"),
        ("nextval('x')", "nextval(…) is not deterministic"),
        ("current_setting('threads')", "current_setting(…) is not deterministic"),
        ("ago(interval 1 day)", "ago(…): no field 'current_timestamp'"),
        ("pg_sleep(9)", "pg_sleep(…): sleep_ms(…) is not deterministic"),
        ("current_localtimestamp()", "is not deterministic"),
        ('age("at")', "age(…) is not deterministic"),
        ("getvariable('x')", "getvariable(…) is not deterministic"),
        ("current_date", "no field 'current_date'"),
        ("read_csv('/etc/passwd')", "unknown scalar function 'read_csv'"),
        ("read_text('/etc/passwd')", "unknown scalar function 'read_text'"),
        ("getenv('HOME')", "unknown scalar function 'getenv'"),
        ("query('SELECT 1')", "unknown scalar function 'query'"),
        ("unnest([1])", "unknown scalar function 'unnest'"),
        ("(SELECT 1)", "a subquery"),
        ("n IN (SELECT 1)", "a subquery"),
        ("n) FROM range(10", "expression reads a table"),
        ("n) FROM '/etc/passwd' WHERE (true", "expression reads a table"),
        ("n) WHERE (true", "expression has clauses"),
        ("n), (a", "expression has more than one value"),
        ("1); SELECT (2", "expression has more than one statement"),
        ("1); ATTACH '/tmp/x.db'; SELECT (2", ""),
        ("sum(n)", "sum(…) reads other rows; for lists, use list_sum"),
        ("geomean(x)", "geomean(…): avg(…) reads other rows"),
        ("row_number() OVER ()", "a window over other rows"),
        ("lag(n)", "lag(…) reads other rows"),
        ("*", "'*'"),
        ("COLUMNS('a')", "'*'"),
        ("?", "a parameter"),
        ("#1", "a column by its number"),
        ("nme", "no field 'nme'; did you mean 'nome'?"),
        ("uper(nome)", "unknown scalar function 'uper'; did you mean 'upper'?"),
        ("items.len()", "items.len(…) is not allowed; write len(items, …)"),
        ("a + A", "'a' and 'A' are the same name in SQL"),
        ("n +", "syntax error"),
        ("n /* ", "unterminated"),
        ("nome - 1", "No function matches"),
        ("eithers", "Union"),
    ],
)
def test_disallowed_expressions_are_rejected(text: str, message: str):
    """Randomness, clocks, files, tables and other rows are rejected when the stream is built."""
    made = spec("s", {**TYPES, "v": "string"}, {**FIELDS, "v": SqlGenerator(text=text)})
    with pytest.raises(SettingError) as error:
        tables(made).rows_of("s")
    assert f"field 'v': sql {text!r}: " in str(error.value)
    assert message in str(error.value)
    assert "\n" not in str(error.value).replace(text, "")


@pytest.mark.parametrize(
    "query",
    ["SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "INSTALL httpfs",
     "LOAD httpfs", "ATTACH '/tmp/x.db'", "COPY (SELECT 1) TO '/tmp/x.csv'", "SET threads = 2",
     "SET enable_external_access = true", "SELECT * FROM rows_of_python"],
)  # fmt: skip
def test_the_connection_is_locked_down(query: str):
    """Any query, also one that expressions cannot express, finds no file, extension or setting."""
    import duckdb  # noqa: PLC0415

    rows_of_python = pa.table({"x": [1]})
    with pytest.raises(duckdb.Error):
        connection._connection().execute(query).fetchall()
    assert rows_of_python.num_rows == 1


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (
            "if(n = 3, NULL, n)",
            "long",
            "field 'v', row 3: null in a field that is not nullable; use coalesce, or allow null",
        ),
        ("if(n = 3, 'x', '1')::INT", "int", "field 'v', from row 0 on: sql: Could not convert"),
        ("n + 3000000000", "int", "field 'v': cannot cast int64 to int32"),
        ("if(n = 7, 'MG', 'SP')", TYPES["uf"], "field 'v', row 7: 'MG' is not a symbol"),
        ("nome", "long", "field 'v': cannot cast string to int64"),
    ],
)
def test_values_that_do_not_fit_are_errors(text: str, kind: Any, message: str):
    """A null, another type or a value out of range is a data error that names the field."""
    named = kind if isinstance(kind, str) else {**kind, "name": "E"}
    made = spec("s", {**TYPES, "v": named}, {**FIELDS, "v": SqlGenerator(text=text)})
    with pytest.raises(DataError) as error:
        tables(made).rows_of("s").rows(0, 10)
    assert str(error.value).startswith(f"stream 's': {message}")


def test_the_error_of_a_null_names_the_way_out():
    """With `null: 0%`, only the nulls of the expression are null."""
    text = "if(n = 3, NULL, n)"
    made = spec("s", {**TYPES, "v": "long"}, {**FIELDS, "v": SqlGenerator(text=text)})
    with pytest.raises(DataError, match="add null: 0%, or a nullable type to the given schema"):
        tables(made).rows_of("s").rows(0, 10)
    assert computed(text, ["null", "long"], 5)[0] == [0, 1, 2, None, 4]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a * 2", "int"),
        ("n * 2", "long"),
        ("a / 2", "double"),
        ("nome || 'x'", "string"),
        ("note || 'x'", ["null", "string"]),
        ("n > 3", "boolean"),
        ("list_sum([n])", "long"),
        ('"at"', {**STAMP, "logicalType": "timestamp-micros"}),
        ('"at" + interval 1 day', {**STAMP, "logicalType": "timestamp-micros"}),
        ('"at"::DATE', {"type": "int", "logicalType": "date"}),
        ("money", {**DECIMAL}),
        ("uf", "string"),
        ("'x'", "string"),
        ("n::VARCHAR::BLOB", "bytes"),
        ("list_sum(list_transform(items, lambda i: i.preco))", "double"),
        ("items[1].sku", "string"),
        ("[x]", {"type": "array", "items": "double"}),
        ("tags", {"type": "map", "values": "int"}),
    ],
)
def test_avro_types_of_expressions(text: str, wanted: Any):
    """The type follows from the types of the fields, without rows."""
    assert sql_avro_type(text, schema()) == wanted


def test_record_names_of_expressions():
    """Different expressions have records of different names."""
    one, two = (sql_avro_type(text, schema()) for text in ("{'x': n}", "{'x': a}"))
    assert one["fields"] == [{"name": "x", "type": "long"}]
    assert one["name"] != two["name"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("interval 1 day", "INTERVAL has no Avro type; cast it"),
        ("nme", "no field 'nme'; did you mean 'nome'?"),
        ("hash(n)", "UBIGINT has no Avro type"),
    ],
)
def test_types_without_an_avro_type_are_rejected(text: str, message: str):
    """The error has the type and how to fix it."""
    with pytest.raises(ValueError, match=r".") as error:
        sql_avro_type(text, schema())
    assert message in str(error.value)


def schema() -> Record:
    """Return the record of the fields of these tests."""
    record = {
        "type": "record",
        "name": "R",
        "fields": [{"name": n, "type": t} for n, t in TYPES.items()],
    }
    return parse_avro(json.dumps(record)).root


def test_sums_of_decimals_are_exact():
    """Sums of decimals are decimals."""
    values, rows = computed("list_sum([money, 0.01])", {**DECIMAL, "precision": 20})
    assert values == [row["money"] + Decimal("0.01") for row in rows]


def test_expressions_read_distributions():
    """An expression reads a random number as it is sent."""
    fields = {"x": UniformDistribution(min=0, max=1, decimals=2), "v": SqlGenerator(text="x")}
    found = columns(tables(spec("s", {"x": "double", "v": "double"}, fields)), "s", 0, 50)
    assert found["v"] == found["x"]


def test_unions_are_rejected():
    """DuckDB has no dense unions; the error is raised when the stream is declared."""
    with pytest.raises(
        SettingError, match="field 'either' is 'union'; 'sql' accepts array, boolean"
    ):
        spec("s", {**TYPES, "v": "string"}, {"v": SqlGenerator(text="either")})


def test_dictionaries_with_nulls_inside_lists_are_decoded_first():
    """For nullable pools in records in lists, DuckDB reads the texts and every null."""
    person = {"type": "record", "name": "P", "fields": [{"name": "n", "type": ["null", "string"]}]}
    kinds = {"l": {"type": "array", "items": person}}
    kinds["v"] = {"type": "array", "items": ["null", "string"]}
    fields = {
        "l[].n": FakerGenerator(provider="name"),
        "v": SqlGenerator(text="[upper(i.n) for i in l]"),
    }
    rows = tables(spec("s", kinds, fields)).rows_of("s").rows(0, 3_000).to_pylist()
    for row in rows:
        assert row["v"] == [i["n"] and i["n"].upper() for i in row["l"]]
