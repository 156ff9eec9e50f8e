"""GET /streams/{name}/events: a live tail of a stream as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import WithJsonSchema
from starlette.types import Receive, Scope, Send

from gerador.api.content_negotiation import preferred_media_type
from gerador.api.error_responses import documented_errors, problem, service_unavailable
from gerador.api.middleware import connection_abort, is_head
from gerador.api.query_parameters import (
    allow_only,
    parse_count,
    parse_whole_number,
    quoted,
    require_stream,
    unprocessable,
)
from gerador.api.subscriptions import (
    ROWS_PER_S_MAX,
    SAMPLE_INTERVAL_S,
    Sample,
    StreamSampler,
    Subscription,
)
from gerador.service.interface import Service
from gerador.service.status import ENDED

TAILS_MAX: Final = 32
"""Tails that are followed at once; one more gets 503. Each is one of the requests under way."""
ROWS_PER_S_DEFAULT: Final = 4
"""Rows a second of a tail that does not say."""
STATUS_INTERVAL_S: Final = 1.0
"""Seconds between two status events, which are also what keeps a quiet connection open."""
RETRY_MS: Final = 2000
"""Milliseconds after which a browser comes back when the connection is lost."""
EVENT_STREAM: Final = "text/event-stream"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # or nginx would hold events back until a buffer is full
}
_PER_SECOND_SCHEMA: Final = {
    "type": "integer",
    "minimum": 1,
    "maximum": ROWS_PER_S_MAX,
    "default": ROWS_PER_S_DEFAULT,
}


def tail_router(service: Service) -> APIRouter:
    """Return the route that follows `service`'s streams."""
    router = APIRouter(tags=["streams"])
    tails = _Tails(service)

    @router.get(
        "/streams/{name}/events",
        summary="A live tail of one stream",
        response_class=Response,
        responses=_documented_responses(),
        dependencies=[allow_only("per_second")],
    )
    async def events(
        request: Request,
        name: Annotated[str, Path(description="The stream's name.")],
        per_second: Annotated[
            str | None,
            Query(description="The most rows a second."),
            WithJsonSchema(_PER_SECOND_SCHEMA),
        ] = None,
        last_event_id: Annotated[
            str | None, Header(description="The last row that was seen; a browser sends it.")
        ] = None,
    ) -> Response:
        """Follow a stream while it runs: a sample of its newest rows, and its status every second.

        `row` events have a row's index as their id, and as data `{"row": …, "record": {…}}`;
        `status` events what GET /status says of the stream. `end`, with the last status, ends it.
        The stream waits for no tail: rows that a client is too slow for, or that are over
        `per_second`, are left out.
        """
        require_stream(name, service.streams)
        rows_per_s = (
            parse_count("per_second", per_second, most=ROWS_PER_S_MAX) or ROWS_PER_S_DEFAULT
        )
        after = _parse_last_event_id(last_event_id)
        if (
            preferred_media_type(", ".join(request.headers.getlist("accept")), [EVENT_STREAM])
            is None
        ):
            return problem(
                HTTPStatus.NOT_ACCEPTABLE, f"nothing that Accept names; it is {EVENT_STREAM}"
            )
        if service.status().streams[name].status in ENDED:
            return Response(status_code=HTTPStatus.NO_CONTENT)  # tells a browser to stay away
        if is_head(request.scope):
            return Response(headers=_HEADERS, media_type=EVENT_STREAM)
        return tails.follow(name, Subscription(rows_per_s, after, connection_abort(request.scope)))

    return router


class _Tails:
    """The tails of one application."""

    def __init__(self, service: Service) -> None:
        self._taps = {name: StreamSampler(service, name) for name in service.streams}
        self._open: set[Subscription] = set()

    def follow(self, stream: str, watching: Subscription) -> Response:
        """Return the answer that follows `stream`; 503 when it is one too many."""
        if len(self._open) >= TAILS_MAX:
            return service_unavailable(
                f"{TAILS_MAX} tails are open already; close one, or try again"
            )
        self._open.add(watching)
        return _TailResponse(self._taps[stream], watching, self._open)


class _TailResponse(EventSourceResponse):
    """One tail, from its opening to the client's going or the stream's end."""

    def __init__(
        self, tap: StreamSampler, watching: Subscription, open_now: set[Subscription]
    ) -> None:
        super().__init__(_event_stream(tap, watching), headers=_HEADERS)
        self._tap = tap
        self._watching = watching
        self._open_now = open_now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and give the place back however it ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._tap.leave(self._watching)
            self._open_now.discard(self._watching)


async def _event_stream(tap: StreamSampler, watching: Subscription) -> AsyncIterator[bytes]:
    """Yield what the client is told, chunk by chunk; note while it has not taken one."""
    clock = asyncio.get_running_loop().time
    watching.sending_since_s = clock()
    yield format_sse_event(comment="a sample of the newest rows", retry=RETRY_MS)
    look, teller = Sample(tap.number), _StatusEvents()
    tap.join(watching)
    while not look.ended:
        watching.sending_since_s = None
        look = await tap.newer(look.number)
        watching.sending_since_s = clock()
        if told := watching.take(look.rows) + teller.beside_rows(look, clock()):
            yield told


class _StatusEvents:
    """What a tail is told beside rows: the status now and then, a new fault once, the end."""

    def __init__(self) -> None:
        self._status_due_s = 0.0
        self._fault = b""

    def beside_rows(self, look: Sample, now_s: float) -> bytes:
        """Return the events of a look that are due."""
        told = b"" if look.fault == self._fault else look.fault
        self._fault = look.fault
        if look.ended or now_s >= self._status_due_s:
            self._status_due_s = (
                now_s + STATUS_INTERVAL_S - SAMPLE_INTERVAL_S / 2
            )  # a tick may come early
            told += look.status
        return told


def _parse_last_event_id(last_event_id: str | None) -> int:
    """Read the header Last-Event-ID: a row's index, -1 when there is none."""
    if not last_event_id:
        return -1
    row = parse_whole_number(last_event_id)
    if row is None:
        raise unprocessable(f"Last-Event-ID: {quoted(last_event_id)} is not the index of a row")
    return row


def _documented_responses() -> dict[int | str, dict[str, Any]]:
    return {
        200: {
            "description": "Events row, status, fault, and end.",
            "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
        },
        204: {"description": "The stream has ended; there is nothing to come back for."},
        **documented_errors(
            s404="There is no such stream.",
            s406="The Accept header does not name text/event-stream.",
            s422="A query parameter, or a Last-Event-ID that is no row.",
            s503="As many tails as there may be are open.",
        ),
    }
