"""GET /streams and /streams/{name}, and the operations that change a running stream: rate, pause, resume, burst."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, WithJsonSchema

from gerador.api.authorization import require_token
from gerador.api.error_responses import INVALID_JSON, WRONG_CONTENT_TYPE, documented_errors
from gerador.api.query_parameters import (
    allow_only,
    parse_count,
    quoted,
    require_stream,
    unprocessable,
)
from gerador.errors import ControlError, SettingError, did_you_mean
from gerador.limits import BURST_ROWS_MAX
from gerador.service.interface import Service
from gerador.service.status import StreamStatus
from gerador.service.stream_detail import ChangeResult, StreamDetail

_JSON: Final = "application/json"
_EXAMPLE: Final = '{"rate": 500}'
_VALUE_CHARACTERS_MAX: Final = 40
"""Of a rate or a time as it is written."""


class NewRate(BaseModel):
    """How fast rows are to fall due from now on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: Annotated[
        float | str,
        Field(
            description='Rows per second: 500, "10k", "1.5M", or "max".',
            examples=[500, "10k", "max"],
        ),
    ]
    over: Annotated[
        float | str | None,
        Field(
            description='Ramp there from the rate of this moment: "2m", "500ms", or seconds.',
            examples=["2m", 30],
        ),
    ] = None


RATE_REQUEST_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {_JSON: {"schema": NewRate.model_json_schema()}},
    }
}
"""What the OpenAPI document says of the body."""


async def parse_new_rate(request: Request) -> NewRate:
    """Read a request's body. Answers 422 to what is no such object of JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind != _JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise unprocessable(WRONG_CONTENT_TYPE)
    given = _parse_object(body)
    for word in given:
        if word not in NewRate.model_fields:
            near = did_you_mean(word, NewRate.model_fields)
            raise unprocessable(f"unknown word {quoted(word)}{near}; there is rate, over")
    if given.get("rate") is None:
        raise unprocessable(f"'rate' is missing; give it, like {_EXAMPLE}")
    for word, value in given.items():
        _check_size(word, value)
    return NewRate.model_construct(**given)


def _parse_object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as e:  # also digits or levels without end
        raise unprocessable(INVALID_JSON) from e
    if not isinstance(given, dict):
        raise unprocessable(f"{quoted(json.dumps(given))} is no object; send one, like {_EXAMPLE}")
    return given


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) < len(pairs):
        [(twice, _)] = Counter(word for word, _ in pairs).most_common(1)
        raise unprocessable(f"{quoted(twice)} stands twice; keep one")
    return given


def _check_size(word: str, value: Any) -> None:
    """Refuse what is no single value, and what is too long to be told back."""
    if isinstance(value, dict | list):
        example = "500/s or max; shapes are for a scenario's file" if word == "rate" else "2m or 30"
        raise unprocessable(f"{word} is one value here, like {example}")
    text = str(value)
    if len(text) > _VALUE_CHARACTERS_MAX:
        raise unprocessable(
            f"{word} {quoted(text)}: over {_VALUE_CHARACTERS_MAX} characters; round it"
        )


_NO_STORE: Final = {"Cache-Control": "no-store"}
_STREAMS: Final = TypeAdapter(dict[str, StreamStatus])
_DETAIL: Final = TypeAdapter(StreamDetail)
_CHANGE: Final = TypeAdapter(ChangeResult)
_ERRORS: Final = documented_errors(
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
        dependencies=[allow_only()],
    )
    async def streams() -> Response:
        """Return each stream's state and counters, by its name."""
        return _json_response(_STREAMS, dict(service.status().streams))

    @router.get(
        "/{name}",
        summary="One stream",
        response_model=StreamDetail,
        responses=documented_errors(s404="There is no such stream.", s422="A query parameter."),
        dependencies=[allow_only()],
    )
    async def stream(name: _Name) -> Response:
        """Return what the stream is, how to have it again, its schedule and its state."""
        return _json_response(_DETAIL, service.detail(_require_stream(service, name)))

    _add_operations(router, service, token)
    return router


def _add_operations(router: APIRouter, service: Service, token: str | None) -> None:
    answers: Any = {"response_model": ChangeResult, "responses": _ERRORS}
    verb: Any = {**answers, "dependencies": [allow_only(), require_token(token)]}
    counted: Any = {**answers, "dependencies": [allow_only("rows"), require_token(token)]}

    @router.patch("/{name}", summary="Change the rate", **verb, openapi_extra=RATE_REQUEST_BODY)
    async def change(name: _Name, new: Annotated[NewRate, Depends(parse_new_rate)]) -> Response:
        """Let rows fall due at another rate from now on; a paused stream keeps it for later."""
        with _http_errors():
            known = _require_stream(service, name)
            return _json_response(_CHANGE, service.change_rate(known, new.rate, new.over))

    @router.post("/{name}/pause", summary="Pause", **verb)
    async def pause(name: _Name) -> Response:
        """Let no row fall due from now on; rows that are due already still go out."""
        with _http_errors():
            return _json_response(_CHANGE, service.pause(_require_stream(service, name)))

    @router.post("/{name}/resume", summary="Resume", **verb)
    async def resume(name: _Name) -> Response:
        """End a pause: rows go on from where they were."""
        with _http_errors():
            return _json_response(_CHANGE, service.resume(_require_stream(service, name)))

    @router.post("/{name}/burst", summary="Burst", **counted)
    async def burst(name: _Name, rows: _Rows = None) -> Response:
        """Let so many rows be due at once, besides what flows; also in a pause."""
        known = _require_stream(service, name)
        count = parse_count("rows", rows, most=BURST_ROWS_MAX)
        if count is None:
            raise unprocessable("'rows' is missing; give it behind the address, like ?rows=50000")
        with _http_errors():
            return _json_response(_CHANGE, service.burst(known, count))


def _json_response(form: TypeAdapter[Any], value: Any) -> Response:
    return Response(form.dump_json(value), media_type="application/json", headers=_NO_STORE)


def _require_stream(service: Service, name: str) -> str:
    return require_stream(name, service.streams)


@contextmanager
def _http_errors() -> Iterator[None]:
    """Answer what cannot be set with 422, and what cannot be steered now with 409."""
    try:
        yield
    except SettingError as error:
        raise unprocessable(str(error)) from error
    except ControlError as error:
        raise HTTPException(HTTPStatus.CONFLICT, str(error)) from error
