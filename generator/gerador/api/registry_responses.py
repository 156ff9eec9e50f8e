"""Schema registry responses: lookups in the local registry, Confluent's JSON bodies and error codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from gerador.api.query_parameters import quoted
from gerador.delivery.registry.local_registry import ID_MAX
from gerador.encoding.registry_schemas import SCHEMA_TYPES
from gerador.errors import SchemaError, did_you_mean

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

    from gerador.delivery.registry.local_registry import LocalRegistry, RegisteredSchema
    from gerador.encoding.registry_schemas import RegistrySchema, SchemaType
    from gerador.service.interface import Service


REGISTRY_CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"
NO_REGISTRY: Final = 40400
NO_SUBJECT: Final = 40401
NO_VERSION: Final = 40402
NO_SCHEMA: Final = 40403
INVALID_SCHEMA: Final = 42201
INVALID_VERSION: Final = 42202
READ_ONLY: Final = 42205


class RegistryError(Exception):
    """A request that the registry refuses. The HTTP status is the code's first three digits."""

    def __init__(self, error_code: int, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code


class RegistryErrorBody(BaseModel):
    """Why a registry request was refused, as Confluent's clients read it."""

    error_code: Annotated[int, Field(description="HTTP status and two digits more.")]
    message: Annotated[str, Field(description="One line that names the value.")]
    detail: Annotated[str, Field(description="The same, where the rest of this API has it.")]


class SchemaText(BaseModel):
    """A schema as text."""

    model_config = {"json_schema_extra": {"example": {"schema": '{"type":"record", …}'}}}

    schema_: Annotated[str, Field(alias="schema", description="The schema's text.")]
    schemaType: Annotated[  # noqa: N815 - its name there
        str | None, Field(description="JSON or PROTOBUF; absent for AVRO.")
    ] = None


class SchemaVersion(SchemaText):
    """A schema under its subject."""

    subject: Annotated[str, Field(description="Topic and -value or -key, or the record's name.")]
    version: Annotated[int, Field(description="Counted from 1 within the subject.")]
    id: Annotated[int, Field(description="What stands in front of every datum.")]


class RegistryJSON(JSONResponse):
    """JSON under the registry's content type."""

    media_type = REGISTRY_CONTENT_TYPE


def add_registry_error_handler(app: FastAPI) -> None:
    """Make every `RegistryError` a `RegistryErrorBody`."""
    app.add_exception_handler(RegistryError, _error_response)


async def _error_response(_request: Request, error: Exception) -> RegistryJSON:
    assert isinstance(error, RegistryError)  # noqa: S101 - what it is registered for
    code, message = error.error_code, str(error)
    body = {"error_code": code, "message": message, "detail": message}
    return RegistryJSON(body, code // 100)


def schema_json(schema: RegistrySchema, *, serialized: bool = False) -> dict[str, object]:
    """Return a schema as the registry shows it; `schemaType` is left out for Avro, as there.

    `serialized` asks for a Protobuf schema as its FileDescriptorProto in base64.
    """
    text = schema.serialized if serialized and schema.serialized else schema.text
    kind = {} if schema.kind == "AVRO" else {"schemaType": schema.kind}
    return {"schema": text, **kind}


def version_json(version: RegisteredSchema, *, serialized: bool = False) -> dict[str, object]:
    """Return a version as the registry shows it."""
    return {
        "subject": version.subject,
        "version": version.version,
        "id": version.id,
        **schema_json(version.schema, serialized=serialized),
    }


def subject_version_json(version: RegisteredSchema) -> dict[str, object]:
    """Return where a schema stands: its subject and version."""
    return {"subject": version.subject, "version": version.version}


LATEST: Final = frozenset({"latest", "-1"})
"""How clients ask for the newest version."""


def require_registry(service: Service) -> LocalRegistry:
    """Return the registry that is served; refuses when an outside one has the schemas, or none."""
    if service.registry is None:
        message = (
            "no schemas are served here: they are in the registry of SCHEMA_REGISTRY_URL, "
            "or this run frames no records"
        )
        raise RegistryError(NO_REGISTRY, message)
    return service.registry


def find_schema(registry: LocalRegistry, schema_id: str) -> tuple[int, RegistrySchema]:
    """Return the schema with that id."""
    number = _parse_id(schema_id)
    schema = registry.by_id(number)
    if schema is None:
        raise RegistryError(NO_SCHEMA, f"Schema {quoted(schema_id)} not found")
    return number, schema


def find_versions(registry: LocalRegistry, subject: str) -> tuple[RegisteredSchema, ...]:
    """Return every version of `subject`, at least one."""
    versions = registry.versions(subject)
    if not versions:
        near = did_you_mean(subject, registry.subjects)
        raise RegistryError(NO_SUBJECT, f"Subject {quoted(subject)} not found{near}")
    return versions


def find_version(registry: LocalRegistry, subject: str, version: str) -> RegisteredSchema:
    """Return one version: a number from 1, or ``latest``."""
    versions = find_versions(registry, subject)
    if version in LATEST:
        return versions[-1]
    number = _parse_id(version)
    if not number:
        message = f"version {quoted(version)} is not a whole number from 1 to {ID_MAX} or 'latest'"
        raise RegistryError(INVALID_VERSION, message)
    if number > len(versions):
        raise RegistryError(NO_VERSION, f"Version {number} not found; latest: {len(versions)}")
    return versions[number - 1]


def look_up_schema(registry: LocalRegistry, subject: str, body: bytes) -> RegisteredSchema:
    """Return the version of `subject` that means what the schema in `body` means."""
    find_versions(registry, subject)
    version = _find_matching(registry, subject, body)
    if version is None:
        raise RegistryError(NO_SCHEMA, f"Schema not found under subject {quoted(subject)}")
    return version


def registered_version(registry: LocalRegistry, subject: str, body: bytes) -> RegisteredSchema:
    """Return the version that a client wants to register when it is there; refuse otherwise."""
    version = _find_matching(registry, subject, body)
    if version is None:
        raise read_only_error(f"subject {quoted(subject)} does not hold that schema")
    return version


def read_only_error(what: str) -> RegistryError:
    """Return the refusal of a request that would change something."""
    message = f"{what}, and this registry is read only; set SCHEMA_REGISTRY_URL to use another"
    return RegistryError(READ_ONLY, message)


def _find_matching(registry: LocalRegistry, subject: str, body: bytes) -> RegisteredSchema | None:
    try:
        return registry.lookup(subject, *_parse_schema_body(body))
    except SchemaError as error:
        raise RegistryError(INVALID_SCHEMA, f"Invalid schema: {error}") from error


def _parse_schema_body(body: bytes) -> tuple[str, SchemaType]:
    """Return text and kind of the schema in a body, ``{"schema": "…", "schemaType": "JSON"}``."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RegistryError(INVALID_SCHEMA, "the request's body is not JSON") from error
    text = sent.get("schema") if isinstance(sent, dict) else None
    if not isinstance(text, str):
        raise RegistryError(INVALID_SCHEMA, 'the body has no text "schema" in an object')
    kind = sent.get("schemaType") or "AVRO"
    if kind not in SCHEMA_TYPES:
        message = (
            f"schemaType {quoted(str(kind))} is not served here; {', '.join(SCHEMA_TYPES)} are"
        )
        raise RegistryError(INVALID_SCHEMA, message)
    return text, kind


def _parse_id(text: str) -> int:
    """Return a whole number in [1, ID_MAX], or 0 when `text` is none."""
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(ID_MAX))
    number = int(text) if digits else 0
    return number if number <= ID_MAX else 0
