"""The two YAML loaders, libyaml's and Python's, give the same values and errors."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gerador.errors import ScenarioError
from gerador.scenario import gallery
from gerador.scenario import yaml_reader as reader
from gerador.scenario.yaml_reader import read_yaml
from tests.scenario.invalid_files import invalid_files

TEXTS = [gallery.path(name).read_text("utf-8") for name in gallery.names()]
TEXTS += [*(case.text for case in invalid_files()), "\ufeffa: 1"]
PIECES = [
    "a", "b: ", "- ", "? ", ": ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "'", '"', "|\n",
    ">\n", "#", "&x ", "*x", "!!int ", "<<: ", "null", "~", "0x1f", "1.5", "é", "\u2028", "\x85",
    "---\n", "...\n", "%YAML 1.2\n", "\\n", "${A:-b}", "\x07", "\ud800", "\t",
]  # fmt: skip


def read(text: str) -> Any:
    """Return the value with its lines, or the error message."""
    try:
        value, lines = read_yaml(text, "f.yaml", {"A": "7"})
    except ScenarioError as e:
        return str(e)
    return repr(value), lines.line_of


def read_by_both(text: str) -> tuple[Any, Any]:
    """Return the results of the fast loader and of Python's."""
    with pytest.MonkeyPatch.context() as patch:
        fast = read(text)
        patch.setattr(reader, "_FAST_LOADER", yaml.SafeLoader)
        return fast, read(text)


def test_the_fast_loader_is_used():
    """PyYAML's wheels include libyaml, so these tests compare two loaders."""
    assert reader._FAST_LOADER is yaml.CSafeLoader


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_both_loaders_agree(text: str):
    """On values, lines and error messages, of valid and invalid files."""
    fast, slow = read_by_both(text)
    assert fast == slow


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("---\n\n  ")
@settings(deadline=None, max_examples=300)
def test_both_loaders_agree_on_any_text(text: str):
    """Texts that both accept have the same value; others have an error message."""
    fast, slow = read_by_both(text)
    assert fast == slow or isinstance(slow, str)


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a [1,1,1,1,1,1,1,1,1,1]\n"
        + "".join(
            f"a{i}: &{'a' * (i + 1)} [{','.join(['*' + 'a' * i] * 10)}]\n" for i in range(1, 9)
        ),
        "a: &a [*a]",
        "a: " + "[" * 100_000,
        "a: " + "{b: " * 100_000,
        "".join(" " * i + "a:\n" for i in range(1_000)),
        "- " * 100_000,
        "? " * 100_000,
    ],
    ids=["bomb", "itself", "lists", "mappings", "block", "dashes", "keys"],
)
def test_both_loaders_reject_too_large_files(text: str):
    """Aliases of aliases, a value inside itself, too many levels, too many values."""
    fast, slow = read_by_both(text)
    assert fast == slow == "f.yaml: file has over 100,000 values or 64 levels of nesting"


def test_maximum_number_of_values():
    """The maximum is read, each value with its line; one more is rejected."""
    many = "a:\n" + "- 7\n" * 99_998
    value, lines = read_yaml(many, "f.yaml", {})
    assert (value["a"], lines.line_of["a", 99_997]) == ([7] * 99_998, 99_999)
    assert read(many + "- 7\n").endswith("file has over 100,000 values or 64 levels of nesting")
