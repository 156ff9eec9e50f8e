"""The read side of Confluent's Schema Registry, for the schemas of this run.

What Flink's avro-confluent and Confluent's deserializers call, so that a first run needs no
registry of its own. Nothing is written: registering a schema that is already here answers its
id, anything else is refused with the way to a registry that can.

Source: Confluent Schema Registry API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Query, Request, Response

from gerador.api.queries import shown
from gerador.api.registry_answers import (
    REGISTRY_CONTENT_TYPE,
    RegistryJSON,
    RegistryProblem,
    SchemaText,
    SchemaVersion,
    place_json,
    schema_json,
    version_json,
)
from gerador.api.registry_lookups import (
    already_there,
    looked_up,
    read_only,
    registry_of,
    schema_of,
    version_of,
    versions_of,
)
from gerador.encoding.schemas import KINDS

if TYPE_CHECKING:
    from gerador.service.view import Service

SERIALIZED: Final = "serialized"
Form: TypeAlias = Annotated[
    str, Query(description="serialized: a Protobuf schema as its descriptor, in base64.")
]
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    404: {"model": RegistryProblem, "description": "No such subject, version or schema."},
    422: {"model": RegistryProblem, "description": "Not a schema or a version, or read only."},
}


def registry_router(service: Service) -> APIRouter:
    """Return the registry's routes over `service.registry`."""
    router = APIRouter(
        tags=["schema registry"], default_response_class=RegistryJSON, responses=_REFUSED
    )
    _add_ids(router, service)
    _add_subjects(router, service)
    _add_lookups(router, service)
    _add_settings(router, service)
    return router


def _add_ids(router: APIRouter, service: Service) -> None:
    @router.get("/schemas/types", summary="Kinds of schema")
    async def types() -> list[str]:
        registry_of(service)
        return list(KINDS)

    @router.get(
        "/schemas", summary="Every version of every subject", response_model_exclude_none=True
    )
    async def schemas(subjectPrefix: str = "") -> list[SchemaVersion]:  # noqa: N803 - its name there
        found = [v for v in registry_of(service) if v.subject.startswith(subjectPrefix)]
        return [SchemaVersion.model_validate(version_json(v)) for v in found]

    @router.get(
        "/schemas/ids/{schema_id}",
        summary="A schema by its id",
        response_model=SchemaText,
        response_model_exclude_none=True,
    )
    async def by_id(schema_id: str, format: Form = "") -> dict[str, object]:  # noqa: A002 - its name there
        _, schema = schema_of(registry_of(service), schema_id)
        return schema_json(schema, serialized=format == SERIALIZED)

    @router.get("/schemas/ids/{schema_id}/schema", summary="A schema by its id, bare")
    async def bare_by_id(schema_id: str) -> Response:
        _, schema = schema_of(registry_of(service), schema_id)
        return _bare(schema.text)

    @router.get("/schemas/ids/{schema_id}/versions", summary="Where a schema stands")
    async def places(schema_id: str) -> list[dict[str, Any]]:
        registry = registry_of(service)
        number, _ = schema_of(registry, schema_id)
        return [place_json(v) for v in registry.with_id(number)]

    @router.get("/schemas/ids/{schema_id}/subjects", summary="Subjects of a schema")
    async def subjects_of(schema_id: str) -> list[str]:
        registry = registry_of(service)
        number, _ = schema_of(registry, schema_id)
        return [v.subject for v in registry.with_id(number)]


def _add_subjects(router: APIRouter, service: Service) -> None:
    @router.get("/subjects", summary="Subjects")
    async def subjects(subjectPrefix: str = "") -> list[str]:  # noqa: N803 - its name there
        return [s for s in registry_of(service).subjects if s.startswith(subjectPrefix)]

    one = "/subjects/{subject:path}/versions/{version}"

    @router.get(f"{one}/schema", summary="A version's schema, bare")
    async def bare_version(subject: str, version: str) -> Response:
        return _bare(version_of(registry_of(service), subject, version).schema.text)

    @router.get(f"{one}/referencedby", summary="Schemas that refer to a version: none")
    async def referenced_by(subject: str, version: str) -> list[int]:
        version_of(registry_of(service), subject, version)
        return []

    @router.get(one, summary="A version", response_model_exclude_none=True)
    async def version_(subject: str, version: str, format: Form = "") -> SchemaVersion:  # noqa: A002 - its name there
        found = version_of(registry_of(service), subject, version)
        shown = version_json(found, serialized=format == SERIALIZED)
        return SchemaVersion.model_validate(shown)

    @router.get("/subjects/{subject:path}/versions", summary="Versions of a subject")
    async def versions(subject: str) -> list[int]:
        return [v.version for v in versions_of(registry_of(service), subject)]


def _add_lookups(router: APIRouter, service: Service) -> None:
    @router.post("/subjects/{subject:path}/versions", summary="Register what is already here")
    async def register(subject: str, request: Request) -> RegistryJSON:
        registry = registry_of(service)
        return RegistryJSON(version_json(already_there(registry, subject, await request.body())))

    @router.post(
        "/subjects/{subject:path}",
        summary="Find a schema under a subject",
        response_model_exclude_none=True,
    )
    async def lookup(subject: str, request: Request) -> SchemaVersion:
        registry = registry_of(service)
        found = looked_up(registry, subject, await request.body())
        return SchemaVersion.model_validate(version_json(found))

    @router.delete("/subjects/{rest:path}", include_in_schema=False)
    @router.put("/config/{rest:path}", include_in_schema=False)
    @router.put("/config", include_in_schema=False)
    @router.put("/mode/{rest:path}", include_in_schema=False)
    @router.put("/mode", include_in_schema=False)
    async def change(request: Request, rest: str = "") -> None:
        registry_of(service)
        raise read_only(f"{request.method} would change {shown(rest) if rest else 'all subjects'}")


def _add_settings(router: APIRouter, service: Service) -> None:
    @router.get("/config", summary="Compatibility that is checked: none")
    async def config() -> dict[str, str]:
        registry_of(service)
        return {"compatibilityLevel": "NONE"}

    @router.get("/config/{subject:path}", summary="Compatibility of a subject: none")
    async def config_of(subject: str) -> dict[str, str]:
        versions_of(registry_of(service), subject)
        return {"compatibilityLevel": "NONE"}

    @router.get("/mode", summary="Mode: read only")
    async def mode() -> dict[str, str]:
        registry_of(service)
        return {"mode": "READONLY"}

    @router.get("/mode/{subject:path}", summary="Mode of a subject: read only")
    async def mode_of(subject: str) -> dict[str, str]:
        versions_of(registry_of(service), subject)
        return {"mode": "READONLY"}


def _bare(text: str) -> Response:
    return Response(text, media_type=REGISTRY_CONTENT_TYPE)
