"""Client of a Confluent-compatible schema registry: look up, register and read schemas. The only importer of confluent_kafka."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeVar
from urllib.parse import quote

from confluent_kafka.schema_registry import AsyncSchemaRegistryClient, Schema
from confluent_kafka.schema_registry.common._httpx_compat import httpx
from confluent_kafka.schema_registry.error import SchemaRegistryError

from gerador.delivery.registry.compatibility_errors import format_reasons
from gerador.delivery.registry.url import (
    URL_SETTING,
    USER_INFO_SETTING,
    check_user_info,
    redact_and_check_urls,
)
from gerador.errors import (
    ConfigurationError,
    GeradorError,
    IncompatibleSchemaError,
    RegistryUnavailableError,
    SchemaError,
    SettingError,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import TracebackType

    from gerador.encoding.registry_schemas import SchemaType


REQUEST_TIMEOUT_S: Final = 5.0
"""Seconds that one request may take to connect, and again to be answered."""
ENSURE_TIMEOUT_S: Final = 15.0
"""Seconds that finding or registering a schema may take in all."""
ERROR_CHARACTERS_MAX: Final = 300
"""Characters of a registry's own words that a message repeats."""
_Answer = TypeVar("_Answer")
_NOT_FOUND_CODES: Final = frozenset({40401, 40402, 40403})
"""Subject, version or schema not found: Confluent Schema Registry API reference, "Errors"."""


class RegisteredAvroSchema(NamedTuple):
    """An Avro schema as a registry holds it, and which of its subject's versions it is."""

    text: str
    version: int


