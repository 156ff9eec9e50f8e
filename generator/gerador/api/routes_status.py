"""GET /, /status, /metrics, /livez and /readyz."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from gerador.api.error_responses import documented_errors, problem, service_unavailable
from gerador.api.query_parameters import allow_only
from gerador.service.status import Status

if TYPE_CHECKING:
    from gerador.service.interface import Service


_STATUS: Final = TypeAdapter(Status)
_NO_STORE: Final = {"Cache-Control": "no-store"}
SUBJECTS: Final = "/subjects"
ADDRESSES: Final = {
    "/dados": "the rows in memory (JSON, NDJSON, CSV, Arrow)",
    "/status": "state and counters",
    "/streams": "the streams; each has /records and /events, a live tail, and verbs that steer it",
    "/recipe": "the scenario file that makes the same rows again",
    "/metrics": "the same for Prometheus, and durations",
    "/livez": "200 while the process can do its work",
    "/readyz": "200 while rows flow",
    SUBJECTS: "schemas, as Confluent's registry shows them",
    "/openapi.json": "all of this, for machines",
}
"""What GET / lists."""

_METRICS_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Every metric.",
        "content": {
            "text/plain; version=0.0.4": {"schema": {"type": "string"}},
            "application/openmetrics-text": {"schema": {"type": "string"}},
        },
    }
}


def status_router(service: Service) -> APIRouter:
    """Return the routes that show `service`'s state."""
    router = APIRouter(tags=["state"])

    @router.get("/", summary="What there is")
    async def index() -> dict[str, str]:
        """List the addresses of this API."""
        absent = () if service.registry is not None else (SUBJECTS,)
        return {path: text for path, text in ADDRESSES.items() if path not in absent}

    @router.get(
        "/status",
        summary="State and counters",
        response_model=Status,
        responses=documented_errors(s422="A query parameter; there are none."),
        dependencies=[allow_only()],
    )
    async def status() -> Response:
        """Return the state and the honest counters of the run, and of every stream."""
        body = _STATUS.dump_json(service.status())
        return Response(body, media_type="application/json", headers=_NO_STORE)

    @router.get(
        "/metrics", summary="Metrics", response_class=Response, responses=_METRICS_RESPONSES
    )
    async def metrics(request: Request) -> Response:
        """Return the metrics as Prometheus text, or as OpenMetrics when Accept asks for it."""
        body, content_type = service.metrics.render(request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": content_type, **_NO_STORE})

    _add_probes(router, service)
    return router


def _add_probes(router: APIRouter, service: Service) -> None:
    @router.get(
        "/livez", summary="Alive", responses=documented_errors(s500="It asks for a restart.")
    )
    async def livez() -> Response:
        """Answer 200 while the process can do its work."""
        if service.live:
            return _probe_response("live")
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, _reason(service, "not live"), _NO_STORE)

    @router.get(
        "/readyz", summary="Ready", responses=documented_errors(s503="Rows do not flow; why.")
    )
    async def readyz() -> Response:
        """Answer 200 while rows flow to where they should, else 503 and the reason."""
        return (
            _probe_response("ready")
            if service.ready
            else service_unavailable(_reason(service, "not ready"))
        )


def _probe_response(word: str) -> Response:
    return JSONResponse({"detail": word}, headers=_NO_STORE)


def _reason(service: Service, otherwise: str) -> str:
    now = service.status()
    return now.reason or f"{otherwise}: {now.status}"
