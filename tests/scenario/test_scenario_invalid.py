"""Error messages of invalid scenario files: file, line, path, message, suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from gerador.errors import ScenarioError
from gerador.scenario.external_sources import ExternalTypes
from gerador.scenario.load import load_scenario, parse_scenario
from gerador.scenario.yaml_reader import read_yaml
from tests.scenario.invalid_files import SOURCE, InvalidFile, invalid_files

CASES = invalid_files()
EXTERNAL = ExternalTypes(Path("nowhere"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_error_message(case: InvalidFile):
    """Each of these files has exactly this message."""
    with pytest.raises(ScenarioError) as error:
        parse_scenario(case.text, SOURCE, {}, EXTERNAL)
    assert str(error.value) == case.message


def test_the_table_covers_all_kinds():
    """The table has files of each kind of error, none twice."""
    marks = [case.mark for case in CASES]
    assert len(CASES) >= 60
    assert all(marks.count(mark) > 9 for mark in ("syntax", "structure", "value", "combination"))
    assert len({case.text for case in CASES}) == len(CASES)


def test_each_line_begins_with_file_and_line():
    """Terminals and editors can link each line of a message to its place."""
    for case in CASES:
        for line in case.message.splitlines():
            assert line.startswith(f"{SOURCE}:"), case.place
            assert line.removeprefix(f"{SOURCE}:")[0].isdigit(), case.place


def test_unreadable_file(tmp_path: Path):
    """A missing file, a folder, and bytes that are not UTF-8."""
    for path, words in [
        (tmp_path / "nada.yaml", "cannot read the scenario file: No such file or directory"),
        (tmp_path, "cannot read the scenario file: Is a directory"),
    ]:
        with pytest.raises(ScenarioError, match=words):
            load_scenario(path, {}, EXTERNAL)
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="not UTF-8 text; expected a scenario file"):
        load_scenario(tmp_path / "bytes.yaml", {}, EXTERNAL)


def test_missing_schema_file(tmp_path: Path):
    """The message has the path that was tried, relative to the scenario's folder."""
    file = tmp_path / "s.yaml"
    file.write_text("streams: {s: {schema: nada/x.avsc}}")
    with pytest.raises(ScenarioError) as error:
        load_scenario(file, {}, ExternalTypes(tmp_path))
    assert str(error.value) == (
        f"{file}:1: streams.s.schema: {tmp_path}/nada/x.avsc: cannot be read: "
        "No such file or directory; give the path of an Avro schema (.avsc)"
    )


def test_too_large_files():
    """Multiplying aliases, deep nesting and a huge file are rejected early, in one line."""
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )
    for text in (bomb, "[" * 500 + "]" * 500, "x" * 5_000_000):
        with pytest.raises(ScenarioError, match=r"file has over|invalid YAML") as error:
            parse_scenario(text, SOURCE, {}, EXTERNAL)
        assert "\n" not in str(error.value)


def test_empty_variable():
    """A variable that is set to an empty value is reported as empty, not as unset."""
    with pytest.raises(
        ScenarioError, match=r"topic: environment variable T is empty; set it, or write \$\{T:-d"
    ):
        read_yaml("topic: ${T}", "f.yaml", {"T": ""})
    assert read_yaml("topic: ${T:-}", "f.yaml", {"T": ""})[0] == {"topic": None}
