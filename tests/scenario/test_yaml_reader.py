"""The two readers of YAML, libyaml's and Python's: they say the same of every text."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.errors import ScenarioError
from gerador.scenario import gallery
from gerador.scenario import yaml_reader as reader
from gerador.scenario.yaml_reader import read_yaml
from tests.scenario.invalid_files import broken

TEXTS = [gallery.path(name).read_text("utf-8") for name in gallery.names()]
TEXTS += [*(case.text for case in broken()), "\ufeffa: 1"]
PIECES = [
    "a", "b: ", "- ", "? ", ": ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "'", '"', "|\n",
    ">\n", "#", "&x ", "*x", "!!int ", "<<: ", "null", "~", "0x1f", "1.5", "é", "\u2028", "\x85",
    "---\n", "...\n", "%YAML 1.2\n", "\\n", "${A:-b}", "\x07", "\ud800", "\t",
]  # fmt: skip


def read(text: str) -> Any:
    """Return what is read with its lines, or the complaint."""
    try:
        value, lines = read_yaml(text, "f.yaml", {"A": "7"})
    except ScenarioError as e:
        return str(e)
    return repr(value), lines.line_of


def read_by_both(text: str) -> tuple[Any, Any]:
    """Return what comes of a text by the faster reader, and by Python's."""
    with pytest.MonkeyPatch.context() as patch:
        fast = read(text)
        patch.setattr(reader, "_FAST_LOADER", yaml.SafeLoader)
        return fast, read(text)


def test_the_fast_reader_is_there():
    """PyYAML's wheels have libyaml, so that the tests here compare two."""
    assert reader._FAST_LOADER is yaml.CSafeLoader


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_both_say_the_same(text: str):
    """Values, their lines, and each complaint, of sound files and of broken ones."""
    fast, slow = read_by_both(text)
    assert fast == slow


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@settings(deadline=None, max_examples=300)
def test_both_say_the_same_of_any_text(text: str):
    """Where both take a text they read the same; what one refuses ends in words."""
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
def test_what_is_far_too_much_is_refused_by_both(text: str):
    """Aliases of aliases, a value inside itself, depth, and number."""
    fast, slow = read_by_both(text)
    assert fast == slow == "f.yaml: over 100,000 values or 64 levels; is it a scenario?"


def test_a_hundred_thousand_values_are_the_most():
    """One more is refused; so many are read, each with its line."""
    many = "a:\n" + "- 7\n" * 99_998
    value, lines = read_yaml(many, "f.yaml", {})
    assert (value["a"], lines.line_of["a", 99_997]) == ([7] * 99_998, 99_999)
    assert read(many + "- 7\n").endswith("over 100,000 values or 64 levels; is it a scenario?")
