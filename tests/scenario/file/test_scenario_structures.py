"""Choices over structures: their types are derived from all of the values, never from rows."""

from __future__ import annotations

import json
from pathlib import Path

import generator
from generator.knowledge import FileKnowledge
from generator.scenario.file.load import parse_scenario

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


def test_structures_are_records_named_after_their_fields():
    """Mappings become records, lists arrays, and numbers the widest that is needed."""
    plan = parse_scenario(TEXT, "s.yaml", {}, FileKnowledge(Path("nowhere")))
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


def test_structures_are_chosen_whole_and_encode(tmp_path: Path):
    """Each row has one of the structures as it was written, and the encoder takes it."""
    (tmp_path / "s.yaml").write_text(TEXT, "utf-8")
    stream = generator.streams(tmp_path / "s.yaml")["s"]
    rows = stream.rows(0, 1_000).to_pylist()
    places = [row["lugar"]["cidade"] for row in rows]
    assert 0.7 < places.count("Recife") / len(places) < 0.8
    assert all(row["lugar"]["ceps"] == ([1, 2] if place == "Recife" else [])
               for row, place in zip(rows, places, strict=True))  # fmt: skip
    assert {row["outro"]["a"] for row in rows} == {1}
    assert len(stream.encode(0, 1_000)) == 1_000
