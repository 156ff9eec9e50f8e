"""Schemas of a stream: subjects, and ids in a schema registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gerador.delivery.registry.local_registry import schema_id, subject_name
from gerador.encoding.registry_schemas import SchemaIds, key_schema, value_schema
from gerador.scenario.output import SCHEMA_ID_FORMATS

if TYPE_CHECKING:
    from gerador.delivery.registry.client import RegistryClient
    from gerador.encoding.registry_schemas import RegistrySchema
    from gerador.scenario.output import Output
    from gerador.scenario.stream_spec import StreamSpec


@dataclass(frozen=True, slots=True)
class StreamSchemas:
    """Subjects and schemas of values and keys; None for a format without schemas."""

    value: tuple[str, RegistrySchema] | None
    key: tuple[str, RegistrySchema] | None

    @property
    def by_subject(self) -> list[tuple[str, RegistrySchema]]:
        """Subjects and schemas, without None."""
        return [each for each in (self.value, self.key) if each is not None]

    def local_ids(self, output: Output) -> SchemaIds:
        """Return the ids in the registry of the API; a value without framing has none."""
        framed = self.value is not None and output.format in SCHEMA_ID_FORMATS
        return SchemaIds(
            schema_id(self.value[1]) if framed and self.value else None,
            None if self.key is None else schema_id(self.key[1]),
        )

    async def registered(self, registry: RegistryClient) -> SchemaIds:
        """Return the ids in `registry`; registers missing schemas.

        Raises as `RegistryClient.get_or_register`.
        """
        ids = [
            None
            if each is None
            else await registry.get_or_register(each[0], each[1].text, each[1].schema_type)
            for each in (self.value, self.key)
        ]
        return SchemaIds(*ids)


def apply_framing(output: Output, framing: str) -> Output:
    """Return the output with GERADOR_FRAMING applied: raw turns avro into avro-raw.

    Only for the single stream: the setting cannot be combined with a scenario.
    """
    if framing != "raw" or output.format != "avro":
        return output
    return output.model_copy(update={"format": "avro-raw"})


def stream_schemas(spec: StreamSpec, output: Output) -> StreamSchemas:
    """Return the schemas of a stream in the formats of `output`.

    Raises SchemaError: two names that are equal in Protocol Buffers.
    """
    value = value_schema(spec.schema, output.format)
    key = key_schema(spec.schema, spec.key, output.key_format)
    return StreamSchemas(
        None if value is None else (_subject(spec, output, value, is_key=False), value),
        None if key is None else (_subject(spec, output, key, is_key=True), key),
    )


def _subject(spec: StreamSpec, output: Output, schema: RegistrySchema, *, is_key: bool) -> str:
    return subject_name(output.subject_name_strategy, spec.topic, schema.name, is_key=is_key)
