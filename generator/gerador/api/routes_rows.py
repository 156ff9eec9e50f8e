"""GET /dados and GET /streams/{name}/records: the newest rows, in the accepted format."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import WithJsonSchema

from gerador.api.content_negotiation import negotiate_media_type
from gerador.api.error_responses import documented_error_responses, service_unavailable
from gerador.api.middleware import is_head
from gerador.api.openapi_rows import rows_example
from gerador.api.query_parameters import (
    allow_query_parameters,
    parse_choice,
    parse_count,
    require_stream,
)
from gerador.api.row_writers import ARROW, CSV, FORMATS, JSON, NDJSON
from gerador.service.interface import Service

WRITER_THREADS_MAX: Final = 2
"""Threads that format rows: more would take cores from generation."""
WAITING_REQUESTS_MAX: Final = 16
"""Requests that may wait for the rows of one stream; further ones get a 503. A stream that is slow
to regenerate must not use up the limit of concurrent requests."""
_HEADERS: Final = {"Cache-Control": "no-store", "Vary": "Accept"}
_LIMIT: Final = "Maximum number of rows, the newest ones; default: all rows in the buffer."


def rows_router(service: Service) -> APIRouter:
    """Return the routes of the rows of `service`."""
    router = APIRouter()
    rows = _RowsResponder(service)
    _add_dados(router, service, rows)
    _add_records(router, service, rows)
    return router


def _add_dados(router: APIRouter, service: Service, rows: "_RowsResponder") -> None:
    stream_schema = {"type": "string", "enum": list(service.streams)}

    @router.get(
        "/dados",
        tags=["rows"],
        summary="Newest rows",
        response_class=Response,
        responses=_documented_responses(service),
        dependencies=[allow_query_parameters("limite", "stream")],
    )
    async def dados(
        request: Request,
        limite: Annotated[
            str | None, Query(description=_LIMIT), WithJsonSchema(_limit_schema(service))
        ] = None,
        stream: Annotated[
            str | None,
            Query(description="Name of the stream; default: the first stream."),
            WithJsonSchema(stream_schema),
        ] = None,
    ) -> Response:
        """Return the newest rows of a stream, oldest first, with the fields of its schema.

        As JSON, NDJSON, CSV or Arrow IPC stream, by the Accept header. Timestamps are ISO 8601 in
        UTC; decimals, UUIDs, NaN and infinities are strings; bytes are base64.
        """
        name = parse_choice("stream", stream, service.streams)
        limit = parse_count("limite", limite, most=service.buffer_rows(name))
        return await rows.respond(request, name, limit)


def _add_records(router: APIRouter, service: Service, rows: "_RowsResponder") -> None:
    @router.get(
        "/streams/{name}/records",
        tags=["streams"],
        summary="Newest rows of a stream",
        response_class=Response,
        responses=_documented_responses(service, s404="Unknown stream."),
        dependencies=[allow_query_parameters("limit")],
    )
    async def records(
        request: Request,
        name: Annotated[str, Path(description="Name of the stream.")],
        limit: Annotated[
            str | None, Query(description=_LIMIT), WithJsonSchema(_limit_schema(service))
        ] = None,
    ) -> Response:
        """Return the newest rows of a stream, in the formats of GET /dados."""
        require_stream(name, service.streams)
        rows_max = parse_count("limit", limit, most=service.buffer_rows(name))
        return await rows.respond(request, name, rows_max)


class _RowsResponder:
    """Responds with rows. Limits the requests that are processed at the same time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._writers = CapacityLimiter(WRITER_THREADS_MAX)
        # One request per stream at a time: a million rows for each would fill the memory.
        self._readers: dict[str, CapacityLimiter] = {}

    async def respond(self, request: Request, name: str, limit: int | None) -> Response:
        """Return the newest `limit` rows of the stream `name`, in the accepted format."""
        row_format = FORMATS[negotiate_media_type(request, list(FORMATS))]
        reader = self._readers.setdefault(name, CapacityLimiter(1))
        if reader.statistics().tasks_waiting >= WAITING_REQUESTS_MAX:
            return service_unavailable(
                f"{WAITING_REQUESTS_MAX} requests already wait for rows of {name!r}; try again"
            )
        async with reader:
            batch = await self._service.latest_rows(limit, name)
        if batch is None:
            return _no_rows_yet(self._service)
        if is_head(request.scope):
            return Response(headers=_HEADERS, media_type=row_format.content_type)
        chunks = row_format.write(batch, self._service.streams[name].root)
        first = await to_thread.run_sync(next, chunks, b"", limiter=self._writers)
        body = _body(first, chunks, self._writers)
        return StreamingResponse(body, headers=_HEADERS, media_type=row_format.content_type)


async def _body(
    first: bytes, chunks: Iterator[bytes], writers: CapacityLimiter
) -> AsyncIterator[bytes]:
    """Yield chunks, each written in a worker thread.

    The first chunk is written before the response starts, so that an error while writing results
    in an error status instead of an incomplete body.
    """
    chunk = first
    while chunk:
        yield chunk
        chunk = await to_thread.run_sync(next, chunks, b"", limiter=writers)


def _no_rows_yet(service: Service) -> Response:
    reason = service.status().reason
    return service_unavailable("no row was generated yet" + (f": {reason}" if reason else ""))


def _limit_schema(service: Service) -> dict[str, Any]:
    most = max(map(service.buffer_rows, service.streams))
    return {"type": "integer", "minimum": 1, "maximum": most}


def _documented_responses(service: Service, **more: str) -> dict[int | str, dict[str, Any]]:
    record = next(iter(service.streams.values())).root
    schema, example = rows_example(record)
    text = {"schema": {"type": "string"}}
    content = {
        JSON: {"schema": schema, "example": example},
        NDJSON: text,
        CSV: text,
        ARROW: {"schema": {"type": "string", "format": "binary"}},
    }
    return {
        200: {"description": "The rows.", "content": content},
        **documented_error_responses(
            **more,
            s406="The Accept header accepts none of the formats.",
            s422="A query parameter is unknown or out of range.",
            s503="No row was generated yet, or too many requests wait for rows of the "
            "stream; try again after Retry-After seconds.",
        ),
    }
