from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gerador.api.app import create_app
from gerador.delivery.registry.local_registry import schema_id
from tests.api.fake_service import REGISTRO, FakeService

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

SUBJECT = "registros-value"
ID = schema_id(REGISTRO)
VERSION_1 = {"subject": SUBJECT, "version": 1, "id": ID, "schema": REGISTRO.json}
REWRITTEN = json.dumps(json.loads(REGISTRO.json), indent=3, sort_keys=True)


@pytest.fixture(scope="module")
def service() -> FakeService:
    """Return one service for all of these tests, which do not change it."""
    return FakeService()


@pytest.fixture(scope="module")
def app(service: FakeService) -> FastAPI:
    """Return its application, created once."""
    return create_app(service)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/schemas/types", ["JSON", "PROTOBUF", "AVRO"]),
        ("/schemas", [VERSION_1]),
        ("/schemas?subjectPrefix=x", []),
        (f"/schemas/ids/{ID}", {"schema": REGISTRO.json}),
        (f"/schemas/ids/{ID}?fetchMaxId=false&subject=x", {"schema": REGISTRO.json}),
        (f"/schemas/ids/{ID}/schema", json.loads(REGISTRO.json)),
        (f"/schemas/ids/{ID}/versions", [{"subject": SUBJECT, "version": 1}]),
        (f"/schemas/ids/{ID}/subjects", [SUBJECT]),
        ("/subjects", [SUBJECT]),
        ("/subjects?subjectPrefix=reg", [SUBJECT]),
        ("/subjects?subjectPrefix=x&deleted=true", []),
        (f"/subjects/{SUBJECT}/versions", [1]),
        (f"/subjects/{SUBJECT}/versions/1", VERSION_1),
        (f"/subjects/{SUBJECT}/versions/latest", VERSION_1),
        (f"/subjects/{SUBJECT}/versions/-1", VERSION_1),
        (f"/subjects/{SUBJECT}/versions/1/schema", json.loads(REGISTRO.json)),
        (f"/subjects/{SUBJECT}/versions/1/referencedby", []),
        ("/subjects/registros%2Dvalue/versions", [1]),
        ("/config", {"compatibilityLevel": "NONE"}),
        (f"/config/{SUBJECT}", {"compatibilityLevel": "NONE"}),
        ("/mode", {"mode": "READONLY"}),
        (f"/mode/{SUBJECT}", {"mode": "READONLY"}),
    ],
)
async def test_read_endpoints(client: httpx.AsyncClient, path: str, expected: Any):
    """Each read endpoint returns the registry's JSON and content type."""
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (200, expected)
    assert answer.headers["content-type"] == "application/vnd.schemaregistry.v1+json"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/schemas/ids/1", 40403),
        ("/schemas/ids/0", 40403),
        ("/schemas/ids/x", 40403),
        (f"/schemas/ids/{2**40}/versions", 40403),
        ("/subjects/nope/versions", 40401),
        ("/subjects/nope/versions/1", 40401),
        ("/subjects/a%2Fb/versions/latest", 40401),
        (f"/subjects/{SUBJECT}/versions/2", 40402),
        (f"/subjects/{SUBJECT}/versions/0", 42202),
        (f"/subjects/{SUBJECT}/versions/x", 42202),
        ("/config/nope", 40401),
    ],
)
async def test_errors_have_the_registrys_code(client: httpx.AsyncClient, path: str, code: int):
    """Errors have Confluent's code, its status, and a message that is also the detail."""
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["error_code"]) == (code // 100, code)
    assert answer.json()["message"] == answer.json()["detail"]
    assert "\n" not in answer.json()["message"]


async def test_a_similar_subject_is_suggested(client: httpx.AsyncClient):
    """The error of an unknown subject suggests the closest one."""
    message = (await client.get("/subjects/registro-value/versions")).json()["message"]
    assert message == "Subject 'registro-value' not found; did you mean 'registros-value'?"


@pytest.mark.parametrize("path", [f"/subjects/{SUBJECT}", f"/subjects/{SUBJECT}/versions"])
async def test_an_equivalent_schema_is_found(client: httpx.AsyncClient, path: str):
    """To look up or register our schema with other spaces and order returns its id."""
    answer = await client.post(path, json={"schema": REWRITTEN})
    assert (answer.status_code, answer.json()) == (200, VERSION_1)


OTHER = json.dumps({"type": "record", "name": "Other", "fields": []})


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (f"/subjects/{SUBJECT}", {"schema": OTHER}, 40403),
        ("/subjects/nope", {"schema": OTHER}, 40401),
        (f"/subjects/{SUBJECT}", {"schema": "{"}, 42201),
        (f"/subjects/{SUBJECT}", {"schema": '"string"'}, 40403),
        (f"/subjects/{SUBJECT}", {"schema": '"boolean"'}, 40403),
        (f"/subjects/{SUBJECT}", {"schema": '"bool"'}, 42201),
        (f"/subjects/{SUBJECT}", {}, 42201),
        (f"/subjects/{SUBJECT}", [], 42201),
        (f"/subjects/{SUBJECT}", {"schema": OTHER, "schemaType": "JSON"}, 40403),
        (f"/subjects/{SUBJECT}", {"schema": OTHER, "schemaType": "XML"}, 42201),
        (f"/subjects/{SUBJECT}", {"schema": "{", "schemaType": "JSON"}, 42201),
        (f"/subjects/{SUBJECT}/versions", {"schema": OTHER}, 42205),
        ("/subjects/nope/versions", {"schema": OTHER}, 42205),
    ],
)
async def test_another_schema_is_rejected(
    client: httpx.AsyncClient, path: str, body: Any, code: int
):
    """A schema that is not registered is not found, invalid, or cannot be registered."""
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()["error_code"]) == (code // 100, code)


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 100_000])
async def test_an_invalid_body_is_rejected(client: httpx.AsyncClient, content: bytes):
    """Bytes that are not JSON get the code of an invalid schema, not an internal error."""
    answer = await client.post(f"/subjects/{SUBJECT}", content=content)
    assert answer.json()["error_code"] == 42201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", f"/subjects/{SUBJECT}"),
        ("DELETE", f"/subjects/{SUBJECT}/versions/1"),
        ("PUT", "/config"),
        ("PUT", f"/config/{SUBJECT}"),
        ("PUT", "/mode"),
    ],
)
async def test_the_registry_is_read_only(client: httpx.AsyncClient, method: str, path: str):
    """Changes are rejected with a message that names SCHEMA_REGISTRY_URL."""
    answer = await client.request(method, path)
    assert answer.json()["error_code"] == 42205
    assert "SCHEMA_REGISTRY_URL" in answer.json()["message"]
    assert (await client.get("/subjects")).json() == [SUBJECT]


async def test_with_an_external_registry_none_is_served(
    client: httpx.AsyncClient, service: FakeService, monkeypatch: pytest.MonkeyPatch
):
    """With an external registry every request gets a 404 that names SCHEMA_REGISTRY_URL."""
    monkeypatch.setattr(service, "registry", None)
    answer = await client.get("/subjects")
    assert answer.status_code == 404
    assert "SCHEMA_REGISTRY_URL" in answer.json()["message"]
