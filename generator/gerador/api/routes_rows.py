"""GET /dados and GET /streams/{name}/records: the newest rows, in the format that the Accept header selects."""

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Annotated, Any, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import WithJsonSchema

from gerador.api.content_negotiation import preferred_media_type
from gerador.api.error_responses import documented_errors, problem, service_unavailable
from gerador.api.middleware import is_head
from gerador.api.openapi_rows import rows_example
from gerador.api.query_parameters import allow_only, parse_choice, parse_count, require_stream
from gerador.api.row_formats import ARROW, CSV, FORMATS, JSON, NDJSON
from gerador.service.interface import Service

WRITER_THREADS_MAX: Final = 2
"""Threads that turn rows into text at once: more would take the cores from generation."""
WAITING_REQUESTS_MAX: Final = 16
"""Requests that wait for the rows of one stream; one more gets 503. Rows that take long to make
hold up who asks for them, and must not fill the places of all requests."""
_HEADERS: Final = {"Cache-Control": "no-store", "Vary": "Accept"}
_NEWEST: Final = "The newest so many rows."
_Accept = Annotated[str, Header(include_in_schema=False)]


def rows_router(service: Service) -> APIRouter:
    """Return the routes that show `service`'s rows."""
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
        summary="The rows in memory",
        response_class=Response,
        responses=_documented_responses(service),
        dependencies=[allow_only("limite", "stream")],
    )
    async def dados(
        request: Request,
        limite: Annotated[
            str | None, Query(description=_NEWEST), WithJsonSchema(_limit_schema(service))
        ] = None,
        stream: Annotated[
            str | None,
            Query(description="The stream; the first one when not given."),
            WithJsonSchema(stream_schema),
        ] = None,
        accept: _Accept = "",
    ) -> Response:
        """List the latest rows, oldest first, each with exactly the fields of its schema.

        As JSON, NDJSON, CSV or an Arrow IPC stream, by the Accept header. Instants are ISO 8601
        in UTC, decimals and uuids are text, bytes are base64, NaN and infinities are text.
        """
        name = parse_choice("stream", stream, service.streams)
        limit = parse_count("limite", limite, most=service.rows_kept(name))
        return await rows.answer(request, name, limit, accept)


def _add_records(router: APIRouter, service: Service, rows: "_RowsResponder") -> None:
    @router.get(
        "/streams/{name}/records",
        tags=["streams"],
        summary="The rows of one stream in memory",
        response_class=Response,
        responses=_documented_responses(service, s404="There is no such stream."),
        dependencies=[allow_only("limit")],
    )
    async def records(
        request: Request,
        name: Annotated[str, Path(description="The stream's name.")],
        limit: Annotated[
            str | None, Query(description=_NEWEST), WithJsonSchema(_limit_schema(service))
        ] = None,
        accept: _Accept = "",
    ) -> Response:
        """List the latest rows of a stream: what GET /dados lists, in the same formats."""
        require_stream(name, service.streams)
        rows_max = parse_count("limit", limit, most=service.rows_kept(name))
        return await rows.answer(request, name, rows_max, accept)


class _RowsResponder:
    """Answers with rows, a few answers at a time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._limited = CapacityLimiter(WRITER_THREADS_MAX)
        # Rows are made for one after the other: a million each at once would fill the memory.
        self._making: dict[str, CapacityLimiter] = {}

    async def answer(self, request: Request, name: str, limit: int | None, accept: str) -> Response:
        """Answer with the newest `limit` rows of the stream `name`, as Accept likes best."""
        wanted = preferred_media_type(
            ", ".join(request.headers.getlist("accept")) or accept, list(FORMATS)
        )
        if wanted is None:
            return _not_acceptable()
        making = self._making.setdefault(name, CapacityLimiter(1))
        if making.statistics().tasks_waiting >= WAITING_REQUESTS_MAX:
            return service_unavailable(
                f"{WAITING_REQUESTS_MAX} requests wait for the rows of {name!r}; try again"
            )
        async with making:
            batch = await self._service.latest(limit, name)
        if batch is None:
            return _no_rows_yet(self._service)
        form = FORMATS[wanted]
        if is_head(request.scope):
            return Response(headers=_HEADERS, media_type=form.content_type)
        chunks = form.write(batch, self._service.streams[name].root)
        first = await to_thread.run_sync(next, chunks, b"", limiter=self._limited)
        body = _stream(first, chunks, self._limited)
        return StreamingResponse(body, headers=_HEADERS, media_type=form.content_type)


async def _stream(
    first: bytes, chunks: Iterator[bytes], limited: CapacityLimiter
) -> AsyncIterator[bytes]:
    """Send chunk after chunk, each made in a worker thread while the event loop goes on.

    The first was made before the answer began, so that rows that cannot be written at all are
    told by a status instead of a body that breaks off.
    """
    chunk = first
    while chunk:
        yield chunk
        chunk = await to_thread.run_sync(next, chunks, b"", limiter=limited)


def _no_rows_yet(service: Service) -> Response:
    reason = service.status().reason
    return service_unavailable("no generation is finished yet" + (f": {reason}" if reason else ""))


def _not_acceptable() -> Response:
    there_is = ", ".join(FORMATS)
    return problem(HTTPStatus.NOT_ACCEPTABLE, f"nothing that Accept names; there is {there_is}")


def _limit_schema(service: Service) -> dict[str, Any]:
    most = max(map(service.rows_kept, service.streams))
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
        **documented_errors(
            **more,
            s406="The Accept header names nothing that there is.",
            s422="A query parameter that is unknown or out of range.",
            s503="No generation is finished yet, or many wait for this stream's rows; try again "
            "after Retry-After seconds.",
        ),
    }
