from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gerador.api.app import create_app
from gerador.service.status import RUN_KEYS
from tests.api.fake_service import REGISTRO, VERSION, FakeService

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI


@pytest.fixture(scope="module")
def service() -> FakeService:
    """Return one service for all of these tests, which do not change it."""
    return FakeService()


@pytest.fixture(scope="module")
def app(service: FakeService) -> FastAPI:
    """Return its application, created once."""
    return create_app(service)


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    """Return the OpenAPI document."""
    return (await client.get("/openapi.json")).json()


async def test_every_operation_has_a_summary(document: dict[str, Any]):
    """Each operation has a unique summary and a tag."""
    operations = [o for path in document["paths"].values() for o in path.values()]
    summaries = [o["summary"] for o in operations]
    assert len(set(summaries)) == len(summaries)
    assert all(o["tags"] for o in operations)
    assert document["info"]["version"] == VERSION


async def test_every_status_field_is_described(document: dict[str, Any]):
    """The fields of the status have their docstrings as descriptions."""
    fields = document["components"]["schemas"]["Status"]["properties"]
    assert set(fields) == set(RUN_KEYS)
    assert all(field["description"] for field in fields.values())


async def test_rows_are_described_by_their_schema(document: dict[str, Any]):
    """GET /dados documents the fields of the record schema, with an example."""
    answers = document["paths"]["/dados"]["get"]["responses"]
    content = answers["200"]["content"]["application/json"]
    names = [f.name for f in REGISTRO.root.fields]
    assert content["schema"]["items"]["required"] == names
    assert list(content["example"][0]) == names
    assert set(answers["200"]["content"]) >= {"text/csv", "application/x-ndjson"}
    assert {"406", "422", "503"} <= set(answers)


async def test_the_limit_is_documented_with_its_range(document: dict[str, Any]):
    """`limite` is an integer from 1 to the buffer size."""
    parameters = {p["name"]: p for p in document["paths"]["/dados"]["get"]["parameters"]}
    assert set(parameters) == {"limite", "stream"}
    assert parameters["limite"]["schema"]["maximum"] == 10
    assert parameters["limite"]["schema"]["type"] == "integer"


async def test_validation_errors_of_the_framework_are_not_documented(document: dict[str, Any]):
    """FastAPI's list of validation errors is never sent, and not documented."""
    assert "HTTPValidationError" not in document["components"]["schemas"]
