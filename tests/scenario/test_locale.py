"""The locale of Faker values: of a field, its stream, the scenario, an option."""

from __future__ import annotations

from pathlib import Path

import pytest

import gerador
from gerador.errors import ScenarioError, SettingError
from gerador.scenario.dump import write_scenario
from gerador.scenario.load import load_plan
from gerador.values.faker_pool import FakerGenerator

FIELDS = """
    fields: {nome: faker.name, outro: {faker: name, locale: ja_JP}, l: {array: {items: faker.city}}}
"""


def scenario(folder: Path, top: str = "", stream: str = "") -> str:
    """Write a scenario with a stream `s`; return its path."""
    file = folder / "s.yaml"
    file.write_text(f"{top}\nstreams:\n  s:\n    rows: 9\n    {stream}{FIELDS}", "utf-8")
    return str(file)


def locales(path: str, locale: str | None = None) -> list[str | None]:
    """Return the locales of the Faker fields."""
    fields = load_plan(path, {}, locale=locale).streams[0].spec.fields.values()
    return [field.locale for field in fields if isinstance(field, FakerGenerator)]


@pytest.mark.parametrize(
    ("top", "stream", "option", "expected"),
    [
        ("", "", None, "en_US"),
        ("locale: pt_BR", "", None, "pt_BR"),
        ("locale: pt_BR", "locale: de_DE", None, "de_DE"),
        ("locale: pt_BR", "", "fr_FR", "fr_FR"),
        ("locale: pt_BR", "locale: de_DE", "fr_FR", "de_DE"),
        ("", "", "fr_FR", "fr_FR"),
    ],
)
def test_precedence(tmp_path: Path, top: str, stream: str, option: str | None, expected: str):
    """The field's own locale, else the stream's, else the option, the scenario's, or en_US."""
    assert locales(scenario(tmp_path, top, stream), option) == [expected, "ja_JP", expected]


def test_recipe_has_the_locale(tmp_path: Path):
    """The written scenario has the locale in effect, and gives the same rows."""
    for option, top in (("fr_FR", "locale: pt_BR"), (None, ""), (None, "locale: pt_BR")):
        file = scenario(tmp_path, top)
        model = load_plan(file, {}, locale=option).scenario
        assert model is not None
        assert model.locale == (option or ("pt_BR" if top else "en_US"))
        again = tmp_path / "again.yaml"
        again.write_text(write_scenario(model), "utf-8")
        first, second = (
            gerador.streams(source, seed=1, start="2026-01-01", locale=locale)["s"].rows(0, 9)
            for source, locale in ((file, option), (again, None))
        )
        assert first.equals(second)


def test_no_locale_without_faker(tmp_path: Path):
    """The written scenario has no locale if no field depends on it."""
    file = tmp_path / "s.yaml"
    file.write_text("streams: {s: {fields: {id: uuid}}}")
    model = load_plan(str(file), {}).scenario
    assert model is not None
    assert model.locale is None


def test_unknown_locales(tmp_path: Path):
    """File, line and the closest locale; providers of other locales are not reported."""
    file = scenario(tmp_path, "locale: pt_BX", "locale: de_DX")
    Path(file).write_text(Path(file).read_text().replace("faker.city", "faker.cpf"))
    with pytest.raises(ScenarioError) as error:
        load_plan(file, {})
    advice = "Expected a language and a country, such as pt_BR or en_US"
    assert str(error.value).splitlines() == [
        f"{file}:1: locale: unknown locale 'pt_BX'; did you mean 'pt_BR'? {advice}",
        f"{file}:5: streams.s.locale: unknown locale 'de_DX'; did you mean 'de_DE'? {advice}",
    ]
    file = scenario(tmp_path, "locale: pt_BX", "let: {a: uuidd}")
    with pytest.raises(ScenarioError, match="unknown generator") as error:
        load_plan(file, {})
    assert "s.yaml:1: locale: unknown locale 'pt_BX'" in str(error.value)


def test_python_api(tmp_path: Path):
    """`gerador.stream` and `gerador.streams` take a locale and reject unknown ones."""
    start = "2026-01-01"
    made = [gerador.stream(seed=1, start=start, locale=x) for x in (None, "pt_BR", "en_US")]
    names = [stream.rows(0, 20)["nome"].to_pylist() for stream in made]
    assert names[0] == names[1] != names[2]
    for call in (
        lambda: gerador.stream(locale="en_UX"),
        lambda: gerador.streams(scenario(tmp_path), locale="en_UX"),
    ):
        with pytest.raises(SettingError, match="unknown locale 'en_UX'; did you mean 'en_US'"):
            call()
