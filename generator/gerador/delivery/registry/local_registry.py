"""The read-only schema registry that the API serves: subjects, versions and schema ids of the current run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gerador.delivery.registry.schema_equality import canonical_text, schema_matcher
from gerador.encoding.registry_schemas import RegistrySchema
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gerador.avro.schema import AvroSchema
    from gerador.encoding.registry_schemas import SchemaType
    from gerador.scenario.output import SubjectStrategy


ID_MAX: Final = 2**31 - 1
"""Largest id: four bytes on the wire, read as a signed int by Java's clients."""


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """A schema under its subject. `version` counts from 1 within the subject."""

    subject: str
    version: int
    id: int
    schema: RegistrySchema


def schema_id(schema: AvroSchema | RegistrySchema) -> int:
    """Return the id of `schema`, in [1, ID_MAX]: the same in every process and version.

    The first 31 bits of SHA-256 over the schema's JSON with sorted keys and no spaces, of other
    kinds over the kind and the text. Avro's parsing canonical form is not used: it drops logical
    types, and two schemas that differ only there must not share an id.
    """
    known = RegistrySchema.of(schema)
    kind = "" if known.kind == "AVRO" else f"{known.kind} "
    digest = hashlib.sha256(f"{kind}{canonical_text(known)}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & ID_MAX or 1


def value_subject(topic: str) -> str:
    """Return the subject of `topic`'s values under Confluent's TopicNameStrategy."""
    return f"{topic}-value"


def subject_name(strategy: SubjectStrategy, topic: str, record: str, *, is_key: bool) -> str:
    """Return the subject of the schema of `topic`'s values or keys.

    `record` is what Confluent's serializers take for its name: an Avro schema's full name (of a
    primitive the type's), a JSON Schema's title, a Protobuf message's full name. Source: Confluent
    Schema Registry, "Subject name strategy".
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

    `schemas` are (subject, schema) pairs; a subject that comes again with another schema gets
    the next version, with an equal one nothing.

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
        """Return every version of `subject`, oldest first; empty when there is no such subject."""
        return self._subjects.get(subject, ())

    def by_id(self, wanted: int) -> RegistrySchema | None:
        """Return the schema whose id is `wanted`, or None."""
        return self._by_id.get(wanted)

    def with_id(self, wanted: int) -> Iterator[RegisteredSchema]:
        """Yield every subject and version that the id `wanted` stands under."""
        return (v for v in self if v.id == wanted)

    def __iter__(self) -> Iterator[RegisteredSchema]:
        """Yield every version of every subject, in the order of the subjects' names."""
        return (v for subject in self.subjects for v in self._subjects[subject])

    def lookup(self, subject: str, text: str, kind: SchemaType = "AVRO") -> RegisteredSchema | None:
        """Return the newest version of `subject` that means the same as the schema `text`.

        What is the same, `schema_meaning.py` says.

        Raises SchemaError: `text` is no schema of its kind.
        """
        same = schema_matcher(text, kind)
        return next((v for v in reversed(self.versions(subject)) if same(v.schema)), None)

    def _add(self, subject: str, schema: RegistrySchema) -> None:
        wanted = schema_id(schema)
        known = self._by_id.setdefault(wanted, schema)
        if (known.kind, canonical_text(known)) != (schema.kind, canonical_text(schema)):
            msg = (
                f"schemas {known.name!r} and {schema.name!r} have the same id {wanted}; "
                "change a word of either one's documentation"
            )
            raise SchemaError(msg)
        versions = self.versions(subject)
        if all(v.id != wanted for v in versions):
            new = RegisteredSchema(subject, len(versions) + 1, wanted, schema)
            self._subjects[subject] = (*versions, new)
