"""TLS and SASL against a real Kafka, and the error message of each kind of failure."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gerador.delivery.kafka import msk_iam
from gerador.delivery.kafka.connection import Connection
from gerador.delivery.kafka.security import SaslSettings, TlsSettings
from gerador.delivery.kafka.sink import KafkaSink
from gerador.delivery.kafka.topic import TopicSpec
from gerador.embedded.cluster import EmbeddedKafka
from gerador.errors import SettingError
from tests.delivery.kafka_harness import RecordingObserver
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LISTENERS = {
    "TLS": "SSL",
    "MUTUAL": "SSL",
    "EXPIRED": "SSL",
    "LOGIN": "SASL_PLAINTEXT",
    "SECURE": "SASL_SSL",
}
MODULES = "org.apache.kafka.common.security"
PLAIN_USERS = f'{MODULES}.plain.PlainLoginModule required user_ana="segredo";'
SCRAM_USERS = f"{MODULES}.scram.ScramLoginModule required;"
OAUTH_USERS = (
    f'{MODULES}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="x";'
)
SOON_S = 20.0


class SecuredKafka:
    """A Kafka with a listener for each kind of security, and the certificate files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = trustme.CA()
        self.cafile = self._write("ca.pem", self.ca.cert_pem.bytes())
        good = self._keystore("server", self.ca.issue_cert("127.0.0.1"))
        yesterday = datetime.now(UTC) - timedelta(days=1)
        expired = self._keystore("expired", self.ca.issue_cert("127.0.0.1", not_after=yesterday))
        client = self.ca.issue_cert("client@example.org")
        self.certfile = self._write("client.pem", client.cert_chain_pems[0].bytes())
        self.keyfile = self._write("client.key", client.private_key_pem.bytes())
        extra: dict[str, str] = {}
        for name in ("tls", "mutual", "expired", "secure"):
            extra |= self._tls(name, expired if name == "expired" else good)
        extra["listener.name.mutual.ssl.client.auth"] = "required"
        extra |= self._sasl("login") | self._sasl("secure")
        self.kafka = EmbeddedKafka(
            folder / "kafka",
            cache_dir=cache_dir(),
            listeners=LISTENERS,
            extra=extra,
            format_arguments=("--add-scram", "SCRAM-SHA-256=[name=bia,password=senha]"),
        )

    def _tls(self, name: str, keystore: Path) -> dict[str, str]:
        prefix = f"listener.name.{name}.ssl"
        return {
            f"{prefix}.keystore.type": "PEM",
            f"{prefix}.keystore.location": str(keystore),
            f"{prefix}.truststore.type": "PEM",
            f"{prefix}.truststore.location": str(self.cafile),
        }

    @staticmethod
    def _sasl(name: str) -> dict[str, str]:
        prefix = f"listener.name.{name}"
        return {
            f"{prefix}.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,OAUTHBEARER",
            f"{prefix}.plain.sasl.jaas.config": PLAIN_USERS,
            f"{prefix}.scram-sha-256.sasl.jaas.config": SCRAM_USERS,
            f"{prefix}.oauthbearer.sasl.jaas.config": OAUTH_USERS,
        }

    def _keystore(self, name: str, issued: trustme.LeafCert) -> Path:
        key = load_pem_private_key(issued.private_key_pem.bytes(), None)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self._write(f"{name}.pem", pem + issued.cert_chain_pems[0].bytes())

    def _write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def connection(self, listener: str, **how: Any) -> Connection:
        """Return a connection to a listener; `how` overrides its security protocol."""
        how = {"security_protocol": LISTENERS.get(listener, "PLAINTEXT")} | how
        address = self.kafka.bootstrap_of(listener)
        return Connection(bootstrap_servers=address, request_timeout_ms=3_000, **how)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """Start Kafka with all listeners."""
    made = SecuredKafka(tmp_path_factory.mktemp("secured"))
    with made.kafka:
        for listener in LISTENERS:
            wait_for_listener(made.kafka.bootstrap_of(listener))
        yield made


def wait_for_listener(address: str) -> None:
    """Wait until a listener accepts connections: Kafka opens them one after another."""
    host, _, port = address.rpartition(":")
    deadline = time.monotonic() + SOON_S
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=SOON_S).close()
        except OSError:
            assert time.monotonic() < deadline, f"no listener at {address}"
            time.sleep(0.05)
        else:
            return


