"""Schema registry responses: lookups in the local registry, JSON bodies and error codes.

Source: Confluent Schema Registry API reference, sections "Errors", "Schemas" and "Subjects".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final, Protocol

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from gerador.api.query_parameters import parse_whole_number, quoted
from gerador.delivery.registry.local_registry import NO_REGISTRY, READ_ONLY
from gerador.encoding.registry_schemas import SCHEMA_ID_MAX, SCHEMA_TYPES
from gerador.errors import SchemaError, did_you_mean

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

    from gerador.delivery.registry.local_registry import LocalRegistry, RegisteredSchema
    from gerador.encoding.registry_schemas import RegistrySchema, SchemaType


REGISTRY_CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"
NO_SUBJECT: Final = 40401
NO_VERSION: Final = 40402
NO_SCHEMA: Final = 40403
INVALID_SCHEMA: Final = 42201
INVALID_VERSION: Final = 42202


class RegistryError(Exception):
    """A rejected registry request. The HTTP status is the first three digits of the code."""

    def __init__(self, error_code: int, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code


class RegistryErrorBody(BaseModel):
    """An error, in the format of Confluent's clients."""

    error_code: Annotated[int, Field(description="HTTP status and two further digits.")]
    message: Annotated[str, Field(description="One line with the rejected value.")]
    detail: Annotated[str, Field(description="Same as message, as in other errors of this API.")]


class SchemaText(BaseModel):
    """The text of a schema."""

    model_config = {"json_schema_extra": {"example": {"schema": '{"type":"record", …}'}}}

    schema_: Annotated[str, Field(alias="schema", description="Text of the schema.")]
    schemaType: Annotated[  # noqa: N815 - the name in the registry API
        str | None, Field(description="JSON or PROTOBUF; absent for AVRO.")
    ] = None


class SchemaVersion(SchemaText):
    """A version of a subject."""

    subject: Annotated[str, Field(description="Topic name with -value or -key, or record name.")]
    version: Annotated[int, Field(description="Version within the subject, from 1.")]
    id: Annotated[int, Field(description="Schema id in front of every value.")]


class RegistryJSON(JSONResponse):
    """JSON with the registry's content type."""

    media_type = REGISTRY_CONTENT_TYPE


def add_registry_error_handler(app: FastAPI) -> None:
    """Return every `RegistryError` as a `RegistryErrorBody`."""
    app.add_exception_handler(RegistryError, _error_response)


