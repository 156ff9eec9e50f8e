"""/streams: what runs, and the verbs that steer it while it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from pydantic import TypeAdapter, WithJsonSchema

from gerador.api.answers import documented
from gerador.api.guard import guarded
from gerador.api.new_rate import DOCUMENTED, NewRate, new_rate
from gerador.api.queries import count_of, known_stream, only, refused
from gerador.errors import SettingError, SteeringError
from gerador.limits import BURST_ROWS_MAX
from gerador.service.status import StreamStatus
from gerador.service.steering import Change, StreamDetail
from gerador.service.view import Service

_NO_STORE: Final = {"Cache-Control": "no-store"}
_STREAMS: Final = TypeAdapter(dict[str, StreamStatus])
_DETAIL: Final = TypeAdapter(StreamDetail)
_CHANGE: Final = TypeAdapter(Change)
_REFUSALS: Final = documented(
    s401="The token is missing or another one.",
    s403="A page of another site asks.",
    s404="There is no such stream.",
    s409="The stream has not begun, or is ending.",
    s422="A value that makes no sense.",
)
_Name = Annotated[str, Path(description="The stream's name.")]
_Rows = Annotated[
    str | None,
    Query(description=f"How many rows, 1 to {BURST_ROWS_MAX}.", examples=["50000"]),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": BURST_ROWS_MAX}),
]


def streams_router(service: Service, token: str | None) -> APIRouter:
    """Return the routes that list `service`'s streams, and those that steer them with `token`."""
    router = APIRouter(prefix="/streams", tags=["streams"])

    @router.get(
        "",
        summary="The streams",
        response_model=dict[str, StreamStatus],
        dependencies=[only()],
    )
    async def streams() -> Response:
        """Return each stream's state and counters, by its name."""
        return _json(_STREAMS, dict(service.status().streams))

    @router.get(
        "/{name}",
        summary="One stream",
        response_model=StreamDetail,
        responses=documented(s404="There is no such stream.", s422="A query parameter."),
        dependencies=[only()],
    )
    async def stream(name: _Name) -> Response:
        """Return what the stream is, how to have it again, its schedule and its state."""
        return _json(_DETAIL, service.detail(_known(service, name)))

    _add_verbs(router, service, token)
    return router


def _add_verbs(router: APIRouter, service: Service, token: str | None) -> None:
    answers: Any = {"response_model": Change, "responses": _REFUSALS}
    verb: Any = {**answers, "dependencies": [only(), guarded(token)]}
    counted: Any = {**answers, "dependencies": [only("rows"), guarded(token)]}

    @router.patch("/{name}", summary="Change the rate", **verb, openapi_extra=DOCUMENTED)
    async def change(name: _Name, new: Annotated[NewRate, Depends(new_rate)]) -> Response:
        """Let rows fall due at another rate from now on; a paused stream keeps it for later."""
        with _refusals():
            known = _known(service, name)
            return _json(_CHANGE, service.change_rate(known, new.rate, new.over))

    @router.post("/{name}/pause", summary="Pause", **verb)
    async def pause(name: _Name) -> Response:
        """Let no row fall due from now on; rows that are due already still go out."""
        with _refusals():
            return _json(_CHANGE, service.pause(_known(service, name)))

    @router.post("/{name}/resume", summary="Resume", **verb)
    async def resume(name: _Name) -> Response:
        """End a pause: rows go on from where they were."""
        with _refusals():
            return _json(_CHANGE, service.resume(_known(service, name)))

    @router.post("/{name}/burst", summary="Burst", **counted)
    async def burst(name: _Name, rows: _Rows = None) -> Response:
        """Let so many rows be due at once, besides what flows; also in a pause."""
        known = _known(service, name)
        count = count_of("rows", rows, most=BURST_ROWS_MAX)
        if count is None:
            raise refused("'rows' is missing; give it behind the address, like ?rows=50000")
        with _refusals():
            return _json(_CHANGE, service.burst(known, count))


def _json(form: TypeAdapter[Any], value: Any) -> Response:
    return Response(form.dump_json(value), media_type="application/json", headers=_NO_STORE)


def _known(service: Service, name: str) -> str:
    return known_stream(name, service.streams)


@contextmanager
def _refusals() -> Iterator[None]:
    """Answer what cannot be set with 422, and what cannot be steered now with 409."""
    try:
        yield
    except SettingError as error:
        raise refused(str(error)) from error
    except SteeringError as error:
        raise HTTPException(HTTPStatus.CONFLICT, str(error)) from error
