"""Tokens of Amazon MSK's IAM access control. The only importer of AWS's signer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

from gerador.errors import MissingExtraError

try:
    from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
except ModuleNotFoundError as e:
    raise MissingExtraError("KAFKA_SASL_MECHANISM=AWS_MSK_IAM", e.name, "msk-iam") from e

if TYPE_CHECKING:
    from collections.abc import Callable


SIGN_TIMEOUT_S: Final = 10.0
"""Timeout of a token: a role's credentials are requested from AWS."""
NO_CREDENTIALS: Final = "no AWS credentials"


class MskIamTokens(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """Signs a bearer token with the AWS credentials of the environment, for every connection.

    The credentials are those of AWS's SDK: variables, profile, web identity (EKS), container or
    instance role. A token is a signed URL that expires after 15 minutes; it is signed locally.
    """

    def __init__(self, region: str) -> None:
        super().__init__()
        self._region = region

    async def token(self) -> str:
        """Return a new token.

        Raises KafkaConnectionError: there are no credentials, or they cannot be loaded in time.
        """
        try:
            async with asyncio.timeout(SIGN_TIMEOUT_S):
                return await asyncio.to_thread(_sign, self._region)
        except TimeoutError:
            raise KafkaConnectionError(
                f"AWS credentials: no response for {SIGN_TIMEOUT_S:g} s"
            ) from None
        except Exception as e:  # aiokafka handles only its own errors; botocore has a hundred
            raise KafkaConnectionError(f"AWS credentials: {type(e).__name__}: {e}") from e


def _sign(region: str) -> str:
    sign: Callable[[str], tuple[Any, int]] = MSKAuthTokenProvider.generate_auth_token
    try:
        token, _expires_ms = sign(region)
    except AttributeError as e:  # the signer reads the keys of None
        raise LookupError(NO_CREDENTIALS) from e
    return str(token)