async def _error_response(_request: Request, error: Exception) -> RegistryJSON:
    assert isinstance(error, RegistryError)  # noqa: S101 - it is registered for this class
    code, message = error.error_code, str(error)
    body = {"error_code": code, "message": message, "detail": message}
    return RegistryJSON(body, code // 100)


def schema_json(schema: RegistrySchema, *, serialized: bool = False) -> dict[str, object]:
    """Return the JSON body of a schema; without `schemaType` for Avro, as Confluent does.

    `serialized` returns a Protobuf schema as its FileDescriptorProto in base64.
    """
    text = schema.serialized if serialized and schema.serialized else schema.text
    schema_type = {} if schema.schema_type == "AVRO" else {"schemaType": schema.schema_type}
    return {"schema": text, **schema_type}


def version_json(version: RegisteredSchema, *, serialized: bool = False) -> dict[str, object]:
    """Return the JSON body of a version."""
    return {
        "subject": version.subject,
        "version": version.version,
        "id": version.id,
        **schema_json(version.schema, serialized=serialized),
    }


def subject_version_json(version: RegisteredSchema) -> dict[str, object]:
    """Return the subject and version of a registered schema as JSON."""
    return {"subject": version.subject, "version": version.version}


LATEST: Final = frozenset({"latest", "-1"})
"""Names of the latest version."""


class RegistryOwner(Protocol):
    """What has the registry to serve: a run, or the stored schemas."""

    @property
    def registry(self) -> LocalRegistry | None:
        """The registry; None: there is none."""
        ...


def require_registry(service: RegistryOwner) -> LocalRegistry:
    """Return the local registry. Raises RegistryError: the run does not have one."""
    if service.registry is None:
        message = (
            "this run has no local schema registry: its schemas are in the registry of "
            "SCHEMA_REGISTRY_URL, or its records have no schema ids"
        )
        raise RegistryError(NO_REGISTRY, message)
    return service.registry


def find_schema(registry: LocalRegistry, schema_id: str) -> tuple[int, RegistrySchema]:
    """Return the schema with an id. Raises RegistryError: there is none."""
    number = _parse_id(schema_id)
    schema = registry.by_id(number)
    if schema is None:
        raise RegistryError(NO_SCHEMA, f"Schema {quoted(schema_id)} not found")
    return number, schema


def find_versions(registry: LocalRegistry, subject: str) -> tuple[RegisteredSchema, ...]:
    """Return every version of `subject`. Raises RegistryError: there is none."""
    versions = registry.versions(subject)
    if not versions:
        near = did_you_mean(subject, registry.subjects)
        raise RegistryError(NO_SUBJECT, f"Subject {quoted(subject)} not found{near}")
    return versions


def find_version(registry: LocalRegistry, subject: str, version: str) -> RegisteredSchema:
    """Return one version, a number from 1 or ``latest``. Raises RegistryError: there is none."""
    versions = find_versions(registry, subject)
    if version in LATEST:
        return versions[-1]
    number = _parse_id(version)
    if not number:
        message = (
            f"version {quoted(version)} is not a whole number from 1 to {SCHEMA_ID_MAX} or 'latest'"
        )
        raise RegistryError(INVALID_VERSION, message)
    if number > len(versions):
        raise RegistryError(NO_VERSION, f"Version {number} not found; latest: {len(versions)}")
    return versions[number - 1]


def look_up_schema(registry: LocalRegistry, subject: str, body: bytes) -> RegisteredSchema:
    """Return the version of `subject` that is equivalent to the schema in `body`."""
    find_versions(registry, subject)
    version = _find_matching(registry, subject, body)
    if version is None:
        raise RegistryError(NO_SCHEMA, f"Schema not found under subject {quoted(subject)}")
    return version


def registered_version(registry: LocalRegistry, subject: str, body: bytes) -> RegisteredSchema:
    """Return the version of a schema to register. Raises RegistryError: it is not registered."""
    version = _find_matching(registry, subject, body)
    if version is None:
        raise read_only_error(f"subject {quoted(subject)} does not have that schema")
    return version


def read_only_error(what: str) -> RegistryError:
    """Return the error of a request that would change the registry."""
    message = f"{what}, and this registry is read-only; set SCHEMA_REGISTRY_URL to use another"
    return RegistryError(READ_ONLY, message)


def _find_matching(registry: LocalRegistry, subject: str, body: bytes) -> RegisteredSchema | None:
    try:
        return registry.lookup(subject, *_parse_schema_body(body))
    except SchemaError as error:
        raise RegistryError(INVALID_SCHEMA, f"Invalid schema: {error}") from error


def _parse_schema_body(body: bytes) -> tuple[str, SchemaType]:
    """Return text and type of the schema in a body, ``{"schema": "…", "schemaType": "JSON"}``."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RegistryError(INVALID_SCHEMA, "the request body is not JSON") from error
    text = sent.get("schema") if isinstance(sent, dict) else None
    if not isinstance(text, str):
        message = 'the request body is not an object with a string "schema"'
        raise RegistryError(INVALID_SCHEMA, message)
    schema_type = sent.get("schemaType") or "AVRO"
    if schema_type not in SCHEMA_TYPES:
        message = f"unknown schemaType {quoted(str(schema_type))}; valid: {', '.join(SCHEMA_TYPES)}"
        raise RegistryError(INVALID_SCHEMA, message)
    return text, schema_type


def _parse_id(text: str) -> int:
    """Return a whole number in [1, SCHEMA_ID_MAX]; 0 if `text` is not one."""
    number = parse_whole_number(text) or 0
    return number if number <= SCHEMA_ID_MAX else 0
