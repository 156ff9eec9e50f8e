"""Maps whose keys are from a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gerador
from gerador.scenario.dump import write_scenario
from gerador.scenario.load import load_plan
from tests.values.generated_rows import assert_share

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 20_000
KEYS = ("cpu", "memory", "disk")
SCENARIO = """
seed: 5
streams:
  s:
    fields:
      whole: {map: {keys: [cpu, memory, disk], values: {round_robin: 9}}}
      part: {map: {keys: [cpu, memory, disk], values: {round_robin: 9}, length: 2}}
      some: {map: {keys: [cpu, memory, disk], values: uuid, length: {poisson: 2}}}
"""


def rows(folder: Path, first: int = 0) -> dict[str, Any]:
    """Return the keys of each map, by field."""
    (file := folder / "s.yaml").write_text(SCENARIO, "utf-8")
    table = gerador.streams(file)["s"].rows(first, ROWS)
    return {
        name: [[k for k, _ in row] for row in table[name].to_pylist()]
        for name in table.schema.names
    }


def test_keys_of_a_map(tmp_path: Path):
    """All keys in their order; with a length, so many different ones, equally likely."""
    made = rows(tmp_path)
    assert all(keys == list(KEYS) for keys in made["whole"])
    assert all(len(set(keys)) == 2 for keys in made["part"])
    for key in KEYS:
        assert_share(sum(key in keys for keys in made["part"]), ROWS, 2 / 3, key)
    lengths = [len(keys) for keys in made["some"]]
    assert set(lengths) == {0, 1, 2, 3}
    assert all(len(set(keys)) == len(keys) for keys in made["some"])


def test_any_cut_has_the_same_keys(tmp_path: Path):
    """Rows are the same from any first row on."""
    assert rows(tmp_path, 17_000) == {n: v[17_000:] for n, v in rows(tmp_path).items()}


def test_keys_are_written_to_a_recipe(tmp_path: Path):
    """The scenario as a file has the keys."""
    rows(tmp_path)
    scenario = load_plan(str(tmp_path / "s.yaml"), {}).scenario
    assert scenario is not None
    (tmp_path / "again.yaml").write_text(write_scenario(scenario), "utf-8")
    again = gerador.streams(tmp_path / "again.yaml", start="2026-01-01T00:00:00Z")["s"].rows(0, 50)
    first = gerador.streams(tmp_path / "s.yaml", start="2026-01-01T00:00:00Z")["s"].rows(0, 50)
    assert again == first
