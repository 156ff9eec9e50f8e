"""Reads the schemas of scenarios (`schema: registry:SUBJECT`) from a schema registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gerador.avro.schema import AvroSchema
    from gerador.delivery.registry.client import RegisteredAvroSchema
    from gerador.scenario.external_sources import SchemaReader
    from gerador.settings.model import Settings


def registry_schema_reader(settings: Settings) -> SchemaReader | None:
    """Return a function that reads a version (None: the latest) of a subject from the registry.

    Returns None without a registry in the settings. The function raises as `RegistryClient.read`,
    and SchemaError: the registered schema is not an Avro schema.
    """
    url, secret = settings.schema_registry_url, settings.schema_registry_user_info
    if url is None:
        return None
    user_info = None if secret is None else secret.get_secret_value()

    def read(subject: str, version: int | None) -> tuple[AvroSchema, int]:
        import asyncio  # noqa: PLC0415 - not needed without a registry
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

        from gerador.avro.load import parse_avro  # noqa: PLC0415

        # In a separate thread: the caller may be inside an event loop.
        with ThreadPoolExecutor(1) as thread:
            found = thread.submit(
                asyncio.run, _read_schema(url, user_info, subject, version)
            ).result()
        return parse_avro(found.text, source=f"registry:{subject}"), found.version

    return read


async def _read_schema(
    url: str, user_info: str | None, subject: str, version: int | None
) -> RegisteredAvroSchema:
    from gerador.delivery.registry.client import RegistryClient  # noqa: PLC0415 - 20 MB of libraries

    async with RegistryClient(url, user_info) as client:
        return await client.read(subject, version)
