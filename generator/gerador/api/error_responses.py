"""Error responses: a JSON object with `detail` for every error, and their OpenAPI description."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from gerador.api.query_parameters import UNPROCESSABLE, quoted
from gerador.errors import GeradorError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request


WRONG_CONTENT_TYPE: Final = (
    "the content type of the body is not JSON; send Content-Type: application/json"
)
INVALID_JSON: Final = "the body is not valid JSON; send one JSON object"
RETRY_AFTER_S: Final = 1
"""Retry-After of a 503 in seconds: the default time between two generations."""


class ErrorBody(BaseModel):
    """An error."""

    detail: Annotated[str, Field(description="One line with the rejected value and what to do.")]


def error_response(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return a response with a JSON `detail`."""
    return JSONResponse({"detail": detail}, int(status), headers)


def service_unavailable(detail: str) -> JSONResponse:
    """Return a 503 with a Retry-After header."""
    return error_response(
        HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": str(RETRY_AFTER_S)}
    )


def documented_error_responses(**by_status: str) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI entries of errors: ``documented_error_responses(s404="Unknown stream.")``."""
    return {
        int(status[1:]): {"model": ErrorBody, "description": text}
        for status, text in by_status.items()
    }


def add_error_handlers(app: FastAPI) -> None:
    """Return errors of the framework and every `GeradorError` as an `ErrorBody`."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(GeradorError, _gerador_error)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for this class
    headers = dict(error.headers or {})
    return error_response(error.status_code, _detail(request, error), headers)


def _detail(request: Request, error: HTTPException) -> str:
    path = quoted(request.scope["path"])
    match error.status_code:
        case HTTPStatus.NOT_FOUND if error.detail == HTTPStatus.NOT_FOUND.phrase:
            return f"unknown path {path}; GET / lists the endpoints"
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return f"method {quoted(request.method)} is not allowed for {path}"
        case _:
            return str(error.detail)


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - likewise
    first = error.errors()[0]
    if first["loc"] == ("body",) and isinstance(first.get("input"), bytes):
        return error_response(UNPROCESSABLE, WRONG_CONTENT_TYPE)
    if first["type"] == "json_invalid":
        return error_response(UNPROCESSABLE, INVALID_JSON)
    location = ".".join(str(part) for part in first["loc"][1:]) or "the body"
    given = first.get("input")
    value = "" if given is None else f"={quoted(str(given))}"
    return error_response(UNPROCESSABLE, f"{location}{value}: {first['msg']}")


async def _gerador_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GeradorError)  # noqa: S101 - likewise
    if error.retriable:
        return service_unavailable(str(error))
    return error_response(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
