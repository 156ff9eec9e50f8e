"""The read-only schema registry that the API serves: subjects, versions and schema ids."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gerador.delivery.registry.schema_equality import canonical_text, schema_matcher
from gerador.encoding.registry_schemas import SCHEMA_ID_MAX, RegistrySchema
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gerador.avro.schema import AvroSchema
    from gerador.encoding.registry_schemas import SchemaType
    from gerador.scenario.output import SubjectStrategy


NO_REGISTRY: Final = 40400
"""Error code of a run without a registry; Confluent's registry does not use it."""
READ_ONLY: Final = 42205
"""Error code of a change. Source: Schema Registry, "Operation not permitted"."""


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """A schema under its subject. `version` counts from 1 within the subject."""

    subject: str
    version: int
    id: int
    schema: RegistrySchema


def schema_id(schema: AvroSchema | RegistrySchema) -> int:
    """Return the id of `schema`, in [1, SCHEMA_ID_MAX]: the same in every process and version.

    The first 31 bits of SHA-256 over the canonical text, preceded by the schema type unless it is
    AVRO. Avro's parsing canonical form is not used: it drops logical types, and two schemas that
    differ only in those must have different ids.
    """
    known = RegistrySchema.of(schema)
    prefix = "" if known.schema_type == "AVRO" else f"{known.schema_type} "
    digest = hashlib.sha256(f"{prefix}{canonical_text(known)}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & SCHEMA_ID_MAX or 1


def value_subject(topic: str) -> str:
    """Return the subject of `topic`'s values under Confluent's TopicNameStrategy."""
    return f"{topic}-value"


def subject_name(strategy: SubjectStrategy, topic: str, record: str, *, is_key: bool) -> str:
    """Return the subject of the schema of `topic`'s values or keys.

    `record` is the record name as Confluent's serializers define it: an Avro schema's full name (a
    primitive's type name), a JSON Schema's title, a Protobuf message's full name. Source:
    Confluent Schema Registry, "Subject name strategy".
    """
    match strategy:
        case "topic":
            return f"{topic}-key" if is_key else value_subject(topic)
        case "record":
            return record
        case "topic-record":
            return f"{topic}-{record}"


class LocalRegistry:
    """A fixed set of schemas, found by id or by subject and version.

    `schemas` are (subject, schema) pairs. A further schema of a subject becomes its next version;
    an equal one is ignored.

    Raises SchemaError: two different schemas have the same id.
    """

    def __init__(self, schemas: Iterable[tuple[str, AvroSchema | RegistrySchema]]) -> None:
        self._by_id: dict[int, RegistrySchema] = {}
        self._subjects: dict[str, tuple[RegisteredSchema, ...]] = {}
        for subject, schema in schemas:
            self._add(subject, RegistrySchema.of(schema))

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the subjects, sorted."""
        return tuple(sorted(self._subjects))

    def versions(self, subject: str) -> tuple[RegisteredSchema, ...]:
        """Return all versions of `subject`, oldest first; empty for an unknown subject."""
        return self._subjects.get(subject, ())

    def by_id(self, number: int) -> RegistrySchema | None:
        """Return the schema with the id `number`, or None."""
        return self._by_id.get(number)

    def versions_by_id(self, number: int) -> Iterator[RegisteredSchema]:
        """Yield the versions, of all subjects, of the schema with the id `number`."""
        return (v for v in self if v.id == number)

    def __iter__(self) -> Iterator[RegisteredSchema]:
        """Yield all versions of all subjects, sorted by subject."""
        return (v for subject in self.subjects for v in self._subjects[subject])

    def lookup(
        self, subject: str, text: str, schema_type: SchemaType = "AVRO"
    ) -> RegisteredSchema | None:
        """Return the newest version of `subject` that is equal to the schema `text`, or None.

        `schema_equality.schema_matcher` defines equality.

        Raises SchemaError: `text` is not a schema of its type.
        """
        is_equal = schema_matcher(text, schema_type)
        return next((v for v in reversed(self.versions(subject)) if is_equal(v.schema)), None)

    def _add(self, subject: str, schema: RegistrySchema) -> None:
        number = schema_id(schema)
        known = self._by_id.setdefault(number, schema)
        if known.schema_type != schema.schema_type or canonical_text(known) != canonical_text(
            schema
        ):
            raise SchemaError(
                f"schemas {known.name!r} and {schema.name!r} have the same id {number}; "
                "change the `doc` attribute of one of them"
            )
        versions = self.versions(subject)
        if all(v.id != number for v in versions):
            new = RegisteredSchema(subject, len(versions) + 1, number, schema)
            self._subjects[subject] = (*versions, new)
