"""OAuth token errors do not show the password that the endpoint's URL may contain."""

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


class FailingEndpoint(BaseHTTPRequestHandler):
    """A token endpoint that fails."""

    def do_POST(self) -> None:
        """Respond with HTTP 500."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def failing_endpoint() -> Iterator[str]:
    """Serve a failing token endpoint; yield host and port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), FailingEndpoint)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def token_error(url: str) -> KafkaConnectionError:
    """Return the error of requesting a token at `url`."""
    sasl = SaslSettings(
        mechanism="OAUTHBEARER", token_url=url, client_id="c", client_secret="hunter2"
    )
    assert "hunter2" not in repr(sasl)
    with pytest.raises(KafkaConnectionError) as raised:
        await ClientCredentials(sasl).token()
    return raised.value


def all_texts(error: KafkaConnectionError) -> str:
    """Return every text of an error that a log or status may show."""
    return f"{error} {error!r} {describe(error)} {error.__cause__!r}"


async def test_an_unavailable_endpoint_is_reported_without_credentials() -> None:
    """The error contains the URL without password and query."""
    text = all_texts(await token_error("https://u:hunter2@127.0.0.1:1/t?key=hunter2"))
    assert "https://127.0.0.1:1/t: ConnectError" in text
    assert "hunter2" not in text


async def test_a_failing_endpoint_is_reported_without_credentials(failing_endpoint: str) -> None:
    """The message has the status instead of httpx's text, which repeats the whole URL."""
    text = all_texts(await token_error(f"http://u:hunter2@{failing_endpoint}/t?key=hunter2"))
    assert f"http://{failing_endpoint}/t: HTTPStatusError: HTTP 500" in text
    assert "hunter2" not in text


async def test_a_password_with_a_slash_is_not_shown() -> None:
    """An invalid URL is an error that names the setting, not the URL."""
    text = all_texts(await token_error("https://u:hunter2/x@127.0.0.1/t"))
    assert "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL" in text
    assert "hunter2" not in text
