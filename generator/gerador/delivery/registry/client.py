"""Client of an external schema registry (Confluent's API). The only importer of confluent_kafka."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeVar
from urllib.parse import quote

from confluent_kafka.schema_registry import AsyncSchemaRegistryClient, Schema
from confluent_kafka.schema_registry.common._httpx_compat import httpx
from confluent_kafka.schema_registry.error import SchemaRegistryError

from gerador.delivery.registry.compatibility_errors import format_reasons
from gerador.delivery.registry.local_registry import NO_REGISTRY, READ_ONLY
from gerador.delivery.registry.url import (
    URL_SETTING,
    USER_INFO_SETTING,
    check_url,
    check_user_info,
    display_url,
)
from gerador.encoding.registry_schemas import SCHEMA_ID_MAX
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
"""Timeout of one HTTP request: for connecting, and for the response."""
OPERATION_TIMEOUT_S: Final = 15.0
"""Timeout of one operation, with all its requests."""
ERROR_CHARACTERS_MAX: Final = 300
"""Length of a registry's error text in a message."""
_Result = TypeVar("_Result")
_NOT_FOUND_CODES: Final = frozenset({40401, 40402, 40403})
"""Subject, version or schema not found. Source: Schema Registry API reference, "Errors"."""


class RegisteredAvroSchema(NamedTuple):
    """An Avro schema from a registry, and its version within the subject."""

    text: str
    version: int


