"""A fake schema registry for tests, with Confluent's REST API and compatibility level BACKWARD.

Register it with ``pytest_plugins = ["tests.registry_fixture"]``, or import the fixture. It keeps
schemas in memory, checks records for BACKWARD compatibility (a new field needs a default, a type
must not change), and can deny access, fail, or send no response. Statuses, codes and messages are
those of the Schema Registry API reference and of its verbose compatibility responses.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gerador.api.server import serve
from gerador.avro.load import parse_avro
from gerador.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from starlette.requests import Request

CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"


@dataclass
class FakeRegistry:
    """The registered schemas and the configured behaviour. `url` is set when it is served."""

    url: str = ""
    user_info: str | None = None
    fixed_response: Response | None = None
    never_responds: bool = False
    subjects: dict[str, list[int]] = field(default_factory=dict)
    schemas: list[str] = field(default_factory=list)
    schema_types: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def answer_all_with(self, status: int) -> None:
        """Respond to every request with `status`, as a server that is not a registry."""
        self.fixed_response = PlainTextResponse("<html>not a registry</html>", status)

    def latest(self, subject: str) -> dict[str, Any] | None:
        """Return the latest schema of `subject` as an object."""
        ids = self.subjects.get(subject)
        return json.loads(self.schemas[ids[-1] - 1]) if ids else None

    def find(self, subject: str, text: str, schema_type: str = "AVRO") -> int | None:
        """Return the id under `subject` of the schema that is equal to `text` when normalized."""
        wanted = normalized(text, schema_type)
        ids = self.subjects.get(subject, [])
        known = ((i, self.schemas[i - 1], self.schema_types[i - 1]) for i in ids)
        return next(
            (i for i, other, t in known if t == schema_type and normalized(other, t) == wanted),
            None,
        )

    def add(self, subject: str, text: str, schema_type: str = "AVRO") -> int:
        """Register `text`; a schema has the same id under every subject."""
        if text not in self.schemas:
            self.schemas.append(text)
            self.schema_types.append(schema_type)
        number = self.schemas.index(text) + 1
        self.subjects.setdefault(subject, []).append(number)
        return number


def normalized(text: str, schema_type: str) -> Any:
    """Return a schema in a form that can be compared."""
    match schema_type:
        case "AVRO" if isinstance(json.loads(text), str):
            return text  # the schema of a key
        case "AVRO":
            return parse_avro(text).root
        case "JSON":
            return json.loads(text)
        case _:
            return text.split()


@pytest.fixture
async def registry() -> AsyncIterator[FakeRegistry]:
    """Serve a registry on a free port."""
    fake = FakeRegistry()
    async with serve(_application(fake), "127.0.0.1", 0) as address:
        fake.url = address.url
        yield fake


@dataclass
class AbsentRegistry:
    """A registry that is not served yet, and its port."""

    port: int
    held: FakeRegistry

    def come(self) -> AbstractAsyncContextManager[Any]:
        """Serve the registry for the duration of the block."""
        return serve(_application(self.held), "127.0.0.1", self.port)


@pytest.fixture
def absent_registry() -> AbsentRegistry:
    """Return a registry that is unavailable until `come`."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return AbsentRegistry(port, FakeRegistry(f"http://127.0.0.1:{port}"))


