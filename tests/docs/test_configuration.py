"""docs/configuration.md: its tables match the settings, and its examples are valid as printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

from gerador.cli.kafka_destination import kafka_connection
from gerador.cli.options import POSITIONAL
from gerador.settings.load import load_settings
from gerador.settings.model import ENVIRONMENT, Settings, option_of
from tests.docs.alike import assert_lines_alike
from tests.docs.examples import Block, blocks, examples, page
from tests.docs.settings_rows import full_setting_row
from tests.e2e.command import Done, ended

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = "configuration.md"
RECIPES = [*blocks(PAGE, "sh"), *blocks("api.md", "sh")]
TOP = Path(__file__).parents[2]
FLAGS = {field for field in ENVIRONMENT.values() if Settings.model_fields[field].default is False}
OPTIONS = {option_of(field): field for field in ENVIRONMENT.values()}


def loaded(recipe: Block) -> Settings:
    """Return the settings that a recipe's exports and its `gerador run` give."""
    environ: dict[str, str] = {}
    options: dict[str, Any] = {}
    for line in re.sub(r"\$\([^)]*\)", "user:s3same", recipe.text).splitlines():
        match shlex.split(line, comments=True):
            case ["export", assignment]:
                name, _, value = assignment.partition("=")
                assert name in ENVIRONMENT, f"{recipe.place}: {name}"
                environ[name] = value if name != "GERADOR_API_TOKEN" else "s3same"
            case ["gerador", "run", *arguments]:
                options = dict(_options(arguments))
            case ["curl", *_]:
                pass
            case other:
                raise AssertionError(f"{recipe.place}: {other}")
    return load_settings(environ, **options)


def _options(arguments: list[str]) -> list[tuple[str, Any]]:
    words = iter(arguments)
    return [_option(word, words) for word in words]


def _option(word: str, words: Iterator[str]) -> tuple[str, Any]:
    if not word.startswith("--"):
        return POSITIONAL, word
    return OPTIONS[word], True if OPTIONS[word] in FLAGS else next(words)


def test_the_tables_are_the_settings() -> None:
    """Every setting has its row, in the program's own order, and there is no other row."""
    rows = re.findall(r"^\| `[A-Z_]+` \|.*$", page(PAGE), re.MULTILINE)
    assert rows == [full_setting_row(field) for field in ENVIRONMENT.values()]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.place)
def test_every_recipe_is_taken(recipe: Block) -> None:
    """The variables exist, their values are in range, and nothing needed is missing."""
    settings = loaded(recipe)
    kafka_connection(settings, settings.bootstrap_servers)


def test_every_way_to_be_safe_has_a_recipe() -> None:
    """Each SASL mechanism has an example, and TLS with and without a certificate."""
    safe = [s for s in map(loaded, RECIPES) if s.security_protocol != "PLAINTEXT"]
    mechanisms = {s.sasl_mechanism for s in safe if s.security_protocol.startswith("SASL")}
    assert mechanisms == set(get_args(Settings.model_fields["sasl_mechanism"].annotation))
    assert {s.ssl_certfile is None for s in safe if s.security_protocol == "SSL"} == {True, False}


def test_the_compose_variables_are_those_of_the_example() -> None:
    """What the page sets in .env is in .env.example, and is valid."""
    (block,) = blocks(PAGE, "ini")
    given = dict(line.split("=", 1) for line in block.text.splitlines())
    example = (TOP / ".env.example").read_text("utf-8")
    assert given.keys() <= set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    load_settings(given)


def test_compose_leaves_room_for_a_scenario() -> None:
    """The settings of the scenario example contain none that only a single stream accepts."""
    example = (TOP / ".env.example").read_text("utf-8")
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    known = {name: value for name, value in given.items() if name in ENVIRONMENT}
    assert load_settings(known | {"GERADOR_SCENARIO": "ecommerce"}).scenario == "ecommerce"


def test_commands_answer_as_shown() -> None:
    """Each command ends as printed: its last words, and the exit code where it is asked for."""
    done: Done | None = None
    for example in examples(PAGE):
        if example.command == "echo $?":
            assert done is not None, example.place
            assert str(done.returncode) == example.answer, example.place
        else:
            done = _run(example.command)
            assert_lines_alike(example.answer, "\n".join([*done.text_lines, done.stdout]).strip())


def _run(command: str) -> Done:
    words = shlex.split(command)
    environ = dict(word.split("=", 1) for word in words[: words.index("gerador")])
    return ended(*words[words.index("gerador") + 1 :], **environ)
