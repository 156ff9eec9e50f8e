"""Listeners with every SASL mechanism and with TLS client certificates."""

from __future__ import annotations

import base64
import json
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiokafka.abc import AbstractTokenProvider
from cryptography.hazmat.primitives import serialization

from gerador.embedded.cluster import EmbeddedKafka
from tests.embedded.clients import create_topic, produce
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")
MODULES = "org.apache.kafka.common.security"
SASL, TLS = "listener.name.sasl.", "listener.name.tls."
SCRAM_USER = "[name=ana,password=segredo]"


class UnsecuredTokens(AbstractTokenProvider):
    """Creates unsigned tokens, which a broker without a token service accepts."""

    async def token(self) -> str:
        """Return a token that is valid for an hour."""
        now_s = int(time.time())
        parts = ({"alg": "none"}, {"sub": "ana", "iat": now_s, "exp": now_s + 3600})
        texts = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
        return ".".join(text.rstrip(b"=").decode() for text in texts) + "."


def _sasl() -> dict[str, str]:
    scram = f"{MODULES}.scram.ScramLoginModule required;"
    bearer = f"{MODULES}.oauthbearer.OAuthBearerLoginModule required"
    return {
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        f"{SASL}plain.sasl.jaas.config": (
            f'{MODULES}.plain.PlainLoginModule required user_ana="segredo";'
        ),
        f"{SASL}scram-sha-256.sasl.jaas.config": scram,
        f"{SASL}scram-sha-512.sasl.jaas.config": scram,
        f"{SASL}oauthbearer.sasl.jaas.config": f'{bearer} unsecuredLoginStringClaim_sub="x";',
    }


def _tls(authority: trustme.CA) -> dict[str, str]:
    server = authority.issue_cert("127.0.0.1")
    key = serialization.load_pem_private_key(server.private_key_pem.bytes(), None)
    # Kafka reads PKCS#8 keys only.
    pkcs8 = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {
        f"{TLS}ssl.keystore.type": "PEM",
        f"{TLS}ssl.keystore.certificate.chain": server.cert_chain_pems[0].bytes().decode(),
        f"{TLS}ssl.keystore.key": pkcs8.decode(),
        f"{TLS}ssl.truststore.type": "PEM",
        f"{TLS}ssl.truststore.certificates": authority.cert_pem.bytes().decode(),
        f"{TLS}ssl.client.auth": "required",
    }


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return the CA of the server and client certificates."""
    return trustme.CA()


@pytest.fixture(scope="module")
def secured(
    tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA
) -> Iterator[EmbeddedKafka]:
    """Start a node with a SASL listener and a TLS listener that requires client certificates."""
    with EmbeddedKafka(
        tmp_path_factory.mktemp("secured"),
        cache_dir=cache_dir(),
        listeners={"SASL": "SASL_PLAINTEXT", "TLS": "SSL"},
        extra=_sasl() | _tls(authority),
        format_arguments=[
            *("--add-scram", f"SCRAM-SHA-256={SCRAM_USER}"),
            *("--add-scram", f"SCRAM-SHA-512={SCRAM_USER}"),
        ],
    ) as kafka:
        yield kafka


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_every_sasl_mechanism_authenticates(secured: EmbeddedKafka, mechanism: str):
    """A client with correct credentials produces with each mechanism."""
    topic = f"sasl-{mechanism}"
    await create_topic(secured.bootstrap, topic)
    credentials: dict[str, Any] = {"sasl_plain_username": "ana", "sasl_plain_password": "segredo"}
    if mechanism == "OAUTHBEARER":
        credentials = {"sasl_oauth_token_provider": UnsecuredTokens()}
    how = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": mechanism, **credentials}
    await produce(secured.bootstrap_of("SASL"), topic, [b"x"], **how)


async def test_tls_with_a_client_certificate(secured: EmbeddedKafka, authority: trustme.CA):
    """A client with a certificate of the CA produces over TLS."""
    await create_topic(secured.bootstrap, "tls")
    context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    authority.issue_cert("ana@example.org").configure_cert(context)
    how = {"security_protocol": "SSL", "ssl_context": context}
    await produce(secured.bootstrap_of("TLS"), "tls", [b"x"], **how)
