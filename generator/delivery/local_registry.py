"""The schemas of this run as a read-only registry: subjects, versions, ids. Pure.

Holds what the API serves when no outside registry is configured. It refuses to hold HTTP, and
to take a schema in: what is in it is known when the run starts.

An id is a function of the schema alone, so that records framed before a restart can still be
read after it, and so that two runs never give one id to two schemas (but for a collision of
hashes, which is refused).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from generator.errors import SchemaError
from generator.scenario.avro import AvroSchema, parse_avro

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ID_MAX: Final = 2**31 - 1
"""Largest id: four bytes on the wire, read as a signed int by Java's clients."""


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """A schema under its subject. `version` counts from 1 within the subject."""

    subject: str
    version: int
    id: int
    schema: AvroSchema


def schema_id(schema: AvroSchema) -> int:
    """Return the id of `schema`, in [1, ID_MAX]: the same in every process and version.

    The first 31 bits of SHA-256 over the schema's JSON with sorted keys and no spaces. Avro's
    parsing canonical form is not used: it drops logical types, and two schemas that differ
    only there must not share an id.
    """
    canonical = json.dumps(json.loads(schema.json), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).digest()
    return int.from_bytes(digest[:4], "big") & ID_MAX or 1


def value_subject(topic: str) -> str:
    """Return the subject of `topic`'s values under Confluent's TopicNameStrategy."""
    return f"{topic}-value"


class LocalRegistry:
    """A fixed set of schemas, found by id or by subject and version.

    `schemas` are (subject, schema) pairs; a subject that comes again with another schema gets
    the next version, with an equal one nothing.

    Raises SchemaError: two different schemas have the same id.
    """

    def __init__(self, schemas: Iterable[tuple[str, AvroSchema]]) -> None:
        self._by_id: dict[int, AvroSchema] = {}
        self._subjects: dict[str, tuple[RegisteredSchema, ...]] = {}
        for subject, schema in schemas:
            self._add(subject, schema)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the subjects, sorted."""
        return tuple(sorted(self._subjects))

    def versions(self, subject: str) -> tuple[RegisteredSchema, ...]:
        """Return every version of `subject`, oldest first; empty when there is no such subject."""
        return self._subjects.get(subject, ())

    def by_id(self, wanted: int) -> AvroSchema | None:
        """Return the schema whose id is `wanted`, or None."""
        return self._by_id.get(wanted)

    def with_id(self, wanted: int) -> Iterator[RegisteredSchema]:
        """Yield every subject and version that the id `wanted` stands under."""
        return (v for v in self if v.id == wanted)

    def __iter__(self) -> Iterator[RegisteredSchema]:
        """Yield every version of every subject, in the order of the subjects' names."""
        return (v for subject in self.subjects for v in self._subjects[subject])

    def lookup(self, subject: str, text: str) -> RegisteredSchema | None:
        """Return the newest version of `subject` that means the same as the schema `text`.

        The same: equal names, fields, types and logical types, whatever the spacing, the
        documentation, the defaults and other attributes, because clients write a schema
        anew before they look it up.

        Raises SchemaError: `text` is no Avro record schema.
        """
        wanted = parse_avro(text, source="the schema that was sent").root
        same = (v for v in reversed(self.versions(subject)) if v.schema.root == wanted)
        return next(same, None)

    def _add(self, subject: str, schema: AvroSchema) -> None:
        wanted = schema_id(schema)
        known = self._by_id.setdefault(wanted, schema)
        if json.loads(known.json) != json.loads(schema.json):
            msg = (
                f"schemas {known.name!r} and {schema.name!r} have the same id {wanted}; "
                "change a word of either one's documentation"
            )
            raise SchemaError(msg)
        versions = self.versions(subject)
        if all(v.id != wanted for v in versions):
            new = RegisteredSchema(subject, len(versions) + 1, wanted, schema)
            self._subjects[subject] = (*versions, new)