async def connection_problem(connection: Connection) -> str | None:
    """Connect a sink; return None when it is ready, else its problem."""

    async def connect() -> Connection:
        return connection

    sink = KafkaSink(connect, TopicSpec(name="secured", partitions=1), RecordingObserver())
    ready = asyncio.ensure_future(sink.wait_ready())
    try:
        async with asyncio.timeout(SOON_S):
            while not ready.done() and sink.problem is None:
                await asyncio.sleep(0.02)
        if ready.done():
            ready.result()
        return sink.problem
    finally:
        ready.cancel()
        await sink.close()


async def test_tls_with_the_brokers_ca(secured: SecuredKafka) -> None:
    """A client with the broker's CA connects to a TLS listener."""
    assert (
        await connection_problem(secured.connection("TLS", tls=TlsSettings(cafile=secured.cafile)))
        is None
    )


async def test_mutual_tls(secured: SecuredKafka) -> None:
    """A client with a certificate connects to a listener that requires one."""
    tls = TlsSettings(cafile=secured.cafile, certfile=secured.certfile, keyfile=secured.keyfile)
    assert await connection_problem(secured.connection("MUTUAL", tls=tls)) is None


@pytest.mark.parametrize("listener", ["LOGIN", "SECURE"])
@pytest.mark.parametrize(
    ("mechanism", "user", "password"),
    [("PLAIN", "ana", "segredo"), ("SCRAM-SHA-256", "bia", "senha")],
)
async def test_sasl_with_a_password(
    secured: SecuredKafka, listener: str, mechanism: str, user: str, password: str
) -> None:
    """PLAIN and SCRAM authenticate, with and without TLS."""
    sasl = SaslSettings(mechanism=mechanism, username=user, password=password)
    tls = TlsSettings(cafile=secured.cafile)
    assert await connection_problem(secured.connection(listener, sasl=sasl, tls=tls)) is None


