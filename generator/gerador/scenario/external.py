"""Open a scenario by path or gallery name, and look up the external schemas and types that it references: files, schema registry, SQL, Faker, plugins."""

from __future__ import annotations

import json
import os.path
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gerador.avro.arrow_types import arrow_schema, arrow_type
from gerador.avro.load import load_avro, parse_avro
from gerador.avro.named_types import define_once
from gerador.errors import ConfigurationError, ScenarioError, SettingError
from gerador.randomness import StreamSeeds
from gerador.scenario import gallery
from gerador.scenario.gallery import is_packaged_schema, packaged_schema_path
from gerador.scenario.load import load_scenario
from gerador.values.faker_pool import FakerGenerator, draw_pool
from gerador.values.python_function import PythonGenerator, load_function
from gerador.values.sql.generator import sql_avro_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from gerador.avro.schema import AvroSchema, AvroType
    from gerador.scenario.model import Scenario
    from gerador.scenario.plan import ScenarioPlan
    from gerador.values import AnyGenerator

    SchemaReader: TypeAlias = Callable[[str, int | None], tuple[AvroSchema, int]]
    """Reads the schema of a subject and a version (None: the latest); tells the version as well."""


REGISTRY_PREFIX: Final = "registry:"


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
    if not _exists(path) and path.name == scenario and not path.suffix:
        path = gallery.path(scenario)
    knowledge = FileExternalTypes(path.parent, registry)
    plan = load_scenario(path, environ, knowledge)
    if plan.scenario is None or path.parent == gallery.folder():
        return plan
    return replace(plan, scenario=_with_absolute_sources(plan.scenario, knowledge))


def _exists(path: Path) -> bool:
    """Tell whether a path is one of something; unlike Path.exists, also of what can be no path."""
    return os.path.exists(path)  # noqa: PTH110


def _with_absolute_sources(scenario: Scenario, knowledge: FileExternalTypes) -> Scenario:
    """Return a scenario whose schemas are found from anywhere and later, as a recipe needs it."""
    streams = {
        name: stream
        if stream.avro_schema is None
        else stream.model_copy(update={"avro_schema": knowledge.lasting(stream.avro_schema)})
        for name, stream in scenario.streams.items()
    }
    return scenario.model_copy(update={"streams": streams})


class FileExternalTypes:
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
            whole = {**record, "fields": define_once(record["fields"])}
            root = parse_avro(json.dumps(whole)).root
            return sql_avro_type(expression, arrow_schema(root))
        except ConfigurationError as e:
            raise ValueError(str(e)) from e

    def about_values(
        self, declared: AnyGenerator, avro_type: AvroType
    ) -> Iterator[tuple[str, str]]:
        """Yield what Faker, or who registers functions, does not know of a declaration."""
        try:
            if isinstance(declared, FakerGenerator):
                seeds, kind = StreamSeeds(0, "check"), arrow_type(avro_type)
                draw_pool(seeds, "", declared.provider, declared.locale, 1, declared.args, kind)
            elif isinstance(declared, PythonGenerator):
                load_function(declared.name)
        except SettingError as e:
            yield "", str(e)

    def schema(self, source: str) -> AvroSchema:
        """Return the schema that a file or a registry holds. Raises ConfigurationError."""
        if source.startswith(REGISTRY_PREFIX):
            return self._from_registry(source.removeprefix(REGISTRY_PREFIX))[0]
        path = self._folder / source
        if not _exists(path) and Path(source).name == source and is_packaged_schema(source):
            return load_avro(packaged_schema_path(source))
        return load_avro(path)

    def lasting(self, source: str) -> str:
        """Return `source`, of which a schema was read, as it is named from anywhere and later."""
        if source.startswith(REGISTRY_PREFIX):
            name = source.removeprefix(REGISTRY_PREFIX).partition(":")[0]
            return f"{REGISTRY_PREFIX}{name}:{self._registered[source.removeprefix(REGISTRY_PREFIX)][1]}"
        path = self._folder / source
        return str(path.absolute()) if path.is_file() else source

    def _from_registry(self, subject: str) -> tuple[AvroSchema, int]:
        if subject not in self._registered:
            self._registered[subject] = self._read(subject)
        return self._registered[subject]

    def _read(self, subject: str) -> tuple[AvroSchema, int]:
        name, _, version = subject.partition(":")
        if self._registry is None:
            raise ScenarioError(f"{REGISTRY_PREFIX}{subject}: no registry; set SCHEMA_REGISTRY_URL")
        if version and not version.isdecimal():
            raise ScenarioError(f"{REGISTRY_PREFIX}{subject}: the version is a number, or left out")
        return self._registry(name, int(version) if version else None)
