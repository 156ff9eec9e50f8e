"""GET /streams and /streams/{name}; live changes of a stream: rate, pause, resume, burst."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, WithJsonSchema

from gerador.api.authorization import require_token
from gerador.api.error_responses import (
    INVALID_JSON,
    WRONG_CONTENT_TYPE,
    documented_error_responses,
)
from gerador.api.query_parameters import (
    allow_query_parameters,
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
"""Maximum characters of a rate or duration in a request."""


class NewRate(BaseModel):
    """A new target rate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: Annotated[
        float | str,
        Field(
            description='Rows per second: 500, "10k", "3000/min", "50/h", or "max".',
            examples=[500, "10k", "max"],
        ),
    ]
    over: Annotated[
        float | str | None,
        Field(
            description='Duration of a ramp from the current rate: "2m", "500ms", or seconds.',
            examples=["2m", 30],
        ),
    ] = None


RATE_REQUEST_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {_JSON: {"schema": NewRate.model_json_schema()}},
    }
}
"""The request body in the OpenAPI document."""


async def parse_new_rate(request: Request) -> NewRate:
    """Parse a request body. Raises HTTPException 422: it is not a valid JSON object."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    is_json_suffix = media_type.startswith("application/") and media_type.endswith("+json")
    if media_type != _JSON and not is_json_suffix:
        raise unprocessable(WRONG_CONTENT_TYPE)
    given = _parse_object(body)
    for name in given:
        if name not in NewRate.model_fields:
            hint = did_you_mean(name, NewRate.model_fields, "valid keys: rate, over")
            raise unprocessable(f"unknown key {quoted(name)}{hint}")
    if given.get("rate") is None:
        raise unprocessable(f"'rate' is missing; expected, for example, {_EXAMPLE}")
    for name, value in given.items():
        _check_size(name, value)
    return NewRate.model_construct(**given)


def _parse_object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as e:  # also too many digits or levels
        raise unprocessable(INVALID_JSON) from e
    if not isinstance(given, dict):
        value = quoted(json.dumps(given))
        raise unprocessable(f"{value} is not an object; expected, for example, {_EXAMPLE}")
    return given


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) < len(pairs):
        [(repeated, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise unprocessable(f"key {quoted(repeated)} is repeated; remove one")
    return given


def _check_size(name: str, value: Any) -> None:
    """Reject an object, an array, and a value that is too long for an error message."""
    if isinstance(value, dict | list):
        expected = "500/s or max" if name == "rate" else "2m or 30"
        raise unprocessable(f"{name} must be a single value, for example {expected}")
    text = str(value)
    if len(text) > _VALUE_CHARACTERS_MAX:
        raise unprocessable(
            f"{name} {quoted(text)} is longer than {_VALUE_CHARACTERS_MAX} characters; round it"
        )


_NO_STORE: Final = {"Cache-Control": "no-store"}
_STREAMS: Final = TypeAdapter(dict[str, StreamStatus])
_DETAIL: Final = TypeAdapter(StreamDetail)
_CHANGE: Final = TypeAdapter(ChangeResult)
_ERRORS: Final = documented_error_responses(
    s401="The token is missing or invalid.",
    s403="A cross-site request.",
    s404="Unknown stream.",
    s409="The stream has not started, or is stopping.",
    s422="A value is invalid.",
)
_Name = Annotated[str, Path(description="Name of the stream.")]
_Rows = Annotated[
    str | None,
    Query(description=f"Number of rows, 1 to {BURST_ROWS_MAX}.", examples=["50000"]),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": BURST_ROWS_MAX}),
]


def streams_router(service: Service, token: str | None) -> APIRouter:
    """Return the routes of the streams of `service`; live changes require `token`."""
    router = APIRouter(prefix="/streams", tags=["streams"])

    @router.get(
        "",
        summary="List streams",
        response_model=dict[str, StreamStatus],
        dependencies=[allow_query_parameters()],
    )
    async def streams() -> Response:
        """Return the state and counters of each stream, by name."""
        return _json_response(_STREAMS, dict(service.status().streams))

    @router.get(
        "/{name}",
        summary="Stream details",
        response_model=StreamDetail,
        responses=documented_error_responses(
            s404="Unknown stream.", s422="Unknown query parameter."
        ),
        dependencies=[allow_query_parameters()],
    )
    async def stream(name: _Name) -> Response:
        """Return the declaration, reproduction command, schedule and status of a stream."""
        return _json_response(_DETAIL, service.detail(_require_stream(service, name)))

    _add_operations(router, service, token)
    return router


def _add_operations(router: APIRouter, service: Service, token: str | None) -> None:
    def operation(*query_parameters: str) -> Any:
        return {
            "response_model": ChangeResult,
            "responses": _ERRORS,
            "dependencies": [allow_query_parameters(*query_parameters), require_token(token)],
        }

    @router.patch(
        "/{name}", summary="Change the rate", **operation(), openapi_extra=RATE_REQUEST_BODY
    )
    async def change(name: _Name, new: Annotated[NewRate, Depends(parse_new_rate)]) -> Response:
        """Change the target rate from now on; a paused stream stays paused and resumes at it."""
        with _http_errors():
            known = _require_stream(service, name)
            return _json_response(_CHANGE, service.change_rate(known, new.rate, new.over))

    @router.post("/{name}/pause", summary="Pause", **operation())
    async def pause(name: _Name) -> Response:
        """Pause the stream; rows that are already due are still sent."""
        with _http_errors():
            return _json_response(_CHANGE, service.pause(_require_stream(service, name)))

    @router.post("/{name}/resume", summary="Resume", **operation())
    async def resume(name: _Name) -> Response:
        """End a pause; rows continue where they stopped."""
        with _http_errors():
            return _json_response(_CHANGE, service.resume(_require_stream(service, name)))

    @router.post("/{name}/burst", summary="Burst", **operation("rows"))
    async def burst(name: _Name, rows: _Rows = None) -> Response:
        """Make additional rows due now, also during a pause."""
        known = _require_stream(service, name)
        count = parse_count("rows", rows, most=BURST_ROWS_MAX)
        if count is None:
            raise unprocessable("'rows' is missing; expected, for example, ?rows=50000")
        with _http_errors():
            return _json_response(_CHANGE, service.burst(known, count))


def _json_response(adapter: TypeAdapter[Any], value: Any) -> Response:
    return Response(adapter.dump_json(value), media_type=_JSON, headers=_NO_STORE)


def _require_stream(service: Service, name: str) -> str:
    return require_stream(name, service.streams)


@contextmanager
def _http_errors() -> Iterator[None]:
    """Raise a SettingError as a 422, a ControlError as a 409."""
    try:
        yield
    except SettingError as error:
        raise unprocessable(str(error)) from error
    except ControlError as error:
        raise HTTPException(HTTPStatus.CONFLICT, str(error)) from error
