"""The schemas of one stream's values and keys: their subjects, and the ids that they get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gerador.delivery.local_registry import schema_id, subject_of
from gerador.encoding.schemas import SchemaIds, key_schema, value_schema
from gerador.scenario.output import FRAMED

if TYPE_CHECKING:
    from gerador.delivery.registry import RegistryClient
    from gerador.encoding.schemas import RegistrySchema
    from gerador.scenario.model import StreamSpec
    from gerador.scenario.output import Output


@dataclass(frozen=True, slots=True)
class StreamSchemas:
    """The schemas of values and keys under their subjects; None where the format has none."""

    value: tuple[str, RegistrySchema] | None
    key: tuple[str, RegistrySchema] | None

    @property
    def by_subject(self) -> list[tuple[str, RegistrySchema]]:
        """The schemas there are."""
        return [each for each in (self.value, self.key) if each is not None]

    def local_ids(self, output: Output) -> SchemaIds:
        """Return the ids that the API's registry gives; a value without framing has none."""
        framed = self.value is not None and output.format in FRAMED
        return SchemaIds(
            schema_id(self.value[1]) if framed and self.value else None,
            None if self.key is None else schema_id(self.key[1]),
        )

    async def registered(self, registry: RegistryClient) -> SchemaIds:
        """Return the ids that `registry` gives, registering what is not there.

        Raises as `RegistryClient.ensure`.
        """
        ids = [
            None if each is None else await registry.ensure(each[0], each[1].text, each[1].kind)
            for each in (self.value, self.key)
        ]
        return SchemaIds(*ids)


def written_as(output: Output, framing: str) -> Output:
    """Return the output that GERADOR_FRAMING leaves: raw makes avro avro-raw.

    A scenario says its formats itself; the setting is refused beside one.
    """
    if framing != "raw" or output.format != "avro":
        return output
    return output.model_copy(update={"format": "avro-raw"})


def stream_schemas(spec: StreamSpec, output: Output) -> StreamSchemas:
    """Return the schemas of a stream that is written as `output` says.

    Raises SchemaError: names that are one name in Protocol Buffers.
    """
    value = value_schema(spec.schema, output.format)
    key = key_schema(spec.schema, spec.key, output.key_format)
    return StreamSchemas(
        None if value is None else (_subject(spec, output, value, is_key=False), value),
        None if key is None else (_subject(spec, output, key, is_key=True), key),
    )


def _subject(spec: StreamSpec, output: Output, schema: RegistrySchema, *, is_key: bool) -> str:
    return subject_of(output.subjects, spec.topic, schema.name, is_key=is_key)
