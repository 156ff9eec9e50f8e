from __future__ import annotations

import re
from importlib.resources import files

import pytest

from gerador.page.details_panel import COUNTERS
from gerador.page.translations import (
    LANGUAGES,
    TEXTS,
    negotiate_language,
    state_description,
    translate,
)
from gerador.service.status import State


def test_every_text_is_there_in_both_languages():
    """No text is missing or empty, and both languages fill in as many values."""
    for key, said in TEXTS.items():
        assert len(said) == len(LANGUAGES), key
        assert all(line.strip() for line in said), key
        assert len({line.count("{}") for line in said}) == 1, key


def test_every_text_is_used():
    """No text stands in the table that the page never says."""
    sources = [f.read_text() for f in files("gerador.page").iterdir() if f.name.endswith(".py")]
    used = set(re.findall(r"""["'](\w+)["']""", "\n".join(s for s in sources if "TEXTS:" not in s)))
    states = {key for key in TEXTS if translate("en", key, "", "", "") in map(str, _state_texts())}
    themes = {key for key in TEXTS if key.startswith("theme_")}
    assert set(TEXTS) - used - states - themes - set(COUNTERS) == set()


def _state_texts() -> list[str | None]:
    return [state_description("en", state) for state in State]


def test_every_state_but_the_good_one_is_explained():
    """Each state word has a sentence, except ativo, which depends on the numbers."""
    assert [s for s in State if state_description("pt", s) is None] == [State.ACTIVE]


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.8", None, "pt"),
        ("en-GB,en;q=0.9,pt;q=0.1", None, "en"),
        ("de,fr;q=0.5", None, "en"),
        ("de, pt;q=0.2", None, "pt"),
        ("pt;q=0", None, "en"),
        ("en;q=0.2,pt;q=x", None, "en"),
        ("", None, "en"),
        (",;;=,q", None, "en"),
        ("en", "pt", "pt"),
        ("pt", "xx", "pt"),
    ],
)
def test_the_language_is_chosen_or_the_best_accepted(
    accepted: str, chosen: str | None, language: str
):
    """A choice wins over Accept-Language, whose best known entry wins over English."""
    assert negotiate_language(accepted, chosen) == language