class TokenEndpoint(BaseHTTPRequestHandler):
    """Issues unsecured tokens (RFC 7515, alg none) to one client and rejects all others."""

    def do_POST(self) -> None:
        """Respond to a client credentials grant."""
        self.rfile.read(int(self.headers["Content-Length"]))
        good = base64.b64encode(b"gerador:oauth-segredo").decode()
        allowed = self.headers["Authorization"] == f"Basic {good}"
        now = time.time()
        claims = {"sub": "gerador", "iat": now, "exp": now + 60}
        token = f"{_part({'alg': 'none'})}.{_part(claims)}."
        answer = (
            {"access_token": token, "token_type": "Bearer", "expires_in": 60}
            if allowed
            else {"error": "invalid_client"}
        )
        body = json.dumps(answer).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _part(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


@pytest.fixture
def token_url() -> Iterator[str]:
    """Serve a token endpoint."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), TokenEndpoint)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/token"
    server.shutdown()
    thread.join()
    server.server_close()


def oauth(url: str, secret: str) -> SaslSettings:
    """Return the settings of an OAuth client."""
    return SaslSettings(
        mechanism="OAUTHBEARER", token_url=url, client_id="gerador", client_secret=secret
    )


async def test_sasl_with_a_bearer_token(secured: SecuredKafka, token_url: str) -> None:
    """OAUTHBEARER authenticates with a token of the client credentials grant."""
    connection = secured.connection("LOGIN", sasl=oauth(token_url, "oauth-segredo"))
    assert await connection_problem(connection) is None


async def test_sasl_with_a_token_of_msk(
    secured: SecuredKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_MSK_IAM sends the signer's token with the mechanism OAUTHBEARER.

    Kafka itself has no validator for MSK's tokens: the signer returns one that it accepts.
    """
    claims = {"sub": "gerador", "iat": time.time(), "exp": time.time() + 60}
    token = f"{_part({'alg': 'none'})}.{_part(claims)}."
    regions = []

    def sign(region: str) -> tuple[str, int]:
        regions.append(region)
        return token, 0

    monkeypatch.setattr(msk_iam.MSKAuthTokenProvider, "generate_auth_token", sign)
    sasl = SaslSettings(mechanism="AWS_MSK_IAM", aws_region="sa-east-1")
    tls = TlsSettings(cafile=secured.cafile)
    assert await connection_problem(secured.connection("SECURE", sasl=sasl, tls=tls)) is None
    assert set(regions) == {"sa-east-1"}


async def test_wrong_client_secret(secured: SecuredKafka, token_url: str) -> None:
    """The message names the OAuth settings and does not contain the secret."""
    problem = await connection_problem(
        secured.connection("LOGIN", sasl=oauth(token_url, "falso-demais"))
    )
    assert problem is not None
    assert "KAFKA_SASL_OAUTHBEARER_CLIENT_ID" in problem
    assert "falso-demais" not in problem


async def assert_problem(connection: Connection, message: str) -> None:
    """Check that the problem of a connection contains `message` and is one line."""
    problem = await connection_problem(connection)
    assert problem is not None
    assert message in problem, problem
    assert "\n" not in problem


async def test_wrong_password(secured: SecuredKafka) -> None:
    """A wrong password is reported as an authentication failure, not as an unavailable broker."""
    for mechanism, user in (("PLAIN", "ana"), ("SCRAM-SHA-256", "bia")):
        sasl = SaslSettings(mechanism=mechanism, username=user, password="falsa")
        await assert_problem(secured.connection("LOGIN", sasl=sasl), "SASL authentication failed")


async def test_untrusted_ca(secured: SecuredKafka) -> None:
    """The message for an untrusted CA names KAFKA_SSL_CAFILE."""
    await assert_problem(secured.connection("TLS", tls=TlsSettings()), "set KAFKA_SSL_CAFILE")


async def test_expired_certificate(secured: SecuredKafka) -> None:
    """An expired broker certificate is reported as expired."""
    tls = TlsSettings(cafile=secured.cafile)
    await assert_problem(secured.connection("EXPIRED", tls=tls), "a TLS certificate has expired")


async def test_missing_client_certificate(secured: SecuredKafka) -> None:
    """The message of a listener that requires a client certificate names the settings."""
    tls = TlsSettings(cafile=secured.cafile)
    await assert_problem(secured.connection("MUTUAL", tls=tls), "set KAFKA_SSL_CERTFILE")


async def test_plaintext_to_a_tls_port(secured: SecuredKafka) -> None:
    """The message names the protocol setting."""
    connection = secured.connection("TLS", security_protocol="PLAINTEXT")
    await assert_problem(connection, "KAFKA_SECURITY_PROTOCOL")


async def test_tls_to_a_plaintext_port(secured: SecuredKafka) -> None:
    """A plaintext listener is reported as not using TLS."""
    connection = secured.connection("PLAINTEXT", security_protocol="SSL", tls=TlsSettings())
    await assert_problem(connection, "the port does not use TLS")


async def test_unsupported_sasl_mechanism(secured: SecuredKafka) -> None:
    """The message for a mechanism that the listener does not support names the setting."""
    sasl = SaslSettings(mechanism="SCRAM-SHA-512", username="bia", password="senha")
    await assert_problem(secured.connection("LOGIN", sasl=sasl), "KAFKA_SASL_MECHANISM")


async def test_unknown_host_and_closed_port() -> None:
    """A host name without an address and a refused connection have different messages."""
    unknown = Connection(bootstrap_servers="nao-existe.invalid:9092", request_timeout_ms=2_000)
    await assert_problem(unknown, "the host name cannot be resolved")
    closed = Connection(bootstrap_servers="127.0.0.1:1", request_timeout_ms=2_000)
    await assert_problem(closed, "connection refused")


async def test_invalid_certificate_files(secured: SecuredKafka) -> None:
    """A missing file or one that is not PEM is a SettingError that names the setting."""
    for tls in (
        TlsSettings(cafile=secured.folder / "nope.pem"),
        TlsSettings(certfile=secured.cafile),
    ):
        with pytest.raises(SettingError, match="KAFKA_SSL_"):
            await connection_problem(secured.connection("TLS", tls=tls))


async def test_repr_contains_no_secrets(secured: SecuredKafka) -> None:
    """The repr of a connection and its parts contains no password."""
    sasl = SaslSettings(
        mechanism="PLAIN", username="ana", password="segredo", client_secret="oculto"
    )
    tls = TlsSettings(password="chave")
    text = repr(secured.connection("SECURE", sasl=sasl, tls=tls))
    assert "segredo" not in text
    assert "oculto" not in text
    assert "chave" not in text
