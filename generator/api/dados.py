"""GET /dados: the rows in memory, in the format that the client asks for."""

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Annotated, Any, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import WithJsonSchema

from generator.api.accept import choose
from generator.api.answers import documented, not_now, problem
from generator.api.asgi import is_head
from generator.api.examples import rows_example
from generator.api.formats import ARROW, CSV, FORMATS, JSON, NDJSON
from generator.api.queries import limit_of, one_of, only
from generator.service.view import Service

THREADS_MAX: Final = 2
"""Threads that turn rows into text at once: more would take the cores from generation."""
_HEADERS: Final = {"Cache-Control": "no-store", "Vary": "Accept"}


def dados_router(service: Service) -> APIRouter:
    """Return the route that shows `service`'s rows."""
    router = APIRouter(tags=["rows"])
    limited = CapacityLimiter(THREADS_MAX)
    limit_schema = {"type": "integer", "minimum": 1, "maximum": service.buffer_rows}
    stream_schema = {"type": "string", "enum": list(service.streams)}

    @router.get(
        "/dados",
        summary="The rows in memory",
        response_class=Response,
        responses=_documented(service),
        dependencies=[only("limite", "stream")],
    )
    async def dados(
        request: Request,
        limite: Annotated[
            str | None,
            Query(description="The newest so many rows."),
            WithJsonSchema(limit_schema),
        ] = None,
        stream: Annotated[
            str | None,
            Query(description="The stream; the first one when not given."),
            WithJsonSchema(stream_schema),
        ] = None,
        accept: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> Response:
        """List the latest rows, oldest first, each with exactly the fields of its schema.

        As JSON, NDJSON, CSV or an Arrow IPC stream, by the Accept header. Instants are ISO 8601
        in UTC, decimals and uuids are text, bytes are base64, NaN and infinities are text.
        """
        limit = limit_of(limite, most=service.buffer_rows)
        name = one_of("stream", stream, service.streams)
        wanted = choose(", ".join(request.headers.getlist("accept")) or accept, list(FORMATS))
        if wanted is None:
            return _not_acceptable()
        return await _answer(service, limit, name, wanted, limited, head=is_head(request.scope))

    return router


async def _answer(
    service: Service,
    limit: int | None,
    name: str,
    wanted: str,
    limited: CapacityLimiter,
    *,
    head: bool,
) -> Response:
    async with limited:  # a million rows made again for everybody at once would fill the memory
        batch = await service.latest(limit, name)
    if batch is None:
        return _nothing_yet(service)
    form = FORMATS[wanted]
    if head:
        return Response(headers=_HEADERS, media_type=form.content_type)
    chunks = form.write(batch, service.streams[name].root)
    first = await to_thread.run_sync(next, chunks, b"", limiter=limited)
    body = _stream(first, chunks, limited)
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


def _nothing_yet(service: Service) -> Response:
    reason = service.status().reason
    return not_now("no generation is finished yet" + (f": {reason}" if reason else ""))


def _not_acceptable() -> Response:
    there_is = ", ".join(FORMATS)
    return problem(HTTPStatus.NOT_ACCEPTABLE, f"nothing that Accept names; there is {there_is}")


def _documented(service: Service) -> dict[int | str, dict[str, Any]]:
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
        **documented(
            s406="The Accept header names nothing that there is.",
            s422="A query parameter that is unknown or out of range.",
            s503="No generation is finished yet; try again after Retry-After seconds.",
        ),
    }