class RegistryClient:
    """A client of a schema registry with Confluent's API.

    `url` may list several URLs, separated by commas; `user_info` is ``user:password`` for basic
    authentication. No message contains a password.

    Raises SettingError: the URL or the credentials are invalid.
    """

    def __init__(
        self, url: str, user_info: str | None = None, *, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> None:
        check_url(url)
        self.url: Final = display_url(url)
        settings: dict[str, Any] = {"url": url, "timeout": timeout_s, "max.retries": 0}
        if user_info is not None:
            check_user_info(user_info, url)
            settings["basic.auth.user.info"] = user_info
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

    async def get_or_register(
        self, subject: str, text: str, schema_type: SchemaType = "AVRO"
    ) -> int:
        """Return the id of a schema under `subject`; register it if it is not registered.

        Schemas are normalized by the registry, so an equal schema in another spelling is found.
        When cancelled, the schema may have been registered. Cost: one request if it is registered,
        else two; at most OPERATION_TIMEOUT_S.

        Raises IncompatibleSchemaError: with subject, field and reason. SchemaError: the registry
        rejects the schema as invalid. ConfigurationError: access is denied. SettingError: the URL
        is not a schema registry. RegistryUnavailableError (retriable): no or an error response.
        """
        return await self._request(
            self._get_or_register(subject, Schema(text, schema_type)), subject
        )

    async def read(self, subject: str, version: int | None = None) -> RegisteredAvroSchema:
        """Return a version of the Avro schema under `subject`; None: the latest.

        Raises SettingError: it is not registered, or not Avro; other errors as `get_or_register`.
        """
        return await self._request(self._read(subject, version), subject)

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
                f"{self.url}: no schema under subject {subject!r}{which}; "
                "GET /subjects lists the registered subjects"
            ) from error
        if (found.schema.schema_type or "AVRO") != "AVRO":
            raise SettingError(
                f"{self.url}: subject {subject!r} has a schema of type "
                f"{found.schema.schema_type}; use a subject with an Avro schema"
            )
        if not isinstance(found.version, int):
            raise ValueError(f"invalid version {found.version!r} in the response")  # noqa: TRY004
        return RegisteredAvroSchema(str(found.schema.schema_str), found.version)

    async def _get_or_register(self, subject: str, schema: Schema) -> int:
        known_id = await self._lookup(subject, schema)
        return await self._register(subject, schema) if known_id is None else known_id

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
            new_id = await self._client.register_schema(subject, schema, normalize_schemas=True)
            return _checked_id(new_id)
        except SchemaRegistryError as error:
            if error.http_status_code != HTTPStatus.CONFLICT:
                raise
            reasons = await self._reasons(subject, schema, error)
            raise IncompatibleSchemaError(
                f"{self.url}: the schema is incompatible with subject {subject!r}: {reasons}; "
                "change the schema or the subject's compatibility level"
            ) from error

    async def _reasons(self, subject: str, schema: Schema, conflict: SchemaRegistryError) -> str:
        """Return why `schema` is incompatible: the client's public method returns no reasons."""
        path = f"compatibility/subjects/{quote(subject, safe='')}/versions/latest?verbose=true"
        try:
            response = await self._client._rest_client.post(path, schema.to_dict())  # noqa: SLF001
            messages = response.get("messages", [])
        except (SchemaRegistryError, httpx.HTTPError, ValueError, AttributeError):
            messages = []  # the message of the conflict is used instead
        # Only Avro's reasons contain JSON pointers; the others contain the field's name.
        text = schema.schema_str if schema.schema_type == "AVRO" else None
        return format_reasons(messages or [conflict.error_message], text or "null")

    async def _request(self, operation: Coroutine[Any, Any, _Result], subject: str) -> _Result:
        """Await `operation`, with a timeout, and convert errors to this package's."""
        try:
            async with asyncio.timeout(OPERATION_TIMEOUT_S):
                return await operation
        except GeradorError:
            raise
        except SchemaRegistryError as error:
            raise self._to_error(error, subject) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise RegistryUnavailableError(
                f"{self.url}: the schema registry did not respond in time (subject {subject!r}); "
                "check that it is running and reachable"
            ) from error
        except httpx.TransportError as error:
            cause = _one_line(str(error) or type(error).__name__)
            raise RegistryUnavailableError(
                f"{self.url}: the schema registry is unavailable: {cause}; "
                f"start it, or check {URL_SETTING}"
            ) from error
        except (httpx.InvalidURL, ValueError, TypeError, KeyError) as error:
            raise SettingError(
                f"{URL_SETTING} {self.url}: the response is not a schema registry's; check the URL"
            ) from error

    def _to_error(self, error: SchemaRegistryError, subject: str) -> GeradorError:
        status, text = error.http_status_code, _one_line(str(error.error_message))
        if error.error_code == NO_REGISTRY:
            return SettingError(
                f"{URL_SETTING} {self.url}: the API of a gerador run without a schema registry of "
                "its own; set it to a schema registry"
            )
        if error.error_code == READ_ONLY:
            return SettingError(
                f"{URL_SETTING} {self.url}: this schema registry is read-only, as that of a "
                f"gerador run, and does not have the schema of subject {subject!r}; set it to a "
                "registry that accepts schemas, or unset it: the API of this run then serves them"
            )
        match status:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                return ConfigurationError(
                    f"{self.url}: the schema registry denied access to subject {subject!r} "
                    f"(HTTP {status}); check {USER_INFO_SETTING}"
                )
            case HTTPStatus.UNPROCESSABLE_ENTITY:
                return SchemaError(
                    f"{self.url}: the schema registry rejected the schema of subject {subject!r}: "
                    f"{text}"
                )
            case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
                return SettingError(
                    f"{URL_SETTING} {self.url}: the response is not a schema registry's "
                    f"(HTTP {status}); check the URL and its path"
                )
            case _:
                return RegistryUnavailableError(
                    f"{self.url}: HTTP {status} for subject {subject!r}: {text}"
                )


def _checked_id(number: int | None) -> int:
    if not isinstance(number, int) or not 0 <= number <= SCHEMA_ID_MAX:
        raise ValueError(f"invalid schema id {number!r} in the response")
    return number


def _one_line(text: str) -> str:
    return " ".join(text.split())[:ERROR_CHARACTERS_MAX]
