"""Rows of every generator whose parameters have other names in addresses of randomness."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

import gerador

if TYPE_CHECKING:
    from pathlib import Path

SCENARIO = """
seed: 5
start: 2026-01-01T00:00:00Z
locale: pt_BR
streams:
  s:
    rate: 100/s
    fields:
      k: {round_robin: 7}
      walk:
        random_walk:
          key: k
          mean: {uniform: {min: 0, max: 50}}
          sd: {uniform: {min: 1, max: 9}}
          step_sd: {exponential: 2}
          min: {uniform: {min: -90, max: -80}}
      machine:
        state_machine: {a: {to: {b: 1, a: 2}, steps: {poisson: 3}}, b: {}}
        key: k
        max_steps: 20
      named: {joint: [x, y, z, w], table: lugar}
      unnamed: {joint: [1, 2, 3, 4]}
      continuous: {uniform: {min: -2, max: 9.5, continuous: true}}
      list: {array: {items: {uniform: {min: 0, max: 9}}, length: {poisson: 2}}}
      mapping: {map: {values: {round_robin: 9}, length: 2}}
      either: {union: [{round_robin: 9}, {constant: n}, true], weights: [9, 1, 2]}
      moved: {offset: event_time, by: {exponential: 30}}
      any: random_time
"""
HASHES = {
    "walk": "9de3741bbfa9bd94",
    "machine": "54062e342dd5e524",
    "named": "a5aa5a3ebbdf2620",
    "unnamed": "cb16061f3aa32b23",
    "continuous": "bb63065273dc657e",
    "list": "e042772ca756e887",
    "mapping": "bbb96c72c5f59df3",
    "either": "6d04f149cf09d410",
    "moved": "b03b030b03cc528c",
    "any": "4636a0c8ff0a51fb",
}
"""Of 5,000 rows. Never change: the rows of users depend on them."""


@pytest.mark.parametrize("name", HASHES)
def test_rows_are_pinned(tmp_path: Path, name: str):
    """The values of a field are those of every version."""
    (tmp_path / "s.yaml").write_text(SCENARIO)
    values = gerador.streams(tmp_path / "s.yaml")["s"].rows(0, 5_000)[name].to_pylist()
    text = json.dumps(values, default=str)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == HASHES[name]
