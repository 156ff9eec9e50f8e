"""Schemas that a scenario takes from a registry: ``schema: registry:SUBJECT[:VERSION]``."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from gerador.scenario.avro import parse_avro

if TYPE_CHECKING:
    from gerador.delivery.registry import Registered
    from gerador.knowledge import SchemaReader
    from gerador.scenario.avro import AvroSchema
    from gerador.settings import Settings


def registry_reader(settings: Settings) -> SchemaReader | None:
    """Return who reads the schema of a subject and a version (None: the latest) from the registry.

    None: the settings name no registry. Raises, when it is called, as `RegistryClient.read` and
    SchemaError: what is registered is no Avro record.
    """
    url, secret = settings.schema_registry_url, settings.schema_registry_user_info
    if url is None:
        return None
    user_info = None if secret is None else secret.get_secret_value()

    def read(subject: str, version: int | None) -> tuple[AvroSchema, int]:
        # A thread of its own: who asks may be inside of an event loop.
        with ThreadPoolExecutor(1) as thread:
            found = thread.submit(asyncio.run, _read(url, user_info, subject, version)).result()
        return parse_avro(found.text, source=f"registry:{subject}"), found.version

    return read


async def _read(url: str, user_info: str | None, subject: str, version: int | None) -> Registered:
    from gerador.delivery.registry import RegistryClient  # noqa: PLC0415 - 20 MB of libraries

    async with RegistryClient(url, user_info) as client:
        return await client.read(subject, version)
