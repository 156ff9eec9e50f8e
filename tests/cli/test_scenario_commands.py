"""`gerador scenario` and `gerador schema`: what comes with the package, as it stands there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gerador.cli.run_setup import plan_from_settings
from gerador.errors import SettingError
from gerador.scenario import gallery
from gerador.scenario.external import load_plan
from gerador.scenario.stream_spec import default_stream
from gerador.settings.load import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.test_main import Gerador


def test_the_gallery_is_listed(gerador: Gerador):
    """A line each: the name, and what it is good for; the default first."""
    lines = gerador("scenario", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(gallery.names())
    assert lines[0].startswith("default ")
    assert all(len(line.split()) > 5 for line in lines)


@pytest.mark.parametrize("name", gallery.names())
def test_a_scenario_is_printed_as_it_stands(gerador: Gerador, name: str):
    """To the byte, so that it can be kept and changed."""
    done = gerador("scenario", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == gallery.path(name).read_text("utf-8")


def test_a_name_that_is_none_is_told(gerador: Gerador):
    """The nearest is named."""
    done = gerador("scenario", "defalt")
    assert done.returncode == 2
    assert "no scenario 'defalt' (did you mean 'default'?); there is default, " in done.stderr


def test_the_default_is_the_built_in_stream_written_out():
    """Field by field, so that whoever begins with the file begins with the same rows."""
    (stream,) = load_plan("default", {}).streams
    assert stream.spec == default_stream()


def test_the_schema_is_printed(gerador: Gerador):
    """JSON Schema, which editors read."""
    done = gerador("schema")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"streams", "seed"} <= said["properties"].keys()


def test_a_recipe_finds_its_schema_from_anywhere(tmp_path: Path):
    """The path of a schema beside the file is whole in the model that recipes are written of."""
    (tmp_path / "s.avsc").write_text(load_plan("default", {}).streams[0].spec.schema.json)
    (tmp_path / "s.yaml").write_text("streams: {s: {schema: s.avsc, rate: 1}}")
    scenario = load_plan(str(tmp_path / "s.yaml"), {}).scenario
    assert scenario is not None
    assert scenario.streams["s"].avro_schema == str(tmp_path / "s.avsc")


def test_full_speed_is_refused_beside_a_script(tmp_path: Path):
    """--rate max is judged as the file's own rate is, before anything starts."""
    (file := tmp_path / "s.yaml").write_text(
        "rate: 10/s\nstreams: {s: {fields: {id: uuid}, at: {5m: pause}}}"
    )
    settings = load_settings({}, scenario=str(file), rate="max")
    with pytest.raises(SettingError, match=r"^--rate: stream 's': at with rate max: "):
        plan_from_settings(settings, {})
