"""Error responses: one JSON object with `detail` for every error, and their OpenAPI documentation."""

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
    "the body is not taken for JSON; send the header Content-Type: application/json"
)
INVALID_JSON: Final = "the body is no JSON that can be read; send one whole object"
RETRY_AFTER_S: Final = 1
"""Seconds that a 503 asks a client to wait: the default time between two generations."""


class Problem(BaseModel):
    """Why a request was not answered as asked."""

    detail: Annotated[str, Field(description="One line that names the value and the way out.")]


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the answer `status` with a JSON `detail`."""
    return JSONResponse({"detail": detail}, int(status), headers)


def service_unavailable(detail: str) -> JSONResponse:
    """Return 503 with a Retry-After header."""
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": str(RETRY_AFTER_S)})


def documented_errors(**by_status: str) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's entries for problems: ``documented(s404="no such subject")``."""
    return {
        int(status[1:]): {"model": Problem, "description": text}
        for status, text in by_status.items()
    }


def add_error_handlers(app: FastAPI) -> None:
    """Make every error of the framework, and every one raised on purpose, a `Problem`."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(GeradorError, _gerador_error)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    headers = dict(error.headers or {})
    return problem(error.status_code, _detail(request, error), headers)


def _detail(request: Request, error: HTTPException) -> str:
    path = quoted(request.scope["path"])
    match error.status_code:
        case HTTPStatus.NOT_FOUND if error.detail == HTTPStatus.NOT_FOUND.phrase:
            return f"nothing at {path}; GET / lists what there is"
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return f"{path} does not take {quoted(request.method)}"
        case _:
            return str(error.detail)


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    first = error.errors()[0]
    if first["loc"] == ("body",) and isinstance(first.get("input"), bytes):
        return problem(UNPROCESSABLE, WRONG_CONTENT_TYPE)
    if first["type"] == "json_invalid":
        return problem(UNPROCESSABLE, INVALID_JSON)
    where = ".".join(str(part) for part in first["loc"][1:]) or "the body"
    given = first.get("input")
    value = "" if given is None else f"={quoted(str(given))}"
    return problem(UNPROCESSABLE, f"{where}{value}: {first['msg']}")


async def _gerador_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GeradorError)  # noqa: S101 - what it is registered for
    if error.retriable:
        return service_unavailable(str(error))
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
