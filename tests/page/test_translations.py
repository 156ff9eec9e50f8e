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
    state_name,
    translate,
)
from gerador.service.status import State


def test_every_text_exists_in_both_languages():
    """No text is empty, and both languages have equally many placeholders."""
    for key, texts in TEXTS.items():
        assert len(texts) == len(LANGUAGES), key
        assert all(line.strip() for line in texts), key
        assert len({line.count("{}") for line in texts}) == 1, key


def test_every_text_is_used():
    """No text is unused."""
    sources = [f.read_text() for f in files("gerador.page").iterdir() if f.name.endswith(".py")]
    used = set(
        re.findall(r"""["'](\w+)["']""", "\n".join(s for s in sources if "\nTEXTS:" not in s))
    )
    states = {key for key in TEXTS if translate("en", key, "", "", "") in map(str, _state_texts())}
    themes = {key for key in TEXTS if key.startswith("theme_")}
    assert set(TEXTS) - used - states - themes - set(COUNTERS) == set()


def _state_texts() -> list[str | None]:
    return [state_description("en", state) for state in State]


def test_states_have_names():
    """In Portuguese they are those of /status, apart from an accent; no two are equal."""
    assert [state_name("pt", s).replace("í", "i") for s in State] == [str(s) for s in State]
    english = [state_name("en", s) for s in State]
    assert english == ["starting", "active", "paused", "degraded", "error", "stopping", "finished"]


def test_every_state_but_ativo_has_a_description():
    """That of ativo depends on the rates."""
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
def test_the_language_is_selected_or_the_best_accepted(
    accepted: str, chosen: str | None, language: str
):
    """The selection takes precedence over Accept-Language, and that over English."""
    assert negotiate_language(accepted, chosen) == language
