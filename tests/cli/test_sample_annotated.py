"""`gerador sample` with a schema file annotated for Confluent's generators."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from gerador.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCHEMA = """{ // comments are allowed, as in Java's parser
  "type": "record", "name": "Pedido", "namespace": "loja", "fields": [
    {"name": "id", "type": {"type": "long", "arg.properties": {"iteration": {"start": 7}}}},
    {"name": "cor", "type": {"type": "string",
      "arg.properties": {"options": {"file": "cores.json", "encoding": "json"}}}}
  ]}
"""


@pytest.fixture(name="sample")
def sample_fixture(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return a function that runs the command and returns its exit code."""

    def sample(path: Path, *options: str) -> int:
        recipe = ["--seed", "1", "--start", "2026-01-01T00:00:00Z"]
        monkeypatch.setattr(sys, "argv", ["gerador", "sample", str(path), *recipe, *options])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return sample


def test_annotations_determine_the_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sample: Callable[..., int]
):
    """Values come from the annotations; option files are found next to the schema."""
    (tmp_path / "pedido.avro").write_text(SCHEMA)
    (tmp_path / "cores.json").write_text('"azul"\n"verde"\n')
    assert sample(tmp_path / "pedido.avro", "-n", "40", "--format", "json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == list(range(7, 47))
    assert {row["cor"] for row in rows} == {"azul", "verde"}


def test_an_invalid_annotation_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sample: Callable[..., int]
):
    """The error names field and annotation; the exit code is 2."""
    (tmp_path / "pedido.avro").write_text(SCHEMA.replace('"start"', '"star"'))
    assert sample(tmp_path / "pedido.avro") == 2
    assert capsys.readouterr().err.splitlines() == [
        (
            "gerador: loja.Pedido: field 'id': arg.properties: "
            "iteration: unknown key 'star'; did you mean 'start'? "
            "Valid keys: start, restart, step, initial"
        )
    ]
