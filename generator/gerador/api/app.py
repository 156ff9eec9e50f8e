"""The HTTP application: all routers, error handlers and middleware."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI

from gerador.api.error_responses import add_error_handlers
from gerador.api.middleware import AccessLog, BodyLimit, HeadAsGet, InternalErrors, TrailingSlash
from gerador.api.registry_responses import add_registry_error_handler
from gerador.api.routes_recipe import recipe_router
from gerador.api.routes_registry import registry_router
from gerador.api.routes_rows import rows_router
from gerador.api.routes_status import status_router
from gerador.api.routes_streams import streams_router
from gerador.api.routes_tail import tail_router

if TYPE_CHECKING:
    from gerador.api.registry_responses import RegistryOwner
    from gerador.service.interface import Service


REQUEST_BYTES_MAX: Final = 1024 * 1024
"""Maximum bytes of a request body; the largest is a schema to look up."""


def create_app(service: Service, token: str | None = None) -> FastAPI:
    """Return the ASGI application for `service`. Does not start or stop the service.

    Operations that change a stream require `token`, if it is set. `/openapi.json` is served, but no
    documentation pages: FastAPI's load scripts from the internet.
    """
    app = _Application(
        title="Gerador",
        summary="Synthetic events for Kafka topics: status, rows and control of running streams.",
        version=service.status().version,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    add_error_handlers(app)
    add_registry_error_handler(app)
    app.include_router(rows_router(service))
    app.include_router(status_router(service))
    app.include_router(streams_router(service, token))
    app.include_router(tail_router(service))
    app.include_router(recipe_router(service))
    app.include_router(registry_router(service))
    _add_middleware(app)
    return app


def create_registry_app(owner: RegistryOwner) -> FastAPI:
    """Return the ASGI application of a registry alone, without a run."""
    app = FastAPI(
        title="Gerador: schema registry",
        summary="Schemas of earlier runs, in the read operations of Confluent's Schema Registry.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    add_error_handlers(app)
    add_registry_error_handler(app)
    app.include_router(registry_router(owner))
    _add_middleware(app)
    return app


def _add_middleware(app: FastAPI) -> None:
    app.add_middleware(BodyLimit, bytes_max=REQUEST_BYTES_MAX)
    app.add_middleware(TrailingSlash)
    app.add_middleware(InternalErrors)
    app.add_middleware(HeadAsGet)
    app.add_middleware(AccessLog)


class _Application(FastAPI):
    """FastAPI with descriptions of inherited fields in its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, which is cached."""
        document = super().openapi()
        schemas = document["components"]["schemas"]
        # Pydantic reads the docstrings of the fields of a dataclass, not of inherited fields.
        schemas["Status"]["properties"] |= schemas["StreamStatus"]["properties"]
        return document
