"""Load a scenario: find its file, read, validate and resolve it; report all errors at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gerador.avro.load import exists
from gerador.errors import ScenarioError
from gerador.scenario import gallery
from gerador.scenario.external_sources import ExternalTypes
from gerador.scenario.masked_errors import masked_errors
from gerador.scenario.model import Scenario
from gerador.scenario.resolve import resolution_errors, resolve
from gerador.scenario.validation_errors import format_errors, validation_errors
from gerador.scenario.yaml_reader import CHARACTERS_MAX, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.scenario.external_sources import SchemaReader
    from gerador.scenario.plan import ScenarioPlan
    from gerador.scenario.yaml_reader import LineIndex, LocatedError


_PLACEHOLDER_RATE: Final = "1/s"
"""A rate that is valid in every scenario, in place of an invalid one."""


def load_plan(
    scenario: str,
    environ: Mapping[str, str],
    registry: SchemaReader | None = None,
    locale: str | None = None,
) -> ScenarioPlan:
    """Return the plan of a scenario file, or of a gallery scenario by name.

    An existing file takes precedence; a gallery name has no folder and no suffix. In the plan's
    model, schemas have absolute paths and registry versions, so that it can be used as a recipe.
    `locale`, which must be valid, replaces the locale of the scenario.

    Raises ScenarioError: as `parse_scenario`, or the file cannot be read.
    """
    path = Path(scenario)
    if not exists(path) and path.name == scenario and not path.suffix:
        path = gallery.path(scenario)
    external = ExternalTypes(path.parent, registry)
    plan = load_scenario(path, environ, external, locale)
    if plan.scenario is None or path.parent == gallery.folder():
        return plan
    return replace(plan, scenario=_with_absolute_sources(plan.scenario, external))


def load_scenario(
    path: Path, environ: Mapping[str, str], external: ExternalTypes, locale: str | None = None
) -> ScenarioPlan:
    """Return the plan of the scenario in the file at `path`. Raises as `load_plan`."""
    return parse_scenario(_read_text(path), str(path), environ, external, locale)


def parse_scenario(
    text: str,
    source: str,
    environ: Mapping[str, str],
    external: ExternalTypes,
    locale: str | None = None,
) -> ScenarioPlan:
    """Return the plan of a scenario's text; `source` is its name in messages.

    Raises ScenarioError: all errors, one per line: file:line: path: message.
    """
    value, lines = _read_mapping(text, source, environ)
    if locale is not None:
        value["locale"] = locale
    scenario, errors = _validate(value, lines)
    if scenario is not None:
        plan, found = resolve(scenario, external, lines)
        if not found:
            return plan
        errors += found
    else:
        # Resolve the valid part as well, so that one run reports every error.
        rest, invalid = _valid_part(value, errors)
        if rest is not None:
            errors += resolution_errors(rest, external, invalid)
    errors += masked_errors(value, lines, external, errors)
    raise ScenarioError(format_errors(errors, lines))


def parse_model(text: str, source: str, environ: Mapping[str, str]) -> tuple[Scenario, LineIndex]:
    """Return the model of a scenario's text, and its lines. Raises as `parse_scenario`."""
    value, lines = _read_mapping(text, source, environ)
    scenario, errors = _validate(value, lines)
    if scenario is None:
        raise ScenarioError(format_errors(errors, lines))
    return scenario, lines


def _read_mapping(
    text: str, source: str, environ: Mapping[str, str]
) -> tuple[dict[Any, Any], LineIndex]:
    value, lines = read_yaml(text, source, environ)
    if not isinstance(value, dict):
        raise ScenarioError(f"{source}:1: not a scenario; expected a mapping with the key streams")
    return value, lines


def _validate(value: Any, lines: LineIndex) -> tuple[Scenario | None, list[LocatedError]]:
    try:
        return Scenario.model_validate(value), []
    except ValidationError as e:
        return None, list(validation_errors(e, Scenario, lines))


def _valid_part(
    value: dict[Any, Any], errors: list[LocatedError]
) -> tuple[Scenario | None, set[Any]]:
    """Return the scenario without its invalid keys and streams, and the names of those streams.

    None: no stream is valid.
    """
    wrong = {loc[:2] if loc[:1] == ("streams",) else loc[:1] for loc, _ in errors}
    streams = value.get("streams")
    if not isinstance(streams, dict) or () in wrong or ("streams",) in wrong:
        return None, set()
    kept = {name: stream for name, stream in streams.items() if ("streams", name) not in wrong}
    rest = {k: v for k, v in value.items() if (k,) not in wrong} | {"streams": kept}
    if ("rate",) in wrong:
        rest["rate"] = _PLACEHOLDER_RATE  # weights are valid only next to a rate
    try:
        return Scenario.model_validate(rest), set(streams) - set(kept)
    except ValidationError:
        return None, set()


def _read_text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(CHARACTERS_MAX + 1)
    except OSError as e:
        raise ScenarioError(f"{path}: cannot read the scenario file: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise ScenarioError(f"{path}: not UTF-8 text; expected a scenario file") from e
    except ValueError as e:  # a character that no path can have
        raise ScenarioError(f"{str(path)!r}: cannot read the scenario file: {e}") from e


def _with_absolute_sources(scenario: Scenario, external: ExternalTypes) -> Scenario:
    streams = {
        name: stream
        if stream.avro_schema is None
        else stream.model_copy(update={"avro_schema": external.absolute_source(stream.avro_schema)})
        for name, stream in scenario.streams.items()
    }
    return scenario.model_copy(update={"streams": streams})
