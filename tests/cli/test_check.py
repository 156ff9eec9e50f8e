"""`gerador check`: what a scenario comes to, or everything that is wrong about it."""

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


def facts(gerador: Gerador, *arguments: str) -> dict[str, dict[str, Any]]:
    """Return what the command says, by stream."""
    done = gerador("check", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return {each["stream"]: each for each in json.loads(done.stdout)}


def test_what_is_declared_is_told(gerador: Gerador, file: Path):
    """Topics, keys, formats, rates, and the schemas that the fields come to."""
    found = facts(gerador, str(file))
    assert list(found) == ["clientes", "vendas"]
    clientes, vendas = found.values()
    told = [clientes[k] for k in ("topic", "partitions", "key", "format", "rows")]
    assert told == ["c", 2, "id", "avro", 100]
    assert clientes["rate"] == {"told": "max", "mean": None, "min": None, "max": None}
    assert vendas["rate"] == {"told": "sine", "mean": 200, "min": 100, "max": 300}
    assert vendas["schema_derived"]
    names = [field["name"] for field in json.loads(vendas["schema"])["fields"]]
    assert names == [field["name"] for field in vendas["fields"]] == ["cliente", "valor", "nota"]


def test_what_is_measured_is_near_what_is_declared(gerador: Gerador, file: Path):
    """Bytes, distinct values, nulls and skew are those of the rows."""
    clientes, vendas = facts(gerador, str(file)).values()
    # Confluent's five bytes, a uuid of 36 and a uf of 2 with a byte of length each, and the key.
    assert clientes["record_bytes"] == 5 + 37 + 3 + 36
    assert vendas["bytes_per_s"] == pytest.approx(200 * vendas["record_bytes"], rel=0.01)
    by_name = {field["name"]: field for field in vendas["fields"]}
    assert by_name["valor"] | {"nulls": 0.25, "distinct": 10} == by_name["valor"]
    assert 2 <= by_name["cliente"]["distinct"] <= 100
    # With a weight of k ** -2 the first of 100 customers has 61 % of the rows.
    assert 0.55 < vendas["fullest_partition"] < 0.85
    assert vendas["memory_bytes"] > 0


def test_it_is_shown_to_people(gerador: Gerador, file: Path, monkeypatch: pytest.MonkeyPatch):
    """A panel a stream, with what was measured said to be so."""
    monkeypatch.setenv("COLUMNS", "120")
    done = gerador("check", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "Vendas de uma loja.", "clientes", "c, 2 partitions, key id, avro", "as fast as possible",
        "gerador.Vendas, derived from the fields", "200 rows/s, 100 to 300 (sine)", "25.0%",
        "measured over the first 16,384 rows", "≥ ", "expected in",
    ):  # fmt: skip
        assert words in done.stdout


def test_kinds_have_the_words_of_a_file(gerador: Gerador, tmp_path: Path):
    """What holds values is called by its type; and each figure says what it is."""
    (file := tmp_path / "s.yaml").write_text("""\
seed: 1
streams:
  s:
    rows: 2000
    fields:
      a: {array: {of: uuid}}
      m: {null: 10%, map: {of: uuid}}
      r: {x: uuid}
      u: {union: [uuid, {turns: 3}]}
      c: {null: 25%, choice: [x, null, z, null]}
      n: {uniform: {min: 1, max: 2000}}
      p: {poisson: 3}
      f: {faker: {provider: name, pool_rows: 100}}
""")
    found = {f["name"]: f for f in facts(gerador, str(file))["s"]["fields"]}
    kinds = {name: field["kind"] for name, field in found.items()}
    assert kinds | {"a": "array", "m": "map", "r": "record", "u": "union"} == kinds
    told = {n: (f["distinct"], f["distinct_is"]) for n, f in found.items() if n in "ncf"}
    assert told == {"n": (1_264, "expected"), "c": (2, "exact"), "f": (100, "exact")}
    assert found["p"]["distinct_is"] == "exact"  # all rows were measured, and the seed is said
    assert found["c"]["nulls"] == pytest.approx(0.625, abs=0.05)


def test_a_pool_of_another_seed_may_have_other_values(gerador: Gerador, tmp_path: Path):
    """Where no seed is said, how many values Faker's pool has is no exact figure."""
    (file := tmp_path / "s.yaml").write_text(
        "streams: {s: {fields: {f: {faker: {provider: name, pool_rows: 100}}}}}"
    )
    (found,) = facts(gerador, str(file))["s"]["fields"]
    assert (found["distinct"], found["distinct_is"]) == (100, "expected")


def test_a_name_of_the_gallery_is_taken(gerador: Gerador):
    """A file goes first; without one, the gallery's scenario of this name."""
    assert list(facts(gerador, "default")) == ["registros"]


@pytest.mark.parametrize("name", gallery.names())
def test_the_gallery_makes_sense(gerador: Gerador, name: str):
    """Each scenario that comes with the package, to the last measured row."""
    for each in facts(gerador, name).values():
        assert each["record_bytes"] > 0
        assert 1 / each["partitions"] - 1e-9 <= each["fullest_partition"] <= 1


def test_everything_wrong_is_told_at_once(gerador: Gerador, tmp_path: Path):
    """Each complaint has its own line on stderr; the exit code is 2."""
    file = tmp_path / "s.yaml"
    file.write_text("sed: 1\nstreams:\n  s:\n    fields:\n      x: uuidd\n      y: 3\n")
    done = gerador("check", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    known = "description, seed, start, speed, rate, streams"
    assert done.stderr.splitlines() == [
        f"{file}:1: sed: unknown word 'sed' (did you mean 'seed'?); there is {known}",
        (
            f"{file}:5: streams.s.fields.x: no kind 'uuidd' (did you mean 'uuid'?); "
            "for the same text in every row write {constant: uuidd}"
        ),
    ]


def test_a_schema_of_a_registry_needs_one(gerador: Gerador, tmp_path: Path):
    """Without its address the way out is told."""
    file = tmp_path / "s.yaml"
    file.write_text("streams: {s: {schema: 'registry:pedidos-value'}}")
    done = gerador("check", str(file))
    assert done.returncode == 2
    assert done.stderr == (
        f"{file}:1: streams.s.schema: registry:pedidos-value: no registry; "
        "set SCHEMA_REGISTRY_URL\n"
    )


def test_headers_and_large_pools_are_counted(gerador: Gerador, tmp_path: Path):
    """What is sent has headers, and every pool stays in memory, however large."""
    plain = "streams:\n  s: {fields: {nome: {faker: {provider: name, pool_rows: 100}}}, rate: 1}\n"
    (small := tmp_path / "small.yaml").write_text(plain)
    more = "pool_rows: 10000}}}, headers: {de: loja, n: row_index}"
    (large := tmp_path / "large.yaml").write_text(plain.replace("pool_rows: 100}}}", more))
    before, after = facts(gerador, str(small))["s"], facts(gerador, str(large))["s"]
    assert after["record_bytes"] > before["record_bytes"] + len("deloja") + len("n") + 1
    assert after["memory_bytes"] > 50 * before["memory_bytes"]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("repeat('x', 1000000000)", "sql: it takes over 512 MiB of memory; make its"),
        ("repeat(n::VARCHAR, 1000000000)", "sql: it takes over 512 MiB of memory; make its values"),
        ("('x' || n)::INT::TEXT", "sql: Could not convert string 'x1' to INT32"),
    ],
)
def test_an_expression_that_cannot_be_computed_is_one_line(
    gerador: Gerador, tmp_path: Path, sql: str, said: str
):
    """Stream, field and row are named, by `check` and by `sample`; never a traceback."""
    file = tmp_path / "s.yaml"
    fields = f'{{n: {{sequence: {{start: 1}}}}, v: {{sql: "{sql}"}}}}'
    file.write_text(f"seed: 1\nstreams: {{shop: {{fields: {fields}}}}}\n")
    for command in ("check", "sample"):
        done = gerador(command, str(file))
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"gerador: stream 'shop': field 'v', from row 0 on: {said}")
        assert done.stderr.count("\n") == 1
