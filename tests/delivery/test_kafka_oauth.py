"""A token that cannot be had is told without the password that its address may hold."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from aiokafka.errors import KafkaConnectionError

from gerador.delivery.kafka.error_messages import describe
from gerador.delivery.kafka.oauth import ClientCredentials
from gerador.delivery.kafka.security import SaslSettings

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ill(BaseHTTPRequestHandler):
    """A token endpoint with a fault of its own."""

    def do_POST(self) -> None:
        """Answer 500."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def ill() -> Iterator[str]:
    """Serve faults on loopback; give host and port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ill)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def fault(url: str) -> KafkaConnectionError:
    """Return what asking for a token at `url` raises."""
    sasl = SaslSettings(
        mechanism="OAUTHBEARER", token_url=url, client_id="c", client_secret="hunter2"
    )
    assert "hunter2" not in repr(sasl)
    with pytest.raises(KafkaConnectionError) as raised:
        await ClientCredentials(sasl).token()
    return raised.value


def all_said(error: KafkaConnectionError) -> str:
    """Return everything that a log or a status may show of a fault."""
    return f"{error} {error!r} {describe(error)} {error.__cause__!r}"


async def test_an_absent_endpoint_is_named_without_credentials() -> None:
    """Nobody there: the address is told, its password and its query are not."""
    said = all_said(await fault("https://u:hunter2@127.0.0.1:1/t?key=hunter2"))
    assert "https://127.0.0.1:1/t: ConnectError" in said
    assert "hunter2" not in said


async def test_an_endpoint_that_fails_is_named_without_credentials(ill: str) -> None:
    """The client's own words repeat the whole address; ours have the status."""
    said = all_said(await fault(f"http://u:hunter2@{ill}/t?key=hunter2"))
    assert f"http://{ill}/t: HTTPStatusError: HTTP 500" in said
    assert "hunter2" not in said


async def test_a_password_with_a_slash_is_not_shown() -> None:
    """An address that cannot be read as one is a fault like others, and says nothing of it."""
    said = all_said(await fault("https://u:hunter2/x@127.0.0.1/t"))
    assert "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL" in said
    assert "hunter2" not in said
