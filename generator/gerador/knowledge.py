"""What a scenario needs to know from outside of itself: types of expressions, schemas in files."""

from __future__ import annotations

import json
import os.path
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gerador.errors import ConfigurationError, ScenarioError, SettingError
from gerador.events.arrow_types import arrow_schema, arrow_type
from gerador.events.columns.plugins import registered
from gerador.events.columns.sql import sql_type
from gerador.events.pools import pool
from gerador.events.seeds import StreamSeeds
from gerador.scenario import gallery
from gerador.scenario.avro import load_avro, parse_avro
from gerador.scenario.default import is_packaged, schema_file
from gerador.scenario.fields import FakerField, PythonField
from gerador.scenario.file.load import load_scenario
from gerador.scenario.file.named import named_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from gerador.scenario.avro import AvroSchema, AvroType
    from gerador.scenario.fields import FieldSpec
    from gerador.scenario.file.model import Scenario
    from gerador.scenario.file.resolve import ScenarioPlan

    SchemaReader: TypeAlias = Callable[[str, int | None], tuple[AvroSchema, int]]
    """Reads the schema of a subject and a version (None: the latest); tells the version as well."""

REGISTRY: Final = "registry:"


def load_plan(
    scenario: str,
    environ: Mapping[str, str],
    registry: SchemaReader | None = None,
) -> ScenarioPlan:
    """Return the plan of a scenario file, or of one of the gallery by its name.

    A file goes first; a name of the gallery has neither a folder nor a suffix. The model in the
    plan names schemas so that they are found again: by whole paths and by versions.

    Raises ScenarioError: every complaint, a line each.
    """
    path = Path(scenario)
    if not _is_there(path) and path.name == scenario and not path.suffix:
        path = gallery.path(scenario)
    knowledge = FileKnowledge(path.parent, registry)
    plan = load_scenario(path, environ, knowledge)
    if plan.scenario is None or path.parent == gallery.folder():
        return plan
    return replace(plan, scenario=_with_lasting_sources(plan.scenario, knowledge))


def _is_there(path: Path) -> bool:
    """Tell whether a path is one of something; unlike Path.exists, also of what can be no path."""
    return os.path.exists(path)  # noqa: PTH110


def _with_lasting_sources(scenario: Scenario, knowledge: FileKnowledge) -> Scenario:
    """Return a scenario whose schemas are found from anywhere and later, as a recipe needs it."""
    streams = {
        name: stream
        if stream.avro_schema is None
        else stream.model_copy(update={"avro_schema": knowledge.lasting(stream.avro_schema)})
        for name, stream in scenario.streams.items()
    }
    return scenario.model_copy(update={"streams": streams})


class FileKnowledge:
    """Schemas in files beside the scenario's, or among those that come with the package.

    `registry` fetches schemas of subjects; without it, they are refused. What was read once is
    not read again: all of a file sees one version of a subject.
    """

    def __init__(
        self,
        folder: Path,
        registry: SchemaReader | None = None,
    ) -> None:
        self._folder = folder
        self._registry = registry
        self._registered: dict[str, tuple[AvroSchema, int]] = {}

    def sql_type(self, expression: str, record: Mapping[str, Any]) -> Any:
        """Return the Avro type (JSON) of an expression over a record's fields."""
        try:
            whole = {**record, "fields": named_once(record["fields"])}
            root = parse_avro(json.dumps(whole)).root
            return sql_type(expression, arrow_schema(root))
        except ConfigurationError as e:
            raise ValueError(str(e)) from e

    def about_values(self, declared: FieldSpec, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield what Faker, or who registers functions, does not know of a declaration."""
        try:
            if isinstance(declared, FakerField):
                seeds, kind = StreamSeeds(0, "check"), arrow_type(avro_type)
                pool(seeds, "", declared.provider, declared.locale, 1, declared.args, kind)
            elif isinstance(declared, PythonField):
                registered(declared.name)
        except SettingError as e:
            yield "", str(e)

    def schema(self, source: str) -> AvroSchema:
        """Return the schema that a file or a registry holds. Raises ConfigurationError."""
        if source.startswith(REGISTRY):
            return self._from_registry(source.removeprefix(REGISTRY))[0]
        path = self._folder / source
        if not _is_there(path) and Path(source).name == source and is_packaged(source):
            return load_avro(schema_file(source))
        return load_avro(path)

    def lasting(self, source: str) -> str:
        """Return `source`, of which a schema was read, as it is named from anywhere and later."""
        if source.startswith(REGISTRY):
            name = source.removeprefix(REGISTRY).partition(":")[0]
            return f"{REGISTRY}{name}:{self._registered[source.removeprefix(REGISTRY)][1]}"
        path = self._folder / source
        return str(path.absolute()) if path.is_file() else source

    def _from_registry(self, subject: str) -> tuple[AvroSchema, int]:
        if subject not in self._registered:
            self._registered[subject] = self._read(subject)
        return self._registered[subject]

    def _read(self, subject: str) -> tuple[AvroSchema, int]:
        name, _, version = subject.partition(":")
        if self._registry is None:
            raise ScenarioError(f"{REGISTRY}{subject}: no registry; set SCHEMA_REGISTRY_URL")
        if version and not version.isdecimal():
            raise ScenarioError(f"{REGISTRY}{subject}: the version is a number, or left out")
        return self._registry(name, int(version) if version else None)
