"""The README: its examples run as printed, its tables follow the code, its files exist."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import gerador
from gerador.scenario import gallery
from tests.e2e.command import ended
from tests.e2e.service import served

if TYPE_CHECKING:
    import pytest

    from tests.kafka_fixture import Broker

TOP = Path(__file__).parents[1]
README = (TOP / "README.md").read_text("utf-8")
PYTHON = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)


def test_the_readme_is_short() -> None:
    """It has at most 200 lines; details are in docs/."""
    assert README.count("\n") <= 200


def test_the_scenario_prints_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` and `sample` print for the scenario what the README shows."""
    monkeypatch.chdir(tmp_path)
    (scenario,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "shop.yaml").write_text(scenario, "utf-8")
    (shown,) = re.findall(r"\$ gerador check shop.yaml\n…\n(.*?)\$ gerador", README, re.DOTALL)
    assert shown in ended("check", "shop.yaml", COLUMNS="80").stdout
    ((arguments, shown),) = re.findall(r"\$ gerador (sample .*)\n(.*?)```", README, re.DOTALL)
    assert ended(*arguments.split()).stdout == shown


def test_the_gallery_is_shown() -> None:
    """Each scenario of the gallery has a row, with the names of its streams."""
    lines = re.findall(r"^\| `([a-z]+)` \| (`.*?) \|", README, re.MULTILINE)
    found = {name: re.findall("`(.*?)`", streams) for name, streams in lines}
    assert found == {name: list(gerador.streams(name)) for name in gallery.names()}


def test_the_answer_key_examples_print_what_the_readme_says() -> None:
    """The examples print the output below them."""
    for code, output in PYTHON[:-1]:
        assert printed_by(code) == output


async def test_the_comparison_finds_every_row(kafka: Broker) -> None:
    """The comparison runs as printed, except for the address, over the run that it names."""
    *_, (code, output) = PYTHON
    recipe = {"seed": 42, "start": "2026-01-01T00:00:00Z", "rate": "1000", "rows": "10k"}
    async with served(kafka.bootstrap, topic="prova", **recipe) as run:
        await run.finished()
    printed = await asyncio.to_thread(printed_by, code.replace("127.0.0.1:9092", kafka.bootstrap))
    assert printed == output


def test_the_readme_has_no_placeholder() -> None:
    """No placeholder is left where a figure belongs."""
    assert "@@" not in README


def printed_by(code: str) -> str:
    """Run an example and return its output."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the README is ours
    return out.getvalue()


def test_files_named_in_the_readme_exist() -> None:
    """Every path in backticks that begins with a folder of the repository exists."""
    for path in re.findall(r"`((?:generator|schemas|docs|deploy|tests)/[\w./-]+)`", README):
        assert (TOP / path).exists(), path
