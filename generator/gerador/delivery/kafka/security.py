"""TLS and SASL settings of Kafka clients."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gerador.errors import SettingError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class TlsSettings:
    """CA certificates and the client certificate of TLS connections.

    `cafile` None: the CA certificates of the system. `certfile` None: no client certificate.
    """

    cafile: Path | None = None
    certfile: Path | None = None
    keyfile: Path | None = None
    password: str | None = field(default=None, repr=False)

    def context(self) -> ssl.SSLContext:
        """Return the client's TLS context.

        Raises SettingError: a file is missing or not PEM, or the key does not match the
        certificate.
        """
        try:
            context = ssl.create_default_context(cafile=self.cafile)
        except (OSError, ssl.SSLError) as e:
            raise SettingError(
                f"KAFKA_SSL_CAFILE={self.cafile}: cannot load the CA certificate "
                f"({_error_text(e)}); expected a PEM file"
            ) from e
        if self.certfile is not None:
            self._load_client_certificate(context, self.certfile)
        return context

    def _load_client_certificate(self, context: ssl.SSLContext, certfile: Path) -> None:
        # Without a password OpenSSL would prompt on the terminal; an empty one fails at once.
        try:
            context.load_cert_chain(certfile, self.keyfile, self.password or "")
        except (OSError, ssl.SSLError) as e:
            raise SettingError(
                f"KAFKA_SSL_CERTFILE={certfile}, KAFKA_SSL_KEYFILE={self.keyfile}: cannot load the "
                f"client certificate ({_error_text(e)}); expected PEM files of one certificate and "
                "its key; if the key is encrypted, set KAFKA_SSL_PASSWORD"
            ) from e


@dataclass(frozen=True, kw_only=True)
class SaslSettings:
    """Credentials of a mechanism.

    PLAIN and SCRAM: user name and password. OAUTHBEARER: an OAuth client. AWS_MSK_IAM: the region;
    AWS credentials are those of AWS's tools (variables, profile, role).
    """

    mechanism: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    # The URL may contain a password.
    token_url: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scope: str | None = None
    aws_region: str | None = None


def _error_text(error: OSError | ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "not PEM"
    return error.strerror or str(error)
