"""Bearer tokens for SASL/OAUTHBEARER (client credentials grant). The only importer of authlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client, oauth2_client

from gerador.redaction import redact_url

if TYPE_CHECKING:
    from gerador.delivery.kafka.security import SaslSettings


TOKEN_TIMEOUT_S: Final = 10
# authlib uses httpx2 if installed, else httpx; the errors must come from the same library.
_httpx: Final[Any] = getattr(oauth2_client, "httpx2", None) or oauth2_client.httpx


class ClientCredentials(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """Fetches a bearer token with the OAuth 2.0 client credentials grant (RFC 6749, section 4.4).

    A new token is fetched for every connection: connections are few and long-lived.
    """

    def __init__(self, sasl: SaslSettings) -> None:
        super().__init__()
        self._sasl = sasl

    async def token(self) -> str:
        """Return a new token.

        Raises KafkaConnectionError: the token endpoint is unavailable or rejects the client.
        """
        sasl = self._sasl
        async with AsyncOAuth2Client(
            sasl.client_id, sasl.client_secret, scope=sasl.scope, timeout=TOKEN_TIMEOUT_S
        ) as client:
            try:
                token = await client.fetch_token(sasl.token_url, grant_type="client_credentials")
            except (_httpx.HTTPError, _httpx.InvalidURL, OAuthError) as e:
                # aiokafka handles only its own errors. The cause is dropped: its traceback would
                # show the URL, which may contain a password.
                url = redact_url(sasl.token_url or "")
                raise KafkaConnectionError(f"{url}: {type(e).__name__}: {_error_text(e)}") from None
        return str(token["access_token"])


def _error_text(error: Exception) -> str:
    """Return the error's text without the URL, which httpx includes in two kinds of errors."""
    if isinstance(error, _httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, _httpx.InvalidURL):
        return "invalid URL; check KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"
    return str(error)
