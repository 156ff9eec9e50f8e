"""`gerador check`: estimates for a scenario, or all its errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gerador.scenario import gallery

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.test_main import Gerador

SCENARIO = """\
description: Vendas de uma loja.
seed: 42
start: 2026-01-01T00:00:00Z
streams:
  clientes:
    topic: {name: c, partitions: 2, key: id}
    rows: 100
    fields:
      id: uuid
      uf: {choice: {SP: 3, RJ: 1}}
    rate: max
  vendas:
    topic: {partitions: 4, key: cliente}
    fields:
      cliente: {from: clientes.id, skew: {zipf: 2}}
      valor: {null: 25%, else: {uniform: {min: 1, max: 10}}}
      nota: faker.sentence
    rate: {sine: {from: 100/s, to: 300/s, period: 10m}}
    format: json
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a scenario file."""
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO)
    return path


def estimates(gerador: Gerador, *arguments: str) -> dict[str, dict[str, Any]]:
    """Return the estimates by stream."""
    done = gerador("check", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return {each["stream"]: each for each in json.loads(done.stdout)}


def test_declared_properties_are_shown(gerador: Gerador, file: Path):
    """Topics, keys, formats, rates and derived schemas."""
    found = estimates(gerador, str(file))
    assert list(found) == ["clientes", "vendas"]
    clientes, vendas = found.values()
    declared = [clientes[k] for k in ("topic", "partitions", "key", "format", "rows")]
    assert declared == ["c", 2, "id", "avro", 100]
    assert clientes["rate"] == {"profile": "max", "mean": None, "min": None, "max": None}
    assert vendas["rate"] == {"profile": "sine", "mean": 200, "min": 100, "max": 300}
    assert vendas["schema_derived"]
    names = [field["name"] for field in json.loads(vendas["schema"])["fields"]]
    assert names == [field["name"] for field in vendas["fields"]] == ["cliente", "valor", "nota"]


def test_measured_properties_match_the_declaration(gerador: Gerador, file: Path):
    """Bytes, distinct values, nulls and skew are measured in rows."""
    clientes, vendas = estimates(gerador, str(file)).values()
    # Confluent's prefix of 5, a UUID of 36 and a uf of 2 with one length byte each, and the key.
    assert clientes["record_bytes"] == 5 + 37 + 3 + 36
    assert vendas["bytes_per_s"] == pytest.approx(200 * vendas["record_bytes"], rel=0.01)
    by_name = {field["name"]: field for field in vendas["fields"]}
    assert by_name["valor"] | {"nulls": 0.25, "distinct": 10} == by_name["valor"]
    assert 2 <= by_name["cliente"]["distinct"] <= 100
    # With a weight of k ** -2 the first of 100 customers has 61 % of the rows.
    assert 0.55 < vendas["fullest_partition"] < 0.85
    assert vendas["memory_bytes"] > 0


def test_panels_are_printed(gerador: Gerador, file: Path, monkeypatch: pytest.MonkeyPatch):
    """One panel per stream, and a note on what was measured."""
    monkeypatch.setenv("COLUMNS", "120")
    done = gerador("check", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "Vendas de uma loja.", "clientes", "c, 2 partitions, key id, avro", "as fast as possible",
        "gerador.Vendas, derived from the fields", "200 rows/s, 100 to 300 (sine)", "25.0%",
        "measured over the first", "rows", "≥ ", "expected values",
    ):  # fmt: skip
        assert words in done.stdout


def test_nested_fields_of_a_given_schema_are_listed(
    gerador: Gerador, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Up to 200 lines, and all in JSON; fields of derived schemas contain their contents."""
    monkeypatch.setenv("COLUMNS", "120")
    items = {"type": "array", "items": ["int", "string"]}
    fields = [{"name": f"f{i}", "type": items} for i in range(100)]
    (tmp_path / "r.avsc").write_text(json.dumps({"type": "record", "name": "R", "fields": fields}))
    (file := tmp_path / "s.yaml").write_text("streams: {s: {schema: r.avsc, rate: 1/s}}")
    printed = gerador("check", str(file)).stdout
    assert "f0[]<string>" in printed
    assert "… 100 more: --json" in printed
    nested = estimates(gerador, str(file))["s"]["nested_fields"]
    assert len(nested) == 300
    assert nested[1] == {"name": "f0[]<int>", "type": "int", "generator": "uniform"}


