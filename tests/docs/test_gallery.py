"""docs/gallery.md: its excerpts are in the files, its rows and results are real."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import textwrap

import pytest

from gerador.cli.main import main
from gerador.scenario import gallery
from tests.docs.examples import Block, Example, blocks, examples, page

PAGE = "gallery.md"
SAMPLES = [e for e in examples(PAGE) if e.command.startswith("gerador sample")]
PROGRAMS = [
    found.groups()
    for found in re.finditer(r"```python\n(.*?)```\n\n```text\n(.*?)```", page(PAGE), re.DOTALL)
]


def test_every_scenario_is_on_the_page() -> None:
    """With an excerpt of its file and rows of its own."""
    assert {block.mark for block in blocks(PAGE, "yaml")} == set(gallery.names())
    assert {e.command.split()[2] for e in SAMPLES} == set(gallery.names())
    assert set(re.findall(r"^## (\w+)$", page(PAGE), re.MULTILINE)) == set(gallery.names())


@pytest.mark.parametrize("block", blocks(PAGE, "yaml"), ids=lambda block: block.place)
def test_excerpts_are_in_the_file(block: Block) -> None:
    """Compare all lines, without their common indentation."""
    lines = gallery.text(block.mark).splitlines()
    shown = block.text.splitlines()
    pieces = (lines[i : i + len(shown)] for i in range(len(lines)))
    assert any(textwrap.dedent("\n".join(p)) == "\n".join(shown) for p in pieces)


@pytest.mark.parametrize("example", SAMPLES, ids=lambda example: example.place)
def test_rows_are_as_printed(
    example: Example, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The output of the command is the one on the page."""
    monkeypatch.setattr(sys, "argv", example.command.split())
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert capfd.readouterr().out.rstrip("\n") == example.answer


@pytest.mark.parametrize(("code", "printed"), PROGRAMS)
def test_queries_return_what_is_printed(code: str, printed: str) -> None:
    """The output of each program is the one on the page."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, PAGE, "exec"), {})  # noqa: S102 - the page is ours
    assert out.getvalue().rstrip() == printed.rstrip()


def test_every_scenario_has_a_query_to_compare_with() -> None:
    """Except `default`, and Nexmark, whose queries are in Flink SQL."""
    assert len(PROGRAMS) == len(gallery.names()) - 2
