"""Bearer tokens for OAUTHBEARER; the one door to the OAuth client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from httpx import HTTPError

if TYPE_CHECKING:
    from generator.delivery.kafka.connection import Sasl


class ClientCredentials(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """Fetches a bearer token with the OAuth 2.0 client credentials grant (RFC 6749, 4.4).

    A token is fetched for every new connection: connections are few and live long.
    """

    def __init__(self, sasl: Sasl) -> None:
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
            except (HTTPError, OAuthError) as e:
                # aiokafka passes on only errors of its own tree.
                raise KafkaConnectionError(f"{sasl.token_url}: {type(e).__name__}: {e}") from e
        return str(token["access_token"])
