"""A scenario file into a plan: read, checked, resolved. What `gerador check` and `run` call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gerador.errors import ScenarioError
from gerador.scenario.file.complaints import complaints, told
from gerador.scenario.file.model import Scenario
from gerador.scenario.file.resolve import faults_of, resolve
from gerador.scenario.file.rounds import faults_behind
from gerador.scenario.file.text import CHARACTERS_MAX, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gerador.scenario.file.complaints import Fault
    from gerador.scenario.file.resolve import Knowledge, ScenarioPlan
    from gerador.scenario.file.text import Lines

_STAND_IN: Final = "1/s"
"""A rate that nothing else of a file can be wrong about."""


def load_scenario(path: Path, environ: Mapping[str, str], knowledge: Knowledge) -> ScenarioPlan:
    """Return the plan of the scenario in the file at `path`.

    Raises ScenarioError: every complaint, a line each: file, line, path, what, the way out.
    """
    return parse_scenario(_text_of(path), str(path), environ, knowledge)


def parse_scenario(
    text: str, source: str, environ: Mapping[str, str], knowledge: Knowledge
) -> ScenarioPlan:
    """Return the plan of a scenario's text; `source` names it. Raises as `load_scenario`."""
    value, lines = _mapping(text, source, environ)
    scenario, faults = _validated(value, lines)
    if scenario is not None:
        plan, found = resolve(scenario, knowledge)
        if not found:
            return plan
        faults += found
    else:
        rest, broken = _sound(value, faults)
        if rest is not None:
            faults += faults_of(rest, knowledge, broken)
    # What is sound is judged to the end, so that one start tells everything.
    faults += faults_behind(value, lines, knowledge, faults)
    raise ScenarioError(told(faults, lines))


def model_of(text: str, source: str, environ: Mapping[str, str]) -> tuple[Scenario, Lines]:
    """Return the model of a scenario's text, and its lines. Raises as `load_scenario`."""
    value, lines = _mapping(text, source, environ)
    scenario, faults = _validated(value, lines)
    if scenario is None:
        raise ScenarioError(told(faults, lines))
    return scenario, lines


def _mapping(text: str, source: str, environ: Mapping[str, str]) -> tuple[dict[Any, Any], Lines]:
    value, lines = read_yaml(text, source, environ)
    if not isinstance(value, dict):
        raise ScenarioError(f"{source}:1: a scenario is a mapping that has streams")
    return value, lines


def _validated(value: Any, lines: Lines) -> tuple[Scenario | None, list[Fault]]:
    try:
        return Scenario.model_validate(value), []
    except ValidationError as e:
        return None, list(complaints(e, Scenario, lines))


def _sound(value: dict[Any, Any], faults: list[Fault]) -> tuple[Scenario | None, set[Any]]:
    """Return the scenario without what is wrong about its structure, and the streams left out."""
    wrong = {loc[:2] if loc[:1] == ("streams",) else loc[:1] for loc, _ in faults}
    streams = value.get("streams")
    if not isinstance(streams, dict) or () in wrong or ("streams",) in wrong:
        return None, set()
    kept = {name: stream for name, stream in streams.items() if ("streams", name) not in wrong}
    rest = {k: v for k, v in value.items() if (k,) not in wrong} | {"streams": kept}
    if ("rate",) in wrong:
        rest["rate"] = _STAND_IN  # there is one, whatever it is, and weights have a share of it
    try:
        return Scenario.model_validate(rest), set(streams) - set(kept)
    except ValidationError:
        return None, set()  # without any sound stream, say


def _text_of(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(CHARACTERS_MAX + 1)
    except OSError as e:
        raise ScenarioError(f"{path}: cannot be read: {e.strerror}; give a scenario file") from e
    except UnicodeDecodeError as e:
        raise ScenarioError(f"{path}: not UTF-8 text; give a scenario file") from e
    except ValueError as e:  # a path with a character that no path has
        raise ScenarioError(f"{str(path)!r}: cannot be read: {e}; give a scenario file") from e