def _application(fake: FakeRegistry) -> Starlette:
    async def lookup(request: Request) -> Response:
        subject, (text, schema_type) = request.path_params["subject"], await _schema(request)
        if subject not in fake.subjects:
            return _error(40401, f"Subject '{subject}' not found.")
        number = fake.find(subject, text, schema_type)
        if number is None:
            return _error(40403, "Schema not found")
        version = fake.subjects[subject].index(number) + 1
        type_key = {} if schema_type == "AVRO" else {"schemaType": schema_type}
        return _json(
            {"subject": subject, "version": version, "id": number, "schema": text, **type_key}
        )

    async def register(request: Request) -> Response:
        subject, (text, schema_type) = request.path_params["subject"], await _schema(request)
        messages = _differences(fake, subject, text, schema_type)
        if messages:
            message = (
                "Schema being registered is incompatible with an earlier schema for subject "
                f'"{subject}", details: [{", ".join(messages)}]'
            )
            return _error(409, message)
        return _json(
            {"id": fake.find(subject, text, schema_type) or fake.add(subject, text, schema_type)}
        )

    async def compatibility(request: Request) -> Response:
        subject, (text, schema_type) = request.path_params["subject"], await _schema(request)
        messages = _differences(fake, subject, text, schema_type)
        verbose = {"messages": messages} if request.query_params.get("verbose") == "true" else {}
        return _json({"is_compatible": not messages, **verbose})

    async def version(request: Request) -> Response:
        subject, which = request.path_params["subject"], request.path_params["version"]
        ids = fake.subjects.get(subject)
        if ids is None:
            return _error(40401, f"Subject '{subject}' not found.")
        at = len(ids) if which == "latest" else int(which)
        if not 1 <= at <= len(ids):
            return _error(40402, f"Version {which} not found.")
        number = ids[at - 1]
        text, schema_type = fake.schemas[number - 1], fake.schema_types[number - 1]
        type_key = {} if schema_type == "AVRO" else {"schemaType": schema_type}
        return _json({"subject": subject, "version": at, "id": number, "schema": text, **type_key})

    routes = {
        "/compatibility/subjects/{subject:path}/versions/latest": compatibility,
        "/subjects/{subject:path}/versions": register,
        "/subjects/{subject:path}": lookup,
    }
    read = "/subjects/{subject:path}/versions/{version}"
    return Starlette(
        routes=[
            *(Route(path, _guarded(fake, to), methods=["POST"]) for path, to in routes.items()),
            Route(read, _guarded(fake, version), methods=["GET"]),
        ]
    )


def _guarded(fake: FakeRegistry, handler: Any) -> Any:
    async def guarded(request: Request) -> Response:
        fake.requests.append(request.url.path)
        if fake.never_responds:
            await asyncio.Event().wait()
        if fake.fixed_response is not None:
            return fake.fixed_response
        if fake.user_info is not None:
            expected = base64.b64encode(fake.user_info.encode()).decode()
            if request.headers.get("authorization") != f"Basic {expected}":
                return _error(401, "Unauthorized")
        try:
            return await handler(request)
        except SchemaError as error:
            return _error(42201, f"Invalid schema {error}")

    return guarded


async def _schema(request: Request) -> tuple[str, str]:
    sent = await request.json()
    text, schema_type = str(sent["schema"]), str(sent.get("schemaType", "AVRO"))
    normalized(text, schema_type)
    return text, schema_type


def _differences(fake: FakeRegistry, subject: str, text: str, schema_type: str) -> list[str]:
    """Return why readers of a new schema of `subject` cannot read values of its last schema."""
    match schema_type:
        case "AVRO":
            old = fake.latest(subject)
            new = json.loads(text)
            return _incompatibilities(old, new) if isinstance(new, dict) else []
        case "JSON":
            return _missing_properties(fake.latest(subject), json.loads(text))
        case _:
            return []


def _missing_properties(old: dict[str, Any] | None, new: dict[str, Any]) -> list[str]:
    """Return Confluent's messages for properties that a closed JSON Schema lost."""
    removed = set((old or {}).get("properties", {})) - set(new.get("properties", {}))
    return [
        '{errorType:"PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", description:"The new schema has '
        "a closed content model and is missing a property or item present at path "
        f"'#/properties/{name}' in the old schema\"}}"
        for name in sorted(removed)
    ]


def _incompatibilities(old: dict[str, Any] | None, new: dict[str, Any]) -> list[str]:
    """Return Confluent's messages for records that readers of `new` cannot read."""
    if old is None:
        return []
    types = {f["name"]: f["type"] for f in old["fields"]}
    found = []
    for n, column in enumerate(new["fields"]):
        name = column["name"]
        if name not in types and "default" not in column:
            found.append(
                "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field "
                f"'{name}' at path '/fields/{n}' in the new schema has no default value and is "
                f"missing in the old schema', additionalInfo:'{name}'}}"
            )
        elif name in types and types[name] != column["type"]:
            found.append(
                "{errorType:'TYPE_MISMATCH', description:'The type (path '/fields/"
                f"{n}/type') of a field in the new schema does not match with the old schema', "
                "additionalInfo:'reader type: X not compatible with writer type: Y'}"
            )
    settings = [
        "{oldSchemaVersion: 1}",
        f"{{oldSchema: '{json.dumps(old)}'}}",
        "{validateFields: 'false', compatibility: 'BACKWARD'}",
    ]
    return [*found, *settings] if found else []


def _json(body: Any, status: int = 200) -> Response:
    return JSONResponse(body, status, media_type=CONTENT_TYPE)


def _error(code: int, message: str) -> Response:
    status = code if code < 1000 else code // 100
    return _json({"error_code": code, "message": message}, status)
