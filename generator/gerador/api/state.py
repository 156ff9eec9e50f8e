"""GET /status, /metrics, /livez, /readyz and /: what the run says about itself."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from gerador.api.answers import documented, not_now, problem
from gerador.api.queries import only
from gerador.service.status import Status

if TYPE_CHECKING:
    from gerador.service.view import Service

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

_EXPOSITION: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Every metric.",
        "content": {
            "text/plain; version=0.0.4": {"schema": {"type": "string"}},
            "application/openmetrics-text": {"schema": {"type": "string"}},
        },
    }
}


def state_router(service: Service) -> APIRouter:
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
        responses=documented(s422="A query parameter; there are none."),
        dependencies=[only()],
    )
    async def status() -> Response:
        """Return the state and the honest counters of the run, and of every stream."""
        body = _STATUS.dump_json(service.status())
        return Response(body, media_type="application/json", headers=_NO_STORE)

    @router.get("/metrics", summary="Metrics", response_class=Response, responses=_EXPOSITION)
    async def metrics(request: Request) -> Response:
        """Return the metrics as Prometheus text, or as OpenMetrics when Accept asks for it."""
        body, content_type = service.metrics.render(request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": content_type, **_NO_STORE})

    _add_probes(router, service)
    return router


def _add_probes(router: APIRouter, service: Service) -> None:
    @router.get("/livez", summary="Alive", responses=documented(s500="It asks for a restart."))
    async def livez() -> Response:
        """Answer 200 while the process can do its work."""
        if service.live:
            return _said("live")
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, _why(service, "not live"), _NO_STORE)

    @router.get("/readyz", summary="Ready", responses=documented(s503="Rows do not flow; why."))
    async def readyz() -> Response:
        """Answer 200 while rows flow to where they should, else 503 and the reason."""
        return _said("ready") if service.ready else not_now(_why(service, "not ready"))


def _said(word: str) -> Response:
    return JSONResponse({"detail": word}, headers=_NO_STORE)


def _why(service: Service, otherwise: str) -> str:
    now = service.status()
    return now.reason or f"{otherwise}: {now.status}"
