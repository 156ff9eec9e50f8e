"""Read-only endpoints of the Confluent Schema Registry API, for the schemas of this run, or of all.

They serve Flink's avro-confluent format and Confluent's deserializers without a registry. To
register a schema that is already registered returns its id; other changes are rejected.

Source: Confluent Schema Registry API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Query, Request, Response

from gerador.api.query_parameters import quoted
from gerador.api.registry_responses import (
    REGISTRY_CONTENT_TYPE,
    RegistryErrorBody,
    RegistryJSON,
    SchemaText,
    SchemaVersion,
    find_schema,
    find_version,
    find_versions,
    look_up_schema,
    read_only_error,
    registered_version,
    require_registry,
    schema_json,
    subject_version_json,
    version_json,
)
from gerador.encoding.registry_schemas import SCHEMA_TYPES

if TYPE_CHECKING:
    from gerador.api.registry_responses import RegistryOwner


SERIALIZED: Final = "serialized"
FormatParameter: TypeAlias = Annotated[
    str, Query(description="serialized: a Protobuf schema as its descriptor in base64.")
]
_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    404: {"model": RegistryErrorBody, "description": "Unknown subject, version or schema."},
    422: {"model": RegistryErrorBody, "description": "Invalid schema or version, or read-only."},
}


def registry_router(service: RegistryOwner) -> APIRouter:
    """Return the routes of `service.registry`."""
    router = APIRouter(
        tags=["schema registry"], default_response_class=RegistryJSON, responses=_ERRORS
    )
    _add_schema_routes(router, service)
    _add_subject_routes(router, service)
    _add_lookup_routes(router, service)
    _add_config_routes(router, service)
    return router


def _add_schema_routes(router: APIRouter, service: RegistryOwner) -> None:
    @router.get("/schemas/types", summary="Schema types")
    async def types() -> list[str]:
        require_registry(service)
        return list(SCHEMA_TYPES)

    @router.get(
        "/schemas", summary="All versions of all subjects", response_model_exclude_none=True
    )
    async def schemas(subjectPrefix: str = "") -> list[SchemaVersion]:  # noqa: N803 - the name in the registry API
        found = [v for v in require_registry(service) if v.subject.startswith(subjectPrefix)]
        return [SchemaVersion.model_validate(version_json(v)) for v in found]

    @router.get(
        "/schemas/ids/{schema_id}",
        summary="Schema by id",
        response_model=SchemaText,
        response_model_exclude_none=True,
    )
    async def by_id(schema_id: str, format: FormatParameter = "") -> dict[str, object]:  # noqa: A002 - likewise
        _, schema = find_schema(require_registry(service), schema_id)
        return schema_json(schema, serialized=format == SERIALIZED)

    @router.get("/schemas/ids/{schema_id}/schema", summary="Schema by id, without envelope")
    async def bare_by_id(schema_id: str) -> Response:
        _, schema = find_schema(require_registry(service), schema_id)
        return _schema_response(schema.text)

    @router.get("/schemas/ids/{schema_id}/versions", summary="Subjects and versions of a schema")
    async def versions_of(schema_id: str) -> list[dict[str, Any]]:
        registry = require_registry(service)
        number, _ = find_schema(registry, schema_id)
        return [subject_version_json(v) for v in registry.versions_by_id(number)]

    @router.get("/schemas/ids/{schema_id}/subjects", summary="Subjects of a schema")
    async def subjects_of(schema_id: str) -> list[str]:
        registry = require_registry(service)
        number, _ = find_schema(registry, schema_id)
        return [v.subject for v in registry.versions_by_id(number)]


def _add_subject_routes(router: APIRouter, service: RegistryOwner) -> None:
    @router.get("/subjects", summary="Subjects")
    async def subjects(subjectPrefix: str = "") -> list[str]:  # noqa: N803 - the name in the registry API
        return [s for s in require_registry(service).subjects if s.startswith(subjectPrefix)]

    one = "/subjects/{subject:path}/versions/{version}"

    @router.get(f"{one}/schema", summary="Schema of a version, without envelope")
    async def bare_version(subject: str, version: str) -> Response:
        return _schema_response(
            find_version(require_registry(service), subject, version).schema.text
        )

    @router.get(f"{one}/referencedby", summary="Schemas that reference a version: none")
    async def referenced_by(subject: str, version: str) -> list[int]:
        find_version(require_registry(service), subject, version)
        return []

    @router.get(one, summary="Version of a subject", response_model_exclude_none=True)
    async def version_(subject: str, version: str, format: FormatParameter = "") -> SchemaVersion:  # noqa: A002 - likewise
        found = find_version(require_registry(service), subject, version)
        shown = version_json(found, serialized=format == SERIALIZED)
        return SchemaVersion.model_validate(shown)

    @router.get("/subjects/{subject:path}/versions", summary="Versions of a subject")
    async def versions(subject: str) -> list[int]:
        return [v.version for v in find_versions(require_registry(service), subject)]


def _add_lookup_routes(router: APIRouter, service: RegistryOwner) -> None:
    @router.post(
        "/subjects/{subject:path}/versions", summary="Register a schema that is already registered"
    )
    async def register(subject: str, request: Request) -> RegistryJSON:
        registry = require_registry(service)
        return RegistryJSON(
            version_json(registered_version(registry, subject, await request.body()))
        )

    @router.post(
        "/subjects/{subject:path}",
        summary="Find a schema under a subject",
        response_model_exclude_none=True,
    )
    async def lookup(subject: str, request: Request) -> SchemaVersion:
        registry = require_registry(service)
        found = look_up_schema(registry, subject, await request.body())
        return SchemaVersion.model_validate(version_json(found))

    @router.delete("/subjects/{rest:path}", include_in_schema=False)
    @router.put("/config/{rest:path}", include_in_schema=False)
    @router.put("/config", include_in_schema=False)
    @router.put("/mode/{rest:path}", include_in_schema=False)
    @router.put("/mode", include_in_schema=False)
    async def change(request: Request, rest: str = "") -> None:
        require_registry(service)
        raise read_only_error(
            f"{request.method} changes {quoted(rest) if rest else 'all subjects'}"
        )


def _add_config_routes(router: APIRouter, service: RegistryOwner) -> None:
    @router.get("/config", summary="Compatibility level: NONE")
    async def config() -> dict[str, str]:
        require_registry(service)
        return {"compatibilityLevel": "NONE"}

    @router.get("/config/{subject:path}", summary="Compatibility level of a subject: NONE")
    async def config_of(subject: str) -> dict[str, str]:
        find_versions(require_registry(service), subject)
        return {"compatibilityLevel": "NONE"}

    @router.get("/mode", summary="Mode: READONLY")
    async def mode() -> dict[str, str]:
        require_registry(service)
        return {"mode": "READONLY"}

    @router.get("/mode/{subject:path}", summary="Mode of a subject: READONLY")
    async def mode_of(subject: str) -> dict[str, str]:
        find_versions(require_registry(service), subject)
        return {"mode": "READONLY"}


def _schema_response(text: str) -> Response:
    return Response(text, media_type=REGISTRY_CONTENT_TYPE)
