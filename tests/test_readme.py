"""What the README shows is so: its settings are the program's, its Python runs, its files exist."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import gerador
from gerador.scenario import gallery
from gerador.settings.model import ENVIRONMENT
from tests.docs.settings_rows import setting_row
from tests.e2e.command import ended
from tests.e2e.service import served

if TYPE_CHECKING:
    import pytest

    from tests.kafka_fixture import Broker

TOP = Path(__file__).parents[1]
README = (TOP / "README.md").read_text("utf-8")
PYTHON = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)


def test_the_settings_shown_are_the_programs_settings() -> None:
    """Each row of the short table is a setting as the program describes it."""
    rows = re.findall(r"^\| `[A-Z_]+` \|.*$", README, re.MULTILINE)
    assert len(rows) > 5
    assert set(rows) <= {setting_row(field) for field in ENVIRONMENT.values()}


def test_the_scenario_makes_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is taken as printed, and what `check` and `sample` say of it is in the page."""
    monkeypatch.chdir(tmp_path)
    (scenario,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "shop.yaml").write_text(scenario, "utf-8")
    (shown,) = re.findall(r"\$ gerador check shop.yaml\n…\n(.*?)\$ gerador", README, re.DOTALL)
    assert shown in ended("check", "shop.yaml", COLUMNS="80").stdout
    ((arguments, shown),) = re.findall(r"\$ gerador (sample .*)\n(.*?)```", README, re.DOTALL)
    assert ended(*arguments.split()).stdout == shown


def test_the_gallery_is_shown() -> None:
    """Each scenario that comes along has its line, with the names of its streams."""
    lines = re.findall(r"^\| `([a-z]+)` \| (`.*?) \|", README, re.MULTILINE)
    there = {name: re.findall("`(.*?)`", streams) for name, streams in lines}
    assert there == {name: list(gerador.streams(name)) for name in gallery.names()}


def test_the_answer_key_examples_print_what_the_readme_says() -> None:
    """The Python API's examples give the output that is printed below them."""
    for code, output in PYTHON[:-1]:
        assert printed_by(code) == output


async def test_the_proof_example_finds_every_row_where_it_should_be(kafka: Broker) -> None:
    """The comparison runs as printed, but for the address, over the run that it names."""
    *_, (code, output) = PYTHON
    recipe = {"seed": 42, "start": "2026-01-01T00:00:00Z", "rate": "1000", "rows": "10k"}
    async with served(kafka.bootstrap, topic="prova", **recipe) as run:
        await run.finished()
    printed = await asyncio.to_thread(printed_by, code.replace("127.0.0.1:9092", kafka.bootstrap))
    assert printed == output


def test_nothing_is_left_open_in_the_readme() -> None:
    """No placeholder stands where a figure should."""
    assert "@@" not in README


def printed_by(code: str) -> str:
    """Run an example and return what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the README is ours
    return out.getvalue()


def test_files_that_the_readme_names_exist() -> None:
    """Every path in the README that looks like one of ours is there."""
    for path in re.findall(r"`((?:generator|schemas|docs|deploy|tests)/[\w./-]+)`", README):
        assert (TOP / path).exists(), path