class RegistryClient:
    """A client of a registry with Confluent's interface.

    `url` may list several, comma-separated; `user_info` is ``user:password`` for basic
    authentication. Neither the password nor one inside the URL stands in any message.

    Raises SettingError: the URL or the credentials cannot be used as they stand.
    """

    def __init__(
        self, url: str, user_info: str | None = None, *, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> None:
        self.url: Final = redact_and_check_urls(url)
        settings: dict[str, Any] = {"url": url, "timeout": timeout_s, "max.retries": 0}
        if user_info is not None:
            settings["basic.auth.user.info"] = check_user_info(user_info, url)
        self._client: Final = AsyncSchemaRegistryClient(settings)

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. The client cannot be used afterwards."""
        await self._client.aclose()

    async def ensure(self, subject: str, text: str, kind: SchemaType = "AVRO") -> int:
        """Return the id of the schema under `subject`, registering it when it is not there.

        A schema that means the same in other words is found, not registered again: both
        requests ask the registry to normalise. Cancelled, the schema may have been registered.
        Cost: one request when it is there, two when not; at most ENSURE_TIMEOUT_S.

        Raises IncompatibleSchemaError: with subject, field and reason; SchemaError: the
        registry does not take it for a schema; ConfigurationError: it does not let us;
        RegistryFault: it is away, too slow, or ill (retriable).
        """
        return await self._ask(self._ensured(subject, Schema(text, kind)), subject)

    async def read(self, subject: str, version: int | None = None) -> RegisteredAvroSchema:
        """Return the Avro schema that is registered under `subject`: its latest version, or one.

        Raises SettingError: there is none, or it is not Avro; otherwise as `ensure`.
        """
        return await self._ask(self._read(subject, version), subject)

    async def _read(self, subject: str, version: int | None) -> RegisteredAvroSchema:
        try:
            if version is None:
                found = await self._client.get_latest_version(subject)
            else:
                found = await self._client.get_version(subject, version)
        except SchemaRegistryError as error:
            if error.error_code not in _NOT_FOUND_CODES:
                raise
            which = "" if version is None else f" version {version}"
            raise SettingError(
                f"{self.url}: no schema under subject {subject!r}{which}; look at /subjects there"
            ) from error
        if (found.schema.schema_type or "AVRO") != "AVRO":
            raise SettingError(
                f"{self.url}: subject {subject!r} has a schema of type "
                f"{found.schema.schema_type}; name one that is Avro"
            )
        if not isinstance(found.version, int):
            raise ValueError(f"an answer with the version {found.version!r}")  # noqa: TRY004
        return RegisteredAvroSchema(str(found.schema.schema_str), found.version)

    async def _ensured(self, subject: str, schema: Schema) -> int:
        found = await self._lookup(subject, schema)
        return await self._register(subject, schema) if found is None else found

    async def _lookup(self, subject: str, schema: Schema) -> int | None:
        try:
            found = await self._client.lookup_schema(subject, schema, normalize_schemas=True)
        except SchemaRegistryError as error:
            if error.error_code in _NOT_FOUND_CODES:
                return None
            raise
        return _checked_id(found.schema_id)

    async def _register(self, subject: str, schema: Schema) -> int:
        try:
            made = await self._client.register_schema(subject, schema, normalize_schemas=True)
            return _checked_id(made)
        except SchemaRegistryError as error:
            if error.http_status_code != HTTPStatus.CONFLICT:
                raise
            reasons = await self._reasons(subject, schema, error)
            raise IncompatibleSchemaError(
                f"{self.url}: subject {subject!r} refuses the schema: {reasons}; "
                "change the schema or the subject's compatibility"
            ) from error

    async def _reasons(self, subject: str, schema: Schema, refusal: SchemaRegistryError) -> str:
        """Return why `subject` refuses `schema`: the public method answers yes or no only."""
        path = f"compatibility/subjects/{quote(subject, safe='')}/versions/latest?verbose=true"
        try:
            answer = await self._client._rest_client.post(path, schema.to_dict())  # noqa: SLF001
            messages = answer.get("messages", [])
        except (SchemaRegistryError, httpx.HTTPError, ValueError, AttributeError):
            messages = []  # the refusal stands, and says why in its own words
        # Only Avro's reasons point into the schema by numbers; the others name the field.
        text = schema.schema_str if schema.schema_type == "AVRO" else None
        return format_reasons(messages or [refusal.error_message], text or "null")

    async def _ask(self, request: Coroutine[Any, Any, _Answer], subject: str) -> _Answer:
        """Await `request`, and tell whatever goes wrong as an error of ours."""
        try:
            async with asyncio.timeout(ENSURE_TIMEOUT_S):
                return await request
        except GeradorError:
            raise
        except SchemaRegistryError as error:
            raise self._told(error, subject) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise RegistryUnavailableError(
                f"{self.url}: no answer in time for subject {subject!r}"
            ) from error
        except httpx.TransportError as error:
            cause = _one_line(str(error) or type(error).__name__)
            raise RegistryUnavailableError(
                f"{self.url}: the schema registry is away: {cause}"
            ) from error
        except (httpx.InvalidURL, ValueError, TypeError, KeyError) as error:
            raise SettingError(
                f"{URL_SETTING} {self.url}: no schema registry answers there"
            ) from error

    def _told(self, error: SchemaRegistryError, subject: str) -> GeradorError:
        status, words = error.http_status_code, _one_line(str(error.error_message))
        match status:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                return ConfigurationError(
                    f"{self.url}: the schema registry refuses access to subject {subject!r} "
                    f"(HTTP {status}); check {USER_INFO_SETTING}"
                )
            case HTTPStatus.UNPROCESSABLE_ENTITY:
                return SchemaError(f"{self.url}: subject {subject!r} does not take it: {words}")
            case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
                return SettingError(
                    f"{URL_SETTING} {self.url}: no schema registry answers there (HTTP {status}); "
                    "is a path missing?"
                )
            case _:
                return RegistryUnavailableError(
                    f"{self.url}: HTTP {status} for subject {subject!r}: {words}"
                )


ID_END: Final = 2**31
"""Ids are four bytes on the wire, read as a signed number by Java's clients."""


def _checked_id(answer: int | None) -> int:
    if not isinstance(answer, int) or not 0 <= answer < ID_END:
        raise ValueError(f"an answer with the id {answer!r}")
    return answer


def _one_line(text: str) -> str:
    return " ".join(text.split())[:ERROR_CHARACTERS_MAX]
