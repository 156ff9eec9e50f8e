from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gerador.api.server import SHUTDOWN_GRACE_S, serve

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

SOON_S = 10


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    """Accept a websocket and echo its messages."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def test_a_quiet_websocket_stays_open(monkeypatch: pytest.MonkeyPatch):
    """The timeout of idle connections does not apply to websockets."""
    monkeypatch.setattr("gerador.api.server.KEEP_ALIVE_S", 0.05)
    async with (
        serve(echo, "127.0.0.1", 0) as address,
        connect(f"ws://127.0.0.1:{address.port}/") as websocket,
    ):
        await asyncio.sleep(0.3)
        await websocket.send("still there")
        assert await asyncio.wait_for(websocket.recv(), SOON_S) == "still there"


async def test_the_number_of_websockets_is_limited(monkeypatch: pytest.MonkeyPatch):
    """At the limit another websocket is rejected, until one is closed."""
    monkeypatch.setattr("gerador.api.server.WEBSOCKETS_MAX", 1)
    async with serve(echo, "127.0.0.1", 0) as address:
        url = f"ws://127.0.0.1:{address.port}/"
        async with connect(url):
            with pytest.raises(InvalidStatus, match="403"):
                await connect(url)
        async with asyncio.timeout(SOON_S):
            while True:
                try:
                    async with connect(url) as websocket:
                        await websocket.send("again")
                        assert await websocket.recv() == "again"
                        break
                except InvalidStatus:
                    await asyncio.sleep(0.01)


async def test_an_open_websocket_does_not_delay_the_shutdown():
    """The server closes the websocket."""
    async with serve(echo, "127.0.0.1", 0) as address:
        websocket = await connect(f"ws://127.0.0.1:{address.port}/")
        leaving = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - leaving < 2 * SHUTDOWN_GRACE_S
    await asyncio.wait_for(websocket.wait_closed(), SOON_S)
