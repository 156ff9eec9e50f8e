"""Finding a subject, a version or a schema in the local registry, or refusing as Confluent does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from gerador.api.queries import shown
from gerador.api.registry_answers import (
    INVALID_SCHEMA,
    INVALID_VERSION,
    NO_REGISTRY,
    NO_SCHEMA,
    NO_SUBJECT,
    NO_VERSION,
    READ_ONLY,
    RegistryRefusal,
)
from gerador.delivery.local_registry import ID_MAX
from gerador.encoding.schemas import KINDS
from gerador.errors import SchemaError, did_you_mean

if TYPE_CHECKING:
    from gerador.delivery.local_registry import LocalRegistry, RegisteredSchema
    from gerador.encoding.schemas import RegistrySchema, SchemaKind
    from gerador.service.view import Service

LATEST: Final = frozenset({"latest", "-1"})
"""How clients ask for the newest version."""


def registry_of(service: Service) -> LocalRegistry:
    """Return the registry that is served; refuses when an outside one has the schemas, or none."""
    if service.registry is None:
        message = (
            "no schemas are served here: they are in the registry of SCHEMA_REGISTRY_URL, "
            "or this run frames no records"
        )
        raise RegistryRefusal(NO_REGISTRY, message)
    return service.registry


def schema_of(registry: LocalRegistry, schema_id: str) -> tuple[int, RegistrySchema]:
    """Return the schema with that id."""
    number = _whole(schema_id)
    schema = registry.by_id(number)
    if schema is None:
        raise RegistryRefusal(NO_SCHEMA, f"Schema {shown(schema_id)} not found")
    return number, schema


def versions_of(registry: LocalRegistry, subject: str) -> tuple[RegisteredSchema, ...]:
    """Return every version of `subject`, at least one."""
    versions = registry.versions(subject)
    if not versions:
        near = did_you_mean(subject, registry.subjects)
        raise RegistryRefusal(NO_SUBJECT, f"Subject {shown(subject)} not found{near}")
    return versions


def version_of(registry: LocalRegistry, subject: str, version: str) -> RegisteredSchema:
    """Return one version: a number from 1, or ``latest``."""
    versions = versions_of(registry, subject)
    if version in LATEST:
        return versions[-1]
    number = _whole(version)
    if not number:
        message = f"version {shown(version)} is not a whole number from 1 to {ID_MAX} or 'latest'"
        raise RegistryRefusal(INVALID_VERSION, message)
    if number > len(versions):
        raise RegistryRefusal(NO_VERSION, f"Version {number} not found; latest: {len(versions)}")
    return versions[number - 1]


def looked_up(registry: LocalRegistry, subject: str, body: bytes) -> RegisteredSchema:
    """Return the version of `subject` that means what the schema in `body` means."""
    versions_of(registry, subject)
    version = _matching(registry, subject, body)
    if version is None:
        raise RegistryRefusal(NO_SCHEMA, f"Schema not found under subject {shown(subject)}")
    return version


def already_there(registry: LocalRegistry, subject: str, body: bytes) -> RegisteredSchema:
    """Return the version that a client wants to register when it is there; refuse otherwise."""
    version = _matching(registry, subject, body)
    if version is None:
        raise read_only(f"subject {shown(subject)} does not hold that schema")
    return version


def read_only(what: str) -> RegistryRefusal:
    """Return the refusal of a request that would change something."""
    message = f"{what}, and this registry is read only; set SCHEMA_REGISTRY_URL to use another"
    return RegistryRefusal(READ_ONLY, message)


def _matching(registry: LocalRegistry, subject: str, body: bytes) -> RegisteredSchema | None:
    try:
        return registry.lookup(subject, *_schema_text(body))
    except SchemaError as error:
        raise RegistryRefusal(INVALID_SCHEMA, f"Invalid schema: {error}") from error


def _schema_text(body: bytes) -> tuple[str, SchemaKind]:
    """Return text and kind of the schema in a body, ``{"schema": "…", "schemaType": "JSON"}``."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RegistryRefusal(INVALID_SCHEMA, "the request's body is not JSON") from error
    text = sent.get("schema") if isinstance(sent, dict) else None
    if not isinstance(text, str):
        raise RegistryRefusal(INVALID_SCHEMA, 'the body has no text "schema" in an object')
    kind = sent.get("schemaType") or "AVRO"
    if kind not in KINDS:
        message = f"schemaType {shown(str(kind))} is not served here; {', '.join(KINDS)} are"
        raise RegistryRefusal(INVALID_SCHEMA, message)
    return text, kind


def _whole(text: str) -> int:
    """Return a whole number in [1, ID_MAX], or 0 when `text` is none."""
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(ID_MAX))
    number = int(text) if digits else 0
    return number if number <= ID_MAX else 0
