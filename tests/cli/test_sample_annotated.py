"""`gerador sample` on a schema file that is annotated for Confluent's generators."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from gerador.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCHEMA = """{ // comments are taken, as Java's parser takes them
  "type": "record", "name": "Pedido", "namespace": "loja", "fields": [
    {"name": "id", "type": {"type": "long", "arg.properties": {"iteration": {"start": 7}}}},
    {"name": "cor", "type": {"type": "string",
      "arg.properties": {"options": {"file": "cores.json", "encoding": "json"}}}}
  ]}
"""


@pytest.fixture(name="sample")
def sample_fixture(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return what runs the command on a file and tells its exit code."""

    def sample(path: Path, *options: str) -> int:
        recipe = ["--seed", "1", "--start", "2026-01-01T00:00:00Z"]
        monkeypatch.setattr(sys, "argv", ["gerador", "sample", str(path), *recipe, *options])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return sample


def test_an_annotated_file_is_sampled_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sample: Callable[..., int]
):
    """Its values are those of the annotations; files of options lie beside it."""
    (tmp_path / "pedido.avro").write_text(SCHEMA)
    (tmp_path / "cores.json").write_text('"azul"\n"verde"\n')
    assert sample(tmp_path / "pedido.avro", "-n", "40", "--format", "json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == list(range(7, 47))
    assert {row["cor"] for row in rows} == {"azul", "verde"}


def test_a_wrong_annotation_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sample: Callable[..., int]
):
    """Exit code 2, and the line names field, annotation and way out."""
    (tmp_path / "pedido.avro").write_text(SCHEMA.replace('"start"', '"star"'))
    assert sample(tmp_path / "pedido.avro") == 2
    assert capsys.readouterr().err.splitlines() == [
        (
            "gerador: loja.Pedido: field 'id': arg.properties: "
            "iteration: unknown entry 'star' (did you mean 'start'?)"
        )
    ]
