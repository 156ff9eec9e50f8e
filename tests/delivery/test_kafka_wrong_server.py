"""Error messages for servers that are not a Kafka broker."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from gerador.delivery.kafka.aiokafka_log_handler import AiokafkaLogHandler
from gerador.delivery.kafka.connection import Connection
from gerador.delivery.kafka.topic import TopicSpec, ensure_topic
from gerador.errors import KafkaUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WEB = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x46"
NOT_KAFKA = "does not speak the Kafka protocol; check KAFKA_BOOTSTRAP_SERVERS"
REQUEST_BYTES_MAX = 1_000


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[str]:
    """Yield the address of a server that sends the same bytes for every request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(REQUEST_BYTES_MAX)
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (WEB, "an HTTP server answered, not a Kafka broker"),
        (TLS_ALERT, "the port requires TLS; set KAFKA_SECURITY_PROTOCOL=SSL"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", NOT_KAFKA),
        (bytes(64), NOT_KAFKA),
        (b"\xff" * 64, NOT_KAFKA),
        (b"", "the broker closed the connection"),
        (bytes(3), "the broker closed the connection"),
    ],
    ids=["web", "tls", "ssh", "zeros", "ones", "nothing", "too little"],
)
async def test_other_servers_are_recognized(answer: bytes, message: str) -> None:
    """The first bytes of a response distinguish HTTP, TLS and others from a stopping broker."""
    async with server(answer) as address:
        connection = Connection(bootstrap_servers=address, request_timeout_ms=2_000)
        with AiokafkaLogHandler() as log_handler:
            with pytest.raises(KafkaUnavailableError):
                await ensure_topic(connection, TopicSpec(name="any"), 3)
            assert message in (log_handler.cause() or "")
