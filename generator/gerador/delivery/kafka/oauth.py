"""Bearer tokens for SASL OAUTHBEARER (client credentials grant). The only importer of the OAuth client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client, oauth2_client

from gerador.redaction import redact_url

if TYPE_CHECKING:
    from gerador.delivery.kafka.security import SaslSettings


# The client's own choice of httpx2 or httpx: errors of the other would not be caught.
_httpx: Final[Any] = getattr(oauth2_client, "httpx2", None) or oauth2_client.httpx


class ClientCredentials(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """Fetches a bearer token with the OAuth 2.0 client credentials grant (RFC 6749, 4.4).

    A token is fetched for every new connection: connections are few and live long.
    """

    def __init__(self, sasl: SaslSettings) -> None:
        super().__init__()
        self._sasl = sasl

    async def token(self) -> str:
        """Return a fresh token."""
        sasl = self._sasl
        async with AsyncOAuth2Client(
            sasl.client_id, sasl.client_secret, scope=sasl.scope, timeout=10
        ) as client:
            try:
                token = await client.fetch_token(sasl.token_url, grant_type="client_credentials")
            except (_httpx.HTTPError, _httpx.InvalidURL, OAuthError) as e:
                # aiokafka passes on only errors of its own tree. No cause is kept: a traceback
                # would show the whole address, and with it a password.
                where = redact_url(sasl.token_url or "")
                raise KafkaConnectionError(
                    f"{where}: {type(e).__name__}: {_error_text(e)}"
                ) from None
        return str(token["access_token"])


def _error_text(error: Exception) -> str:
    """Return what is wrong without the address, which httpx repeats in two kinds of errors."""
    if isinstance(error, _httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, _httpx.InvalidURL):
        return "this is not an address; see KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"
    return str(error)
