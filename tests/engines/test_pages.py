"""The examples of docs/flink.md that need no engine have the documented output."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

PAGE: Final = (Path(__file__).parents[2] / "docs" / "flink.md").read_text("utf-8")
FIELDS: Final = [
    {"name": "id", "type": "long"},
    {"name": "criado_em", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    {"name": "estado", "type": {"type": "enum", "name": "Estado", "symbols": ["ABERTO"]}},
]


def run(*arguments: str, folder: Path | None = None) -> str:
    """Run Python with these arguments; return what it wrote."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False
    ).stdout


def test_the_answer_key_is_what_the_page_shows():
    """The Python of "Verify the result" prints the lines below it."""
    (shown,) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    code, answer = shown
    assert run("-c", code) == answer


def test_the_check_says_what_the_page_shows(tmp_path: Path):
    """Both commands have the documented output."""
    schema = {"type": "record", "name": "Pedido", "fields": FIELDS}
    (tmp_path / "pedidos.avsc").write_text(json.dumps(schema), "utf-8")
    (block,) = (b for b in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL) if "portable" in b)
    examples = re.findall(r"^\$ gerador (.*)\n((?:[^$].*\n)+)", block, re.MULTILINE)
    assert len(examples) == 2
    for words, answer in examples:
        assert run("-m", "gerador", *words.split(), folder=tmp_path) == answer