def test_generators_are_named_as_in_a_scenario_file(gerador: Gerador, tmp_path: Path):
    """Containers are named by their type; every number is marked as exact or not."""
    (file := tmp_path / "s.yaml").write_text("""\
seed: 1
streams:
  s:
    rows: 2000
    fields:
      a: {array: {items: uuid}}
      m: {null: 10%, map: {values: uuid}}
      r: {record: {x: uuid}}
      u: {union: [uuid, {round_robin: 3}]}
      c: {null: 25%, choice: [x, null, z, null]}
      n: {uniform: {min: 1, max: 2000}}
      p: {poisson: 3}
      f: {faker: {provider: name, pool_rows: 100}}
""")
    found = {f["name"]: f for f in estimates(gerador, str(file))["s"]["fields"]}
    generators = {name: field["generator"] for name, field in found.items()}
    assert generators | {"a": "array", "m": "map", "r": "record", "u": "union"} == generators
    distinct = {n: (f["distinct"], f["distinct_is"]) for n, f in found.items() if n in "ncf"}
    assert distinct == {"n": (1_264, "expected"), "c": (2, "exact"), "f": (100, "exact")}
    assert found["p"]["distinct_is"] == "exact"  # all rows were measured, and the seed is set
    assert found["c"]["nulls"] == pytest.approx(0.625, abs=0.05)


def test_locale(gerador: Gerador, file: Path):
    """--locale replaces that of the scenario; an unknown one is rejected with the closest."""
    size = {
        locale: estimates(gerador, str(file), "--locale", locale)["vendas"]["record_bytes"]
        for locale in ("en_US", "ja_JP")
    }
    assert size["en_US"] != size["ja_JP"]
    done = gerador("check", str(file), "--locale", "pt_BX")
    assert done.returncode == 2
    assert "unknown locale 'pt_BX'; did you mean 'pt_BR'?" in done.stderr


def test_the_pool_size_of_a_random_seed_is_an_expected_value(gerador: Gerador, tmp_path: Path):
    """Without a seed, the number of values in the pool of Faker is not exact."""
    (file := tmp_path / "s.yaml").write_text(
        "streams: {s: {fields: {f: {faker: {provider: name, pool_rows: 100}}}}}"
    )
    (found,) = estimates(gerador, str(file))["s"]["fields"]
    assert (found["distinct"], found["distinct_is"]) == (100, "expected")


@pytest.mark.parametrize(
    ("schema", "sql", "message"),
    [
        (
            "",
            "CASE WHEN n > 2 THEN n END",
            "field 'v', row 0: null in a field that is not nullable",
        ),
        ("", "{'e': if(n = 1, NULL, 1)}", "field 'v.e', row 1: null is not allowed"),
        ("", "('x' || n)::INT", "field 'v', from row 0 on: sql: Could not convert string 'x0'"),
        ("schema: r.avsc", "n * nme", "field 'v': sql 'n * nme': no field 'nme'"),
        ("schema: r.avsc", "n + 3000000000", "field 'v': cannot cast int64 to int32"),
    ],
)
def test_errors_of_rows_have_a_line(
    gerador: Gerador, tmp_path: Path, schema: str, sql: str, message: str
):
    """An error that only rows have begins with the file and line of the field."""
    fields = [{"name": "n", "type": "long"}, {"name": "v", "type": "int"}]
    (tmp_path / "r.avsc").write_text(json.dumps({"type": "record", "name": "R", "fields": fields}))
    (file := tmp_path / "s.yaml").write_text(
        f"streams:\n  s:\n    {schema}\n    fields:\n      n: {{sequence: 0}}\n"
        f"      v:\n        sql: {json.dumps(sql)}\n"
    )
    done = gerador("check", str(file))
    assert done.returncode != 0
    assert f"{file}:7: streams.s.fields.v.sql: {message}" in done.stderr


def test_a_name_of_the_gallery_is_accepted(gerador: Gerador):
    """Without a file of this name, the scenario of the gallery is checked."""
    assert list(estimates(gerador, "default")) == ["registros"]


