"""Load a scenario file: read, validate, resolve; raise one error that lists every problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gerador.errors import ScenarioError
from gerador.scenario.error_recovery import masked_errors
from gerador.scenario.model import Scenario
from gerador.scenario.resolve import resolution_errors, resolve
from gerador.scenario.validation_errors import format_errors, validation_errors
from gerador.scenario.yaml_reader import CHARACTERS_MAX, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gerador.scenario.plan import ExternalTypes, ScenarioPlan
    from gerador.scenario.validation_errors import LocatedError
    from gerador.scenario.yaml_reader import LineIndex


_PLACEHOLDER_RATE: Final = "1/s"
"""A rate that nothing else of a file can be wrong about."""


def load_scenario(path: Path, environ: Mapping[str, str], knowledge: ExternalTypes) -> ScenarioPlan:
    """Return the plan of the scenario in the file at `path`.

    Raises ScenarioError: every complaint, a line each: file, line, path, what, the way out.
    """
    return parse_scenario(_read_text(path), str(path), environ, knowledge)


def parse_scenario(
    text: str, source: str, environ: Mapping[str, str], knowledge: ExternalTypes
) -> ScenarioPlan:
    """Return the plan of a scenario's text; `source` names it. Raises as `load_scenario`."""
    value, lines = _read_mapping(text, source, environ)
    scenario, faults = _validate(value, lines)
    if scenario is not None:
        plan, found = resolve(scenario, knowledge)
        if not found:
            return plan
        faults += found
    else:
        rest, broken = _valid_part(value, faults)
        if rest is not None:
            faults += resolution_errors(rest, knowledge, broken)
    # What is sound is judged to the end, so that one start tells everything.
    faults += masked_errors(value, lines, knowledge, faults)
    raise ScenarioError(format_errors(faults, lines))


def parse_model(text: str, source: str, environ: Mapping[str, str]) -> tuple[Scenario, LineIndex]:
    """Return the model of a scenario's text, and its lines. Raises as `load_scenario`."""
    value, lines = _read_mapping(text, source, environ)
    scenario, faults = _validate(value, lines)
    if scenario is None:
        raise ScenarioError(format_errors(faults, lines))
    return scenario, lines


def _read_mapping(
    text: str, source: str, environ: Mapping[str, str]
) -> tuple[dict[Any, Any], LineIndex]:
    value, lines = read_yaml(text, source, environ)
    if not isinstance(value, dict):
        raise ScenarioError(f"{source}:1: a scenario is a mapping that has streams")
    return value, lines


def _validate(value: Any, lines: LineIndex) -> tuple[Scenario | None, list[LocatedError]]:
    try:
        return Scenario.model_validate(value), []
    except ValidationError as e:
        return None, list(validation_errors(e, Scenario, lines))


def _valid_part(
    value: dict[Any, Any], faults: list[LocatedError]
) -> tuple[Scenario | None, set[Any]]:
    """Return the scenario without what is wrong about its structure, and the streams left out."""
    wrong = {loc[:2] if loc[:1] == ("streams",) else loc[:1] for loc, _ in faults}
    streams = value.get("streams")
    if not isinstance(streams, dict) or () in wrong or ("streams",) in wrong:
        return None, set()
    kept = {name: stream for name, stream in streams.items() if ("streams", name) not in wrong}
    rest = {k: v for k, v in value.items() if (k,) not in wrong} | {"streams": kept}
    if ("rate",) in wrong:
        rest["rate"] = (
            _PLACEHOLDER_RATE  # there is one, whatever it is, and weights have a share of it
        )
    try:
        return Scenario.model_validate(rest), set(streams) - set(kept)
    except ValidationError:
        return None, set()  # without any sound stream, say


def _read_text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(CHARACTERS_MAX + 1)
    except OSError as e:
        raise ScenarioError(f"{path}: cannot be read: {e.strerror}; give a scenario file") from e
    except UnicodeDecodeError as e:
        raise ScenarioError(f"{path}: not UTF-8 text; give a scenario file") from e
    except ValueError as e:  # a path with a character that no path has
        raise ScenarioError(f"{str(path)!r}: cannot be read: {e}; give a scenario file") from e
