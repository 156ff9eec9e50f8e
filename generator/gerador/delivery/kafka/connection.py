"""How to reach the brokers: addresses, security, time-outs, in aiokafka's terms."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gerador.errors import SettingError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Tls:
    """What is trusted and what is shown. None is the system's trust, no client certificate."""

    cafile: Path | None = None
    certfile: Path | None = None
    keyfile: Path | None = None
    password: str | None = field(default=None, repr=False)

    def context(self) -> ssl.SSLContext:
        """Return the client's TLS context.

        Raises SettingError: a file is missing or is not PEM, or the key does not fit.
        """
        try:
            context = ssl.create_default_context(cafile=self.cafile)
        except (OSError, ssl.SSLError) as e:
            raise SettingError(
                f"KAFKA_SSL_CAFILE={self.cafile}: cannot be used ({_cause(e)}); give a PEM file"
            ) from e
        if self.certfile is not None:
            self._show(context, self.certfile)
        return context

    def _show(self, context: ssl.SSLContext, certfile: Path) -> None:
        # A wrong password would make OpenSSL ask on the terminal; an empty one is refused at once.
        try:
            context.load_cert_chain(certfile, self.keyfile, self.password or "")
        except (OSError, ssl.SSLError) as e:
            raise SettingError(
                f"KAFKA_SSL_CERTFILE={certfile}, KAFKA_SSL_KEYFILE={self.keyfile}: cannot be used "
                f"({_cause(e)}); give PEM files that belong together, and KAFKA_SSL_PASSWORD"
            ) from e


@dataclass(frozen=True, kw_only=True)
class Sasl:
    """Who we are: user and password (PLAIN, SCRAM) or an OAuth client (OAUTHBEARER)."""

    mechanism: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    # It may hold a password.
    token_url: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scope: str | None = None


@dataclass(frozen=True, kw_only=True)
class Connection:
    """Everything that a client of the brokers needs to know."""

    bootstrap_servers: str
    client_id: str = "gerador"
    request_timeout_ms: int = 30_000
    security_protocol: str = "PLAINTEXT"
    tls: Tls | None = None
    sasl: Sasl | None = None

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments that every aiokafka client takes.

        Raises SettingError: a certificate cannot be used.
        """
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "client_id": self.client_id,
            "request_timeout_ms": self.request_timeout_ms,
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.endswith("SSL"):
            arguments["ssl_context"] = (self.tls or Tls()).context()
        if self.sasl is not None:
            arguments["sasl_mechanism"] = self.sasl.mechanism
            arguments["sasl_plain_username"] = self.sasl.username
            arguments["sasl_plain_password"] = self.sasl.password
            if self.sasl.mechanism == "OAUTHBEARER":
                # Loaded only where it is used: its libraries take 30 MB.
                from gerador.delivery.kafka.oauth import ClientCredentials  # noqa: PLC0415

                arguments["sasl_oauth_token_provider"] = ClientCredentials(self.sasl)
        return arguments


def _cause(error: OSError | ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "not PEM"
    return error.strerror or str(error)
