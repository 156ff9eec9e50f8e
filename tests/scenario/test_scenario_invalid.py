"""What is wrong about a scenario file is told whole: file, line, path, what, and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from gerador.errors import ScenarioError
from gerador.scenario.external import ExternalTypes
from gerador.scenario.load import load_scenario, parse_scenario
from gerador.scenario.yaml_reader import read_yaml
from tests.scenario.invalid_files import SOURCE, Broken, broken

CASES = broken()
KNOWLEDGE = ExternalTypes(Path("nowhere"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_a_broken_file_is_told_exactly(case: Broken):
    """Each of these files has this message, and no other line."""
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(case.text, SOURCE, {}, KNOWLEDGE)
    assert str(refused.value) == case.message


def test_there_are_many_of_them():
    """The table has files that are wrong in each way."""
    marks = [case.mark for case in CASES]
    assert len(CASES) >= 60
    assert all(marks.count(mark) > 9 for mark in ("text", "structure", "judged", "meaning"))
    assert len({case.text for case in CASES}) == len(CASES)


def test_each_complaint_begins_with_file_and_line():
    """A line of a message can be clicked."""
    for case in CASES:
        for line in case.message.splitlines():
            assert line.startswith(f"{SOURCE}:"), case.place
            assert line.removeprefix(f"{SOURCE}:")[0].isdigit(), case.place


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    """No file, a folder, and bytes that are no text: one line each."""
    for path, words in [
        (tmp_path / "nada.yaml", "cannot be read: No such file or directory"),
        (tmp_path, "cannot be read: Is a directory"),
    ]:
        with pytest.raises(ScenarioError, match=words):
            load_scenario(path, {}, KNOWLEDGE)
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="not UTF-8 text; give a scenario file"):
        load_scenario(tmp_path / "bytes.yaml", {}, KNOWLEDGE)


def test_a_schema_that_is_not_there_is_told_with_its_path(tmp_path: Path):
    """The path is the one that was looked at: beside the scenario's file."""
    file = tmp_path / "s.yaml"
    file.write_text("streams: {s: {schema: nada/x.avsc}}")
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file, {}, ExternalTypes(tmp_path))
    assert str(refused.value) == (
        f"{file}:1: streams.s.schema: {tmp_path}/nada/x.avsc: cannot be read: "
        "No such file or directory; give the path of an Avro schema (.avsc)"
    )


def test_far_too_much_is_refused():
    """Aliases that multiply, depth without end and a huge file end early, in one line."""
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )
    for text in (bomb, "[" * 500 + "]" * 500, "x" * 5_000_000):
        with pytest.raises(ScenarioError, match=r"is it a scenario|not YAML") as refused:
            parse_scenario(text, SOURCE, {}, KNOWLEDGE)
        assert "\n" not in str(refused.value)


def test_a_variable_that_is_empty_is_told_as_such():
    """Nobody who has set it shall read that it is not set."""
    with pytest.raises(ScenarioError, match=r"topic: \$\{T\} is empty; set it, or write \$\{T:-a"):
        read_yaml("topic: ${T}", "f.yaml", {"T": ""})
    assert read_yaml("topic: ${T:-}", "f.yaml", {"T": ""})[0] == {"topic": None}
