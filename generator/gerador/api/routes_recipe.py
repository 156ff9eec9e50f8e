"""GET /recipe: the scenario file that reproduces the run."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from pydantic_core import to_json

from gerador.api.content_negotiation import preferred_media_type
from gerador.api.error_responses import documented_errors, problem, service_unavailable
from gerador.api.query_parameters import allow_only
from gerador.api.row_formats import JSON
from gerador.scenario.yaml_reader import read_yaml
from gerador.service.interface import Service

YAML: Final = "application/yaml"
"""RFC 9512."""
_OFFERED: Final = (YAML, JSON)
_HEADERS: Final = {"Cache-Control": "no-store", "Vary": "Accept"}
_DOCUMENTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A scenario file.",
        "content": {YAML: {"schema": {"type": "string"}}, JSON: {"schema": {"type": "object"}}},
    },
    **documented_errors(
        s406="The Accept header names nothing that there is.",
        s422="A query parameter; there are none.",
        s503="The streams have not begun yet; try again after Retry-After seconds.",
    ),
}


def recipe_router(service: Service) -> APIRouter:
    """Return the route that gives `service`'s recipe."""
    router = APIRouter(tags=["streams"])

    @router.get(
        "/recipe",
        summary="The recipe",
        response_class=Response,
        responses=_DOCUMENTED,
        dependencies=[allow_only()],
    )
    async def recipe(
        request: Request, accept: Annotated[str, Header(include_in_schema=False)] = ""
    ) -> Response:
        """Return the file that makes these rows again: seed, start, streams, and every change.

        As YAML, or as the same in JSON, by the Accept header. No secret of the settings is in it;
        what `${NAME}` stood for in the scenario is.
        """
        wanted = preferred_media_type(
            ", ".join(request.headers.getlist("accept")) or accept, _OFFERED
        )
        if wanted is None:
            line = f"nothing that Accept names; there is {', '.join(_OFFERED)}"
            return problem(HTTPStatus.NOT_ACCEPTABLE, line)
        text = service.recipe_text()
        if text is None:
            return _not_started(service)
        body = await asyncio.to_thread(_as_json, text) if wanted == JSON else text.encode()
        return Response(body, headers=_HEADERS, media_type=wanted)

    return router


def _as_json(text: str) -> bytes:
    """Return what a scenario file says, read as `gerador run` reads it, as JSON."""
    value, _ = read_yaml(text, "recipe", {})
    return to_json(value, inf_nan_mode="strings")


def _not_started(service: Service) -> Response:
    reason = service.status().reason
    line = "the recipe is known once the streams have begun"
    return service_unavailable(f"{line}: {reason}" if reason else line)
