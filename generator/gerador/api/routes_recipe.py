"""GET /recipe: the scenario file that reproduces the run."""

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from gerador.api.content_negotiation import negotiate_media_type
from gerador.api.error_responses import documented_error_responses, service_unavailable
from gerador.api.query_parameters import allow_query_parameters
from gerador.api.row_writers import JSON
from gerador.scenario.yaml_reader import read_yaml
from gerador.service.interface import Service

YAML: Final = "application/yaml"
"""RFC 9512."""
_OFFERED: Final = (YAML, JSON)
_HEADERS: Final = {"Cache-Control": "no-store", "Vary": "Accept"}
_DOCUMENTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The scenario file.",
        "content": {YAML: {"schema": {"type": "string"}}, JSON: {"schema": {"type": "object"}}},
    },
    **documented_error_responses(
        s406="The Accept header accepts neither YAML nor JSON.",
        s422="Unknown query parameter.",
        s503="The streams have not started yet; try again after Retry-After seconds.",
    ),
}


def recipe_router(service: Service) -> APIRouter:
    """Return the route of the recipe of `service`."""
    router = APIRouter(tags=["streams"])

    @router.get(
        "/recipe",
        summary="Recipe of the run",
        response_class=Response,
        responses=_DOCUMENTED,
        dependencies=[allow_query_parameters()],
    )
    async def recipe(request: Request) -> Response:
        """Return the scenario file that reproduces the run: seed, start, streams, live changes.

        As YAML or JSON, by the Accept header. Secrets of the settings are not included; values of
        `${NAME}` in the scenario are.
        """
        media_type = negotiate_media_type(request, _OFFERED)
        text = service.recipe_text()
        if text is None:
            return _not_started(service)
        body = await asyncio.to_thread(_as_json, text) if media_type == JSON else text.encode()
        return Response(body, headers=_HEADERS, media_type=media_type)

    return router


def _as_json(text: str) -> bytes:
    """Return a scenario file, parsed as `gerador run` does, as JSON."""
    value, _ = read_yaml(text, "recipe", {})
    return to_json(value, inf_nan_mode="strings")


def _not_started(service: Service) -> Response:
    reason = service.status().reason
    detail = "the recipe is available once the streams have started"
    return service_unavailable(f"{detail}: {reason}" if reason else detail)
