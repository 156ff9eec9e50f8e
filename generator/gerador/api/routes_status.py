"""GET /, /status, /metrics, /livez and /readyz."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from gerador.api.error_responses import (
    documented_error_responses,
    error_response,
    service_unavailable,
)
from gerador.api.query_parameters import allow_query_parameters
from gerador.service.status import Status

if TYPE_CHECKING:
    from gerador.service.interface import Service


_STATUS: Final = TypeAdapter(Status)
_NO_STORE: Final = {"Cache-Control": "no-store"}
SUBJECTS: Final = "/subjects"
ENDPOINTS: Final = {
    "/dados": "newest rows as JSON, NDJSON, CSV or Arrow",
    "/status": "state and counters",
    "/streams": "streams, their newest rows (/records), live tail (/events) and live changes",
    "/recipe": "scenario file that reproduces the run",
    "/metrics": "Prometheus metrics",
    "/livez": "200 while the process works",
    "/readyz": "200 while rows are delivered",
    SUBJECTS: "read-only schema registry, compatible with Confluent's",
    "/openapi.json": "OpenAPI document",
}
"""The endpoints in the response of GET /."""

_METRICS_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The metrics.",
        "content": {
            "text/plain; version=0.0.4": {"schema": {"type": "string"}},
            "application/openmetrics-text": {"schema": {"type": "string"}},
        },
    }
}


def status_router(service: Service) -> APIRouter:
    """Return the routes of the state of `service`."""
    router = APIRouter(tags=["state"])

    @router.get("/", summary="Endpoints")
    async def index() -> dict[str, str]:
        """Return the endpoints of this API."""
        absent = () if service.registry is not None else (SUBJECTS,)
        return {path: text for path, text in ENDPOINTS.items() if path not in absent}

    @router.get(
        "/status",
        summary="State and counters",
        response_model=Status,
        responses=documented_error_responses(s422="Unknown query parameter."),
        dependencies=[allow_query_parameters()],
    )
    async def status() -> Response:
        """Return the state and counters of the run and of every stream."""
        body = _STATUS.dump_json(service.status())
        return Response(body, media_type="application/json", headers=_NO_STORE)

    @router.get(
        "/metrics", summary="Metrics", response_class=Response, responses=_METRICS_RESPONSES
    )
    async def metrics(request: Request) -> Response:
        """Return the metrics in the Prometheus text format, or OpenMetrics by the Accept header."""
        body, content_type = service.metrics.render(request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": content_type, **_NO_STORE})

    _add_probes(router, service)
    return router


def _add_probes(router: APIRouter, service: Service) -> None:
    @router.get(
        "/livez",
        summary="Liveness probe",
        responses=documented_error_responses(s500="The process must be restarted."),
    )
    async def livez() -> Response:
        """Return 200 while the process works."""
        if service.live:
            return _probe_response("live")
        return error_response(
            HTTPStatus.INTERNAL_SERVER_ERROR, _reason(service, "not live"), _NO_STORE
        )

    @router.get(
        "/readyz",
        summary="Readiness probe",
        responses=documented_error_responses(s503="Rows are not delivered; with the reason."),
    )
    async def readyz() -> Response:
        """Return 200 while rows are delivered, otherwise 503 with the reason."""
        if service.ready:
            return _probe_response("ready")
        return service_unavailable(_reason(service, "not ready"))


def _probe_response(detail: str) -> Response:
    return JSONResponse({"detail": detail}, headers=_NO_STORE)


def _reason(service: Service, default: str) -> str:
    now = service.status()
    return now.reason or f"{default}: {now.status}"
