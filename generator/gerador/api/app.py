"""The HTTP application, put together. Holds no route of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI

from gerador.api.answers import answer_problems
from gerador.api.asgi import AccessLog, BodyLimit, HeadAsGet, LastResort, NoSlashAtTheEnd
from gerador.api.dados import dados_router
from gerador.api.recipe import recipe_router
from gerador.api.registry import registry_router
from gerador.api.registry_answers import answer_refusals
from gerador.api.state import state_router
from gerador.api.streams import streams_router
from gerador.api.tail import tail_router

if TYPE_CHECKING:
    from gerador.service.view import Service

REQUEST_BYTES_MAX: Final = 1024 * 1024
"""Bytes of a request's body; the largest is a schema that is looked up."""


def create_app(service: Service, token: str | None = None) -> FastAPI:
    """Return the application that shows and steers `service`; it starts and stops nothing.

    The verbs that change something ask for `token`, when there is one.

    No documentation pages: those would load scripts from the internet. `/openapi.json` is there.
    """
    app = _Application(
        title="Gerador",
        summary="Synthetic events on a Kafka topic, with the answer key.",
        version=service.status().version,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    answer_problems(app)
    answer_refusals(app)
    app.include_router(dados_router(service))
    app.include_router(state_router(service))
    app.include_router(streams_router(service, token))
    app.include_router(tail_router(service))
    app.include_router(recipe_router(service))
    app.include_router(registry_router(service))
    app.add_middleware(BodyLimit, bytes_max=REQUEST_BYTES_MAX)
    app.add_middleware(NoSlashAtTheEnd)
    app.add_middleware(LastResort)
    app.add_middleware(HeadAsGet)
    app.add_middleware(AccessLog)
    return app


class _Application(FastAPI):
    """FastAPI, with the descriptions of inherited fields in its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """Return the document; made once."""
        document = super().openapi()
        schemas = document["components"]["schemas"]
        # Pydantic reads the docstrings of a dataclass's own fields, not of those it inherits.
        schemas["Status"]["properties"] |= schemas["StreamStatus"]["properties"]
        return document
