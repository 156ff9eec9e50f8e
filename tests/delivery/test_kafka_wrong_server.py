"""Ports on which something else listens than a Kafka broker: it is named for what it is."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from gerador.delivery.kafka.connection import Connection
from gerador.delivery.kafka.error_messages import AiokafkaLogHandler
from gerador.delivery.kafka.topic import TopicSpec, ensure_topic
from gerador.errors import KafkaUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WEB = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x46"
NOT_KAFKA = "does not speak Kafka's protocol; check KAFKA_BOOTSTRAP_SERVERS"
REQUEST_BYTES_MAX = 1_000


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[str]:
    """Give the address of a server that answers whatever it is asked with the same bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(REQUEST_BYTES_MAX)
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (WEB, "is a web server, not a Kafka broker"),
        (TLS_ALERT, "the port expects TLS; use KAFKA_SECURITY_PROTOCOL=SSL"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", NOT_KAFKA),
        (bytes(64), NOT_KAFKA),
        (b"\xff" * 64, NOT_KAFKA),
        (b"", "the broker closed the connection"),
        (bytes(3), "the broker closed the connection"),
    ],
    ids=["web", "tls", "ssh", "zeros", "ones", "nothing", "too little"],
)
async def test_what_is_no_broker_is_called_that(answer: bytes, words: str) -> None:
    """The first bytes of an answer tell a web server, TLS and others from a stopping broker."""
    async with server(answer) as address:
        connection = Connection(bootstrap_servers=address, request_timeout_ms=2_000)
        with AiokafkaLogHandler() as watch:
            with pytest.raises(KafkaUnavailableError):
                await ensure_topic(connection, TopicSpec(name="any"), 3)
            assert words in (watch.cause() or "")
