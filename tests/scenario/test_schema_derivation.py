"""Derived types of choices: from all declared values, including nested structures and nulls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gerador
from gerador.scenario.dump import write_scenario
from gerador.scenario.external_sources import ExternalTypes
from gerador.scenario.load import parse_model, parse_scenario
from tests.values.generated_rows import assert_share

TEXT = """
seed: 1
streams:
  s:
    fields:
      lugar:
        choice:
          - {value: {cidade: Recife, ceps: [1, 2], geo: {lat: 1.5, lon: 2}}, weight: 3}
          - {value: {cidade: Olinda, ceps: [], geo: {lat: 1, lon: 2.5}}, weight: 1}
      outro: {constant: {a: 1}}
"""


def test_types_of_structures():
    """Mappings become records, lists arrays, and numbers the widest type needed."""
    plan = parse_scenario(TEXT, "s.yaml", {}, ExternalTypes(Path("nowhere")))
    lugar, outro = json.loads(plan.streams[0].spec.schema.json)["fields"]
    assert (lugar["type"]["name"], outro["type"]["name"]) == ("Lugar", "Outro")
    cidade, ceps, geo = lugar["type"]["fields"]
    assert cidade["type"] == "string"
    assert ceps["type"] == {"type": "array", "items": "long"}
    assert geo["type"]["name"] == "LugarGeo"
    assert {f["name"]: f["type"] for f in geo["type"]["fields"]} == {
        "lat": "double",
        "lon": "double",
    }


def test_structures_are_chosen_as_a_whole(tmp_path: Path):
    """Each row has one of the declared structures, and can be encoded."""
    (tmp_path / "s.yaml").write_text(TEXT, "utf-8")
    stream = gerador.streams(tmp_path / "s.yaml")["s"]
    rows = stream.rows(0, 1_000).to_pylist()
    places = [row["lugar"]["cidade"] for row in rows]
    assert 0.7 < places.count("Recife") / len(places) < 0.8
    assert all(row["lugar"]["ceps"] == ([1, 2] if place == "Recife" else [])
               for row, place in zip(rows, places, strict=True))  # fmt: skip
    assert {row["outro"]["a"] for row in rows} == {1}
    assert len(stream.encode(0, 1_000)) == 1_000


NULLS = """
seed: 1
streams:
  s:
    fields:
      lista: {choice: [a, b, null]}
      pesos: {choice: {a: 1, null: 3}}
      texto: {choice: {a: 1, "null": 3}}
      pares: {choice: [{value: null, weight: 1}, {value: 7, weight: 1}], null: 50%}
      lugar: {choice: [{r: 1, n: null}, {r: 2, n: x}, null]}
      itens: {choice: [[1, null], null]}
      letra: {choice: [A, null], type: enum}
      dia: {choice: [2026-01-31, null], type: date}
      muitos: {array: {items: {choice: [1, null]}, length: 2}}
      unico: {choice: [1, 2, 3, null], unique: true}
      junto: {joint: [SP, null], table: uf}
      par: {joint: [1, 2], table: uf}
    rows: 4
    format: FORMAT
"""


def rows_with_nulls(tmp_path: Path, count: int, form: str = "avro") -> list[dict[str, Any]]:
    """Return rows of the scenario; they can be encoded."""
    text = NULLS.replace("FORMAT", form).replace("    rows: 4\n", "")
    (tmp_path / "n.yaml").write_text(text.replace(", unique: true", ""), "utf-8")
    stream = gerador.streams(tmp_path / "n.yaml")["s"]
    assert len(stream.encode(0, count)) == count
    return stream.rows(0, count).to_pylist()


def test_null_among_values_gives_a_nullable_type():
    """At the top, in structures and in lists; a quoted null is text."""
    plan = parse_scenario(NULLS.replace("FORMAT", "avro"), "s", {}, ExternalTypes(Path("no")))
    fields = json.loads(plan.streams[0].spec.schema.json)["fields"]
    types = {field["name"]: field["type"] for field in fields}
    assert types["lista"] == types["pesos"] == types["junto"] == ["null", "string"]
    assert (types["texto"], types["par"]) == ("string", "long")
    assert types["pares"] == types["unico"] == ["null", "long"]
    assert types["lugar"][1]["name"] == "Lugar"
    assert types["lugar"][1]["fields"][1] == {"name": "n", "type": ["null", "string"]}
    assert types["itens"] == ["null", {"type": "array", "items": ["null", "long"]}]
    assert types["letra"][1]["symbols"] == ["A"]
    assert types["muitos"]["items"] == ["null", "long"]
    assert all(field["default"] is None for field in fields if "null" in field["type"])


@pytest.mark.parametrize("form", ["avro", "json", "protobuf", "json-schema"])
def test_share_of_null_among_values(tmp_path: Path, form: str):
    """Null has its weight; a share of nulls applies to the other values."""
    rows = rows_with_nulls(tmp_path, 4_000, form)
    wanted = {"lista": 1 / 3, "pesos": 3 / 4, "texto": 0, "pares": 3 / 4, "lugar": 1 / 3,
              "itens": 1 / 2, "letra": 1 / 2, "dia": 1 / 2, "junto": 1 / 2}  # fmt: skip
    for name, share in wanted.items():
        found = sum(row[name] is None for row in rows)
        assert_share(found, len(rows), share, name)
    assert {row["texto"] for row in rows} == {"a", "null"}
    assert {str(row["lugar"]) for row in rows} == {
        "{'r': 1, 'n': None}", "{'r': 2, 'n': 'x'}", "None",
    }  # fmt: skip
    assert {(row["junto"], row["par"]) for row in rows} == {("SP", 1), (None, 2)}
    assert {v for row in rows for v in row["muitos"]} == {1, None}


def test_null_among_unique_values(tmp_path: Path):
    """Null counts as one value and occurs once."""
    (tmp_path / "n.yaml").write_text(NULLS.replace("FORMAT", "avro"), "utf-8")
    rows = gerador.streams(tmp_path / "n.yaml")["s"].rows(0, 4).to_pylist()
    assert sorted(str(row["unico"]) for row in rows) == ["1", "2", "3", "None"]


def test_values_with_null_round_trip():
    """The written scenario is read as the same; the text "null" stays text."""
    scenario, _ = parse_model(NULLS.replace("FORMAT", "avro"), "s", {})
    assert parse_model(write_scenario(scenario), "s", {})[0] == scenario


def test_field_named_null():
    """The name null is text, quoted or not."""
    scenario, _ = parse_model("streams: {s: {fields: {null: uuid, choice: uuid}}}", "s", {})
    assert parse_model(write_scenario(scenario), "s", {})[0] == scenario
    assert list(scenario.streams["s"].fields) == ["null", "choice"]
