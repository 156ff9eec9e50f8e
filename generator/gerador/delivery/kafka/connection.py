"""Connection settings of Kafka clients, as aiokafka's keyword arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gerador.delivery.kafka.security import SaslSettings, TlsSettings


@dataclass(frozen=True, kw_only=True)
class Connection:
    """Bootstrap servers, client id, request timeout and security of a Kafka client."""

    bootstrap_servers: str
    client_id: str = "gerador"
    request_timeout_ms: int = 30_000
    security_protocol: str = "PLAINTEXT"
    tls: TlsSettings | None = None
    sasl: SaslSettings | None = None

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of aiokafka's producer, consumer and admin client.

        Raises SettingError: a certificate or key file is invalid. MissingExtraError: the mechanism
        needs an extra that is not installed.
        """
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "client_id": self.client_id,
            "request_timeout_ms": self.request_timeout_ms,
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.endswith("SSL"):
            arguments["ssl_context"] = (self.tls or TlsSettings()).context()
        if self.sasl is not None:
            arguments["sasl_mechanism"] = self.sasl.mechanism
            arguments["sasl_plain_username"] = self.sasl.username
            arguments["sasl_plain_password"] = self.sasl.password
            if self.sasl.mechanism == "AWS_MSK_IAM":
                from gerador.delivery.kafka.msk_iam import MskIamTokens  # noqa: PLC0415 - an extra

                # MSK's brokers accept the signed token with the mechanism OAUTHBEARER.
                arguments["sasl_mechanism"] = "OAUTHBEARER"
                arguments["sasl_oauth_token_provider"] = MskIamTokens(self.sasl.aws_region or "")
            if self.sasl.mechanism == "OAUTHBEARER":
                # Imported only when used: its libraries take 30 MB.
                from gerador.delivery.kafka.oauth import ClientCredentials  # noqa: PLC0415

                arguments["sasl_oauth_token_provider"] = ClientCredentials(self.sasl)
        return arguments
