"""Schemas and types outside the scenario: schema files, schema registry, SQL, Faker, plugins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gerador.avro.arrow_types import arrow_type
from gerador.avro.load import absolute_sources, exists, load_avro, parse_avro
from gerador.avro.relocate_definitions import define_once
from gerador.errors import ConfigurationError, ScenarioError, SettingError
from gerador.randomness import StreamSeeds
from gerador.scenario.gallery import is_packaged_schema, packaged_schema_path
from gerador.values.faker_pool import FakerGenerator, draw_pool
from gerador.values.python_function import PythonGenerator, load_function
from gerador.values.sql.generator import sql_avro_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from gerador.avro.schema import AvroSchema, AvroType
    from gerador.values.declaration import ValueGenerator

    SchemaReader: TypeAlias = Callable[[str, int | None], tuple[AvroSchema, int]]
    """Reads the schema of a subject and version (None: latest); returns the version as well."""


REGISTRY_PREFIX: Final = "registry:"


class ExternalTypes:
    """Looks up schemas (files, packaged, registry), SQL types, Faker providers and plugins.

    `registry` reads schemas of subjects; None rejects them. Each subject is read once, so that a
    scenario uses one version of it.
    """

    def __init__(self, folder: Path, registry: SchemaReader | None = None) -> None:
        self._folder = folder
        self._registry = registry
        self._registered: dict[str, tuple[AvroSchema, int]] = {}

    def sql_type(self, expression: str, record: Mapping[str, Any]) -> Any:
        """Return the Avro type (JSON) of an expression over a record's fields.

        Raises ValueError: an invalid expression, or a type that Avro does not have.
        """
        try:
            row = {**record, "fields": define_once(record["fields"])}
            root = parse_avro(json.dumps(row)).root
            return sql_avro_type(expression, root)
        except ConfigurationError as e:
            raise ValueError(str(e)) from e

    def generator_errors(
        self, generator: ValueGenerator, avro_type: AvroType
    ) -> Iterator[tuple[str, str]]:
        """Yield (parameter, message) for an unknown Faker provider or plugin function."""
        try:
            if isinstance(generator, FakerGenerator) and generator.locale is not None:
                seeds, kind = StreamSeeds(0, "check"), arrow_type(avro_type)
                draw_pool(seeds, "", generator.provider, generator.locale, 1, generator.args, kind)
            elif isinstance(generator, PythonGenerator):
                load_function(generator.name)
        except SettingError as e:
            yield "", str(e)

    def schema(self, source: str) -> AvroSchema:
        """Return the schema at `source`, paths (`load_avro`) or ``registry:SUBJECT[:VERSION]``.

        Raises ConfigurationError: not found, or invalid.
        """
        if source.startswith(REGISTRY_PREFIX):
            return self._from_registry(source.removeprefix(REGISTRY_PREFIX))[0]
        path = self._folder / source
        if not exists(path) and Path(source).name == source and is_packaged_schema(source):
            return load_avro(packaged_schema_path(source))
        return load_avro(source, folder=self._folder)

    def absolute_source(self, source: str) -> str:
        """Return `source` with its absolute path, or its registry version; it was read before."""
        if source.startswith(REGISTRY_PREFIX):
            subject = source.removeprefix(REGISTRY_PREFIX)
            return f"{REGISTRY_PREFIX}{subject.partition(':')[0]}:{self._registered[subject][1]}"
        return source if is_packaged_schema(source) else absolute_sources(source, self._folder)

    def _from_registry(self, subject: str) -> tuple[AvroSchema, int]:
        if subject not in self._registered:
            self._registered[subject] = self._read(subject)
        return self._registered[subject]

    def _read(self, subject: str) -> tuple[AvroSchema, int]:
        name, _, version = subject.partition(":")
        source = f"{REGISTRY_PREFIX}{subject}"
        if self._registry is None:
            raise ScenarioError(f"{source}: no schema registry configured; set SCHEMA_REGISTRY_URL")
        if version and not version.isdecimal():
            raise ScenarioError(
                f"{source}: version {version!r} is not a number; omit it for the latest"
            )
        return self._registry(name, int(version) if version else None)
