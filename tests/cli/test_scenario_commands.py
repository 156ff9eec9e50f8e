"""`gerador scenario` and `gerador schema`, and plans from settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gerador.cli.run_setup import plan_from_settings, scenario_from_plan, stream_recipe
from gerador.errors import SettingError
from gerador.scenario import gallery
from gerador.scenario.dump import write_scenario
from gerador.scenario.external_sources import ExternalTypes
from gerador.scenario.load import load_plan, parse_scenario
from gerador.scenario.stream_spec import spec_for
from gerador.settings.load import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.test_main import Gerador


def test_the_gallery_is_listed(gerador: Gerador):
    """One line each: name and description; the default first."""
    lines = gerador("scenario", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(gallery.names())
    assert lines[0].startswith("default ")
    assert all(len(line.split()) > 5 for line in lines)


@pytest.mark.parametrize("name", gallery.names())
def test_a_scenario_is_printed_verbatim(gerador: Gerador, name: str):
    """The output is the file, byte by byte."""
    done = gerador("scenario", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == gallery.path(name).read_text("utf-8")


def test_an_unknown_name_is_an_error(gerador: Gerador):
    """The error names the closest scenario."""
    done = gerador("scenario", "defalt")
    assert done.returncode == 2
    assert (
        "unknown scenario 'defalt'; did you mean 'default'? Gallery scenarios: default, "
        in done.stderr
    )


def test_the_default_scenario_is_the_built_in_stream():
    """Its file has the same fields, and so the same rows."""
    (stream,) = load_plan("default", {}).streams
    assert stream.spec == spec_for()


@pytest.mark.parametrize(("locale", "expected"), [(None, "pt_BR"), ("en_US", "en_US")])
def test_the_recipe_of_the_built_in_stream_has_its_locale(locale: str | None, expected: str):
    """The locale is written once, and gives the same generators."""
    settings = load_settings({}, locale=locale)
    plan = plan_from_settings(settings, {})
    text = write_scenario(scenario_from_plan(settings, plan))
    assert f"locale: {expected}\n" in text
    assert "nome: faker.name\n" in text
    folder = gallery.folder()
    again = parse_scenario(text, "recipe.yaml", {}, ExternalTypes(folder))
    assert again.streams[0].spec.fields == plan.streams[0].spec.fields


def test_an_unknown_locale_of_a_setting():
    """The message names the variable and the closest locale."""
    with pytest.raises(SettingError) as error:
        plan_from_settings(load_settings({"GERADOR_LOCALE": "pt_BX"}), {})
    message = "unknown locale 'pt_BX'; did you mean 'pt_BR'? Expected a language and a country"
    assert str(error.value).startswith(f"GERADOR_LOCALE=pt_BX: {message}")


def test_an_invalid_schedule_names_the_option_that_was_used(monkeypatch: pytest.MonkeyPatch):
    """The interval is checked with the rows of a generation; the message has the value as given."""

    def fails(*_arguments: object, **_options: object) -> None:
        raise SettingError("too fast")

    monkeypatch.setattr("gerador.cli.run_setup.target_rate_or_generations", fails)
    for settings, given in (
        (load_settings({"INTERVALO_GERACAO": "7s"}, interval_s="2ms"), "--interval=2ms"),
        (load_settings({"INTERVALO_GERACAO": "2ms"}), "INTERVALO_GERACAO=2ms"),
        (load_settings({}, rate="5k"), "--rate=5k"),
    ):
        plan = plan_from_settings(settings, {})
        with pytest.raises(SettingError, match=f"^{given}: too fast$"):
            stream_recipe(settings, plan, plan.streams[0], 1)


def test_the_schema_is_printed(gerador: Gerador):
    """The output is a JSON Schema."""
    done = gerador("schema")
    assert (done.returncode, done.stderr) == (0, "")
    schema = json.loads(done.stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"streams", "seed"} <= schema["properties"].keys()


def test_schema_paths_of_a_recipe_are_absolute(tmp_path: Path):
    """The path of a schema next to the scenario is absolute in the model."""
    (tmp_path / "s.avsc").write_text(load_plan("default", {}).streams[0].spec.schema.json)
    (tmp_path / "s.yaml").write_text("streams: {s: {schema: s.avsc, rate: 1}}")
    scenario = load_plan(str(tmp_path / "s.yaml"), {}).scenario
    assert scenario is not None
    assert scenario.streams["s"].avro_schema == str(tmp_path / "s.avsc")


def test_rate_max_with_scripted_changes_is_rejected(tmp_path: Path):
    """--rate max is validated like the rate of the file."""
    (file := tmp_path / "s.yaml").write_text(
        "rate: 10/s\nstreams: {s: {fields: {id: uuid}, at: {5m: pause}}}"
    )
    settings = load_settings({}, scenario=str(file), rate="max")
    with pytest.raises(
        SettingError, match=r"^--rate: stream 's': at cannot be combined with rate max: "
    ):
        plan_from_settings(settings, {})
