from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
import structlog

from gerador.api.app import create_app
from tests.api.fake_service import FakeService, people

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from fastapi import FastAPI


@pytest.fixture
def service() -> FakeService:
    """Return a fake service with ten rows in the buffer."""
    return FakeService(people(10))


@pytest.fixture
def app(service: FakeService) -> FastAPI:
    """Return the application of `service`."""
    return create_app(service)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of `app`, without a socket."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gerador") as client:
        yield client


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    """Return the log entries, which are not printed."""
    with structlog.testing.capture_logs() as entries:
        yield entries
