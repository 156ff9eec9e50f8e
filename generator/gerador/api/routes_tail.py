"""GET /streams/{name}/events: a live tail of a stream as server-sent events.

Source of the format: HTML, section 9.2, "Server-sent events".
"""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import WithJsonSchema
from starlette.types import Receive, Scope, Send

from gerador.api.content_negotiation import negotiate_media_type
from gerador.api.error_responses import documented_error_responses, service_unavailable
from gerador.api.middleware import connection_abort, is_head
from gerador.api.query_parameters import (
    allow_query_parameters,
    parse_count,
    parse_whole_number,
    quoted,
    require_stream,
    unprocessable,
)
from gerador.api.tail_sampler import (
    ROWS_PER_S_MAX,
    SAMPLE_INTERVAL_S,
    Sample,
    StreamSampler,
    Subscription,
)
from gerador.service.interface import Service
from gerador.service.status import ENDED

TAILS_MAX: Final = 32
"""Maximum number of open tails; further ones get a 503. Each is a concurrent request."""
ROWS_PER_S_DEFAULT: Final = 4
"""Default rows per second of a tail."""
STATUS_INTERVAL_S: Final = 1.0
"""Seconds between two status events, which also keep an idle connection open."""
RETRY_MS: Final = 2000
"""Milliseconds after which a browser reconnects."""
EVENT_STREAM: Final = "text/event-stream"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # or nginx buffers events
}
_ROWS_PER_SECOND_SCHEMA: Final = {
    "type": "integer",
    "minimum": 1,
    "maximum": ROWS_PER_S_MAX,
    "default": ROWS_PER_S_DEFAULT,
}


def tail_router(service: Service) -> APIRouter:
    """Return the route of the live tails of `service`."""
    router = APIRouter(tags=["streams"])
    tails = _Tails(service)

    @router.get(
        "/streams/{name}/events",
        summary="Live tail of a stream",
        response_class=Response,
        responses=_documented_responses(),
        dependencies=[allow_query_parameters("rows_per_second")],
    )
    async def events(
        request: Request,
        name: Annotated[str, Path(description="Name of the stream.")],
        rows_per_second: Annotated[
            str | None,
            Query(description="Maximum rows per second."),
            WithJsonSchema(_ROWS_PER_SECOND_SCHEMA),
        ] = None,
        last_event_id: Annotated[
            str | None, Header(description="Last row received; browsers send it to reconnect.")
        ] = None,
    ) -> Response:
        """Follow a stream: a sample of its newest rows, and its status every second.

        `row` events have the row index as id and `{"row": …, "record": {…}}` as data; `status`
        events have the status of the stream as in GET /status; an `end` event with the last
        status ends the tail. Rows above the rate limit, or too fast for the client, are omitted:
        the stream does not wait for its tails.
        """
        require_stream(name, service.streams)
        rows_per_s = (
            parse_count("rows_per_second", rows_per_second, most=ROWS_PER_S_MAX)
            or ROWS_PER_S_DEFAULT
        )
        last_row = _parse_last_event_id(last_event_id)
        negotiate_media_type(request, [EVENT_STREAM])
        if service.status().streams[name].status in ENDED:
            return Response(status_code=HTTPStatus.NO_CONTENT)  # browsers do not reconnect
        if is_head(request.scope):
            return Response(headers=_HEADERS, media_type=EVENT_STREAM)
        subscription = Subscription(rows_per_s, last_row, connection_abort(request.scope))
        return tails.follow(name, subscription)

    return router


class _Tails:
    """The open tails of one application."""

    def __init__(self, service: Service) -> None:
        self._samplers = {name: StreamSampler(service, name) for name in service.streams}
        self._open: set[Subscription] = set()

    def follow(self, stream: str, subscription: Subscription) -> Response:
        """Return a response that follows `stream`; a 503 if too many tails are open."""
        if len(self._open) >= TAILS_MAX:
            return service_unavailable(f"{TAILS_MAX} tails are already open; close one or retry")
        self._open.add(subscription)
        return _TailResponse(self._samplers[stream], subscription, self._open)


class _TailResponse(EventSourceResponse):
    """One tail, until the client disconnects or the stream ends."""

    def __init__(
        self, sampler: StreamSampler, subscription: Subscription, open_tails: set[Subscription]
    ) -> None:
        super().__init__(_event_stream(sampler, subscription), headers=_HEADERS)
        self._sampler = sampler
        self._subscription = subscription
        self._open_tails = open_tails

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events, and remove the subscription at the end."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._sampler.unsubscribe(self._subscription)
            self._open_tails.discard(self._subscription)


async def _event_stream(sampler: StreamSampler, subscription: Subscription) -> AsyncIterator[bytes]:
    """Yield the events of a tail; `sending_since_s` is set while the client receives them."""
    clock = asyncio.get_running_loop().time
    subscription.sending_since_s = clock()
    yield format_sse_event(comment="a sample of the newest rows", retry=RETRY_MS)
    sample, status_events = Sample(sampler.number), _StatusEvents()
    sampler.subscribe(subscription)
    while not sample.is_last:
        subscription.sending_since_s = None
        sample = await sampler.next_sample(sample.number)
        subscription.sending_since_s = clock()
        events = subscription.take(sample.rows) + status_events.due(sample, clock())
        if events:
            yield events


class _StatusEvents:
    """The events of a tail other than rows: periodic status, new fault, end."""

    def __init__(self) -> None:
        self._status_due_s = 0.0
        self._fault = b""

    def due(self, sample: Sample, now_s: float) -> bytes:
        """Return the events of a sample that are due."""
        events = b"" if sample.fault == self._fault else sample.fault
        self._fault = sample.fault
        if sample.is_last or now_s >= self._status_due_s:
            tolerance_s = SAMPLE_INTERVAL_S / 2  # a sample may be early
            self._status_due_s = now_s + STATUS_INTERVAL_S - tolerance_s
            events += sample.status
        return events


def _parse_last_event_id(last_event_id: str | None) -> int:
    """Parse the header Last-Event-ID: a row index; -1 if it is absent."""
    if not last_event_id:
        return -1
    row = parse_whole_number(last_event_id)
    if row is None:
        raise unprocessable(f"Last-Event-ID: {quoted(last_event_id)} is not a row index")
    return row


def _documented_responses() -> dict[int | str, dict[str, Any]]:
    return {
        200: {
            "description": "Events: row, status, fault, end.",
            "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
        },
        204: {"description": "The stream has ended."},
        **documented_error_responses(
            s404="Unknown stream.",
            s406="The Accept header does not accept text/event-stream.",
            s422="A query parameter or Last-Event-ID is invalid.",
            s503="Too many tails are open.",
        ),
    }
