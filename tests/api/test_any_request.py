from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.api.app import create_app
from tests.api.fake_service import FakeService, people

APP = create_app(FakeService(people(2)))
PATHS = [
    "/dados",
    "/status",
    "/recipe",
    "/streams/",
    "/schemas/ids/",
    "/subjects/",
    "/subjects/x/versions/",
    "/config/",
]
TARGET = [chr(c) for c in range(0x21, 0x7F)]
"""Characters that a server accepts in a request target."""
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"]


async def request(scope: dict[str, Any], body: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """Send a request to the application; return status, headers and body."""
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await APP(scope, receive, send)
    content = b"".join(m["body"] for m in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), content


@settings(max_examples=150, deadline=None)
@given(
    method=st.sampled_from(METHODS),
    path=st.sampled_from(PATHS),
    rest=st.text(max_size=20),
    query=st.text(TARGET, max_size=40),
    accept=st.binary(max_size=40),
    body=st.binary(max_size=100),
)
def test_no_request_causes_an_internal_error(
    method: str, path: str, rest: str, query: str, accept: bytes, body: bytes
):
    """Any request gets a status below 500, and an error is JSON with a detail of one line."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http",
        "server": ("gerador", 80),
        "root_path": "",
        "method": method,
        "path": path + rest,
        "query_string": query.encode(),
        "headers": [(b"accept", accept)],
    }
    status, headers, content = asyncio.run(request(scope, body))
    assert status < 500
    if status >= 400 and method != "HEAD":
        assert b"json" in headers[b"content-type"]
        detail = json.loads(content)["detail"]
        assert detail
        assert "\n" not in detail