@pytest.mark.parametrize("name", gallery.names())
def test_the_gallery_is_valid(gerador: Gerador, name: str):
    """Every packaged scenario has estimates."""
    for each in estimates(gerador, name).values():
        assert each["record_bytes"] > 0
        assert 1 / each["partitions"] - 1e-9 <= each["fullest_partition"] <= 1


def test_records_over_the_limit_of_the_topic(gerador: Gerador, tmp_path: Path):
    """Check reports the share of records that the declared topic would reject."""
    (file := tmp_path / "s.yaml").write_text(f"""\
seed: 1
streams:
  s:
    topic: {{config: {{max.message.bytes: "1000"}}}}
    fields: {{text: {{choice: [{"a" * 20}, {"b" * 2000}], weights: [3, 1]}}}}
""")
    found = estimates(gerador, str(file))["s"]
    assert found["too_large"] == pytest.approx(0.25, abs=0.02)
    assert (found["message_bytes_max"], 2000 < found["batch_bytes_max"] < 2100) == (1000, True)
    assert "25." in gerador("check", str(file)).stdout
    assert "max.message.bytes=1000" in " ".join(gerador("check", str(file)).stdout.split())
    assert estimates(gerador, "default")["registros"]["too_large"] == 0


def test_all_errors_are_reported_at_once(gerador: Gerador, tmp_path: Path):
    """Each error is one line on stderr; the exit code is 2."""
    file = tmp_path / "s.yaml"
    file.write_text("sed: 1\nstreams:\n  s:\n    fields:\n      x: uuidd\n      y: 3\n")
    done = gerador("check", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    keys = "description, seed, start, backfill_speed, locale, rate, streams"
    assert done.stderr.splitlines() == [
        f"gerador: {file}:1: sed: unknown key 'sed'; did you mean 'seed'? Valid keys: {keys}",
        (
            f"gerador: {file}:5: streams.s.fields.x: unknown generator 'uuidd'; "
            "did you mean 'uuid'? For a constant text, write {constant: uuidd}"
        ),
    ]


def test_a_registry_schema_requires_a_registry(gerador: Gerador, tmp_path: Path):
    """The error names the variable to set."""
    file = tmp_path / "s.yaml"
    file.write_text("streams: {s: {schema: 'registry:pedidos-value'}}")
    done = gerador("check", str(file))
    assert done.returncode == 2
    assert done.stderr == (
        f"gerador: {file}:1: streams.s.schema: registry:pedidos-value: "
        "no schema registry configured; set SCHEMA_REGISTRY_URL\n"
    )


def test_headers_and_large_pools_are_counted(gerador: Gerador, tmp_path: Path):
    """Record bytes include headers, and memory includes every pool."""
    plain = "streams:\n  s: {fields: {nome: {faker: {provider: name, pool_rows: 100}}}, rate: 1}\n"
    (small := tmp_path / "small.yaml").write_text(plain)
    more = "pool_rows: 10000}}}, headers: {de: loja, n: row_index}"
    (large := tmp_path / "large.yaml").write_text(plain.replace("pool_rows: 100}}}", more))
    before, after = estimates(gerador, str(small))["s"], estimates(gerador, str(large))["s"]
    assert after["record_bytes"] > before["record_bytes"] + len("deloja") + len("n") + 1
    assert after["memory_bytes"] > 50 * before["memory_bytes"]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "repeat('x', 1000000000)",
            "sql: expression takes more than 512 MiB of memory; reduce its",
        ),
        (
            "repeat(n::VARCHAR, 1000000000)",
            "sql: expression takes more than 512 MiB of memory; reduce its values",
        ),
        ("('x' || n)::INT::TEXT", "sql: Could not convert string 'x1' to INT32"),
    ],
)
def test_an_invalid_sql_expression_is_one_line(
    gerador: Gerador, tmp_path: Path, sql: str, message: str
):
    """`check` and `sample` name stream, field and row, without a traceback."""
    file = tmp_path / "s.yaml"
    fields = f'{{n: {{sequence: {{start: 1}}}}, v: {{sql: "{sql}"}}}}'
    file.write_text(f"seed: 1\nstreams: {{shop: {{fields: {fields}}}}}\n")
    for command in ("check", "sample"):
        done = gerador(command, str(file))
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(
            f"gerador: {file}:2: streams.shop.fields.v.sql: field 'v', from row 0 on: {message}"
        )
        assert done.stderr.count("\n") == 1
