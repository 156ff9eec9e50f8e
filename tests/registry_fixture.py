"""A schema registry for tests: Confluent's published interface, with backward compatibility.

Register it with ``pytest_plugins = ["tests.registry_fixture"]``, or import the fixture. It keeps
schemas in memory, checks them as BACKWARD does for records (a new field needs a default, a type
must stay), and can be told to refuse, to fail and to be silent. Statuses, codes and messages are
those of the Confluent Schema Registry API reference and of its verbose compatibility answers.
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
    """What the registry holds, and how it behaves. `url` is known once it is served."""

    url: str = ""
    user_info: str | None = None
    broken: Response | None = None
    silent: bool = False
    subjects: dict[str, list[int]] = field(default_factory=dict)
    schemas: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def break_down(self, status: int) -> None:
        """Answer everything as a web server that is no registry does, with `status`."""
        self.broken = PlainTextResponse("<html>no registry</html>", status)

    def latest(self, subject: str) -> dict[str, Any] | None:
        """Return the newest schema of `subject` as an object."""
        ids = self.subjects.get(subject)
        return json.loads(self.schemas[ids[-1] - 1]) if ids else None

    def find(self, subject: str, text: str, kind: str = "AVRO") -> int | None:
        """Return the id under `subject` of the schema that reads like `text`, normalised."""
        wanted = normal(text, kind)
        ids = self.subjects.get(subject, [])
        held = ((i, self.schemas[i - 1], self.kinds[i - 1]) for i in ids)
        return next(
            (i for i, other, of in held if of == kind and normal(other, of) == wanted), None
        )

    def add(self, subject: str, text: str, kind: str = "AVRO") -> int:
        """Register `text`; one schema has one id under every subject."""
        if text not in self.schemas:
            self.schemas.append(text)
            self.kinds.append(kind)
        number = self.schemas.index(text) + 1
        self.subjects.setdefault(subject, []).append(number)
        return number


def normal(text: str, kind: str) -> Any:
    """Return what a schema means, in a form that can be compared."""
    match kind:
        case "AVRO" if isinstance(json.loads(text), str):
            return text  # a key's
        case "AVRO":
            return parse_avro(text).root
        case "JSON":
            return json.loads(text)
        case _:
            return text.split()


@pytest.fixture
async def registry() -> AsyncIterator[FakeRegistry]:
    """Give a registry that is served on a free port."""
    held = FakeRegistry()
    async with serve(_application(held), "127.0.0.1", 0) as address:
        held.url = address.url
        yield held


@dataclass
class AbsentRegistry:
    """A registry's address at which nothing listens yet."""

    port: int
    held: FakeRegistry

    def come(self) -> AbstractAsyncContextManager[Any]:
        """Serve the registry there while the block lasts."""
        return serve(_application(self.held), "127.0.0.1", self.port)


@pytest.fixture
def absent_registry() -> AbsentRegistry:
    """Give the address of a registry that is away until it is told to come."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return AbsentRegistry(port, FakeRegistry(f"http://127.0.0.1:{port}"))


def _application(held: FakeRegistry) -> Starlette:
    async def lookup(request: Request) -> Response:
        subject, (text, kind) = request.path_params["subject"], await _schema(request)
        if subject not in held.subjects:
            return _error(40401, f"Subject '{subject}' not found.")
        number = held.find(subject, text, kind)
        if number is None:
            return _error(40403, "Schema not found")
        version = held.subjects[subject].index(number) + 1
        named = {} if kind == "AVRO" else {"schemaType": kind}
        return _json(
            {"subject": subject, "version": version, "id": number, "schema": text, **named}
        )

    async def register(request: Request) -> Response:
        subject, (text, kind) = request.path_params["subject"], await _schema(request)
        messages = _differences(held, subject, text, kind)
        if messages:
            message = (
                "Schema being registered is incompatible with an earlier schema for subject "
                f'"{subject}", details: [{", ".join(messages)}]'
            )
            return _error(409, message)
        return _json({"id": held.find(subject, text, kind) or held.add(subject, text, kind)})

    async def compatibility(request: Request) -> Response:
        subject, (text, kind) = request.path_params["subject"], await _schema(request)
        messages = _differences(held, subject, text, kind)
        said = {"messages": messages} if request.query_params.get("verbose") == "true" else {}
        return _json({"is_compatible": not messages, **said})

    async def version(request: Request) -> Response:
        subject, which = request.path_params["subject"], request.path_params["version"]
        ids = held.subjects.get(subject)
        if ids is None:
            return _error(40401, f"Subject '{subject}' not found.")
        at = len(ids) if which == "latest" else int(which)
        if not 1 <= at <= len(ids):
            return _error(40402, f"Version {which} not found.")
        number = ids[at - 1]
        text, kind = held.schemas[number - 1], held.kinds[number - 1]
        named = {} if kind == "AVRO" else {"schemaType": kind}
        return _json({"subject": subject, "version": at, "id": number, "schema": text, **named})

    routes = {
        "/compatibility/subjects/{subject:path}/versions/latest": compatibility,
        "/subjects/{subject:path}/versions": register,
        "/subjects/{subject:path}": lookup,
    }
    read = "/subjects/{subject:path}/versions/{version}"
    return Starlette(
        routes=[
            *(Route(path, _guarded(held, to), methods=["POST"]) for path, to in routes.items()),
            Route(read, _guarded(held, version), methods=["GET"]),
        ]
    )


def _guarded(held: FakeRegistry, answer: Any) -> Any:
    async def guarded(request: Request) -> Response:
        held.requests.append(request.url.path)
        if held.silent:
            await asyncio.Event().wait()
        if held.broken is not None:
            return held.broken
        if held.user_info is not None:
            expected = base64.b64encode(held.user_info.encode()).decode()
            if request.headers.get("authorization") != f"Basic {expected}":
                return _error(401, "Unauthorized")
        try:
            return await answer(request)
        except SchemaError as error:
            return _error(42201, f"Invalid schema {error}")

    return guarded


async def _schema(request: Request) -> tuple[str, str]:
    sent = await request.json()
    text, kind = str(sent["schema"]), str(sent.get("schemaType", "AVRO"))
    normal(text, kind)
    return text, kind


def _differences(held: FakeRegistry, subject: str, text: str, kind: str) -> list[str]:
    """Return why readers of the new schema of `subject` could not read what the last one wrote."""
    match kind:
        case "AVRO":
            old = held.latest(subject)
            new = json.loads(text)
            return _incompatibilities(old, new) if isinstance(new, dict) else []
        case "JSON":
            return _missing_properties(held.latest(subject), json.loads(text))
        case _:
            return []


def _missing_properties(old: dict[str, Any] | None, new: dict[str, Any]) -> list[str]:
    """Return what Confluent's registry says of properties that a closed JSON Schema lost."""
    gone = set((old or {}).get("properties", {})) - set(new.get("properties", {}))
    return [
        '{errorType:"PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", description:"The new schema has '
        "a closed content model and is missing a property or item present at path "
        f"'#/properties/{name}' in the old schema\"}}"
        for name in sorted(gone)
    ]


def _incompatibilities(old: dict[str, Any] | None, new: dict[str, Any]) -> list[str]:
    """Return what Confluent's registry says of a record that readers of `new` cannot read."""
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
