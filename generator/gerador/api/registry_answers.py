"""How the registry routes answer: Confluent's content type, its errors, its JSON shapes.

Source: Confluent Schema Registry API reference, sections "Errors", "Schemas" and "Subjects".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

    from gerador.delivery.local_registry import RegisteredSchema
    from gerador.encoding.schemas import RegistrySchema

REGISTRY_CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"
NO_REGISTRY: Final = 40400
NO_SUBJECT: Final = 40401
NO_VERSION: Final = 40402
NO_SCHEMA: Final = 40403
INVALID_SCHEMA: Final = 42201
INVALID_VERSION: Final = 42202
READ_ONLY: Final = 42205


class RegistryRefusal(Exception):
    """A request that the registry refuses. The HTTP status is the code's first three digits."""

    def __init__(self, error_code: int, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code


class RegistryProblem(BaseModel):
    """Why a registry request was refused, as Confluent's clients read it."""

    error_code: Annotated[int, Field(description="HTTP status and two digits more.")]
    message: Annotated[str, Field(description="One line that names the value.")]
    detail: Annotated[str, Field(description="The same, where the rest of this API has it.")]


class SchemaText(BaseModel):
    """A schema as text."""

    model_config = {"json_schema_extra": {"example": {"schema": '{"type":"record", …}'}}}

    schema_: Annotated[str, Field(alias="schema", description="The schema's text.")]
    schemaType: Annotated[  # noqa: N815 - its name there
        str | None, Field(description="JSON or PROTOBUF; absent for AVRO.")
    ] = None


class SchemaVersion(SchemaText):
    """A schema under its subject."""

    subject: Annotated[str, Field(description="Topic and -value or -key, or the record's name.")]
    version: Annotated[int, Field(description="Counted from 1 within the subject.")]
    id: Annotated[int, Field(description="What stands in front of every datum.")]


class RegistryJSON(JSONResponse):
    """JSON under the registry's content type."""

    media_type = REGISTRY_CONTENT_TYPE


def answer_refusals(app: FastAPI) -> None:
    """Make every `RegistryRefusal` a `RegistryProblem`."""
    app.add_exception_handler(RegistryRefusal, _refused)


async def _refused(_request: Request, error: Exception) -> RegistryJSON:
    assert isinstance(error, RegistryRefusal)  # noqa: S101 - what it is registered for
    code, message = error.error_code, str(error)
    body = {"error_code": code, "message": message, "detail": message}
    return RegistryJSON(body, code // 100)


def schema_json(schema: RegistrySchema, *, serialized: bool = False) -> dict[str, object]:
    """Return a schema as the registry shows it; `schemaType` is left out for Avro, as there.

    `serialized` asks for a Protobuf schema as its FileDescriptorProto in base64.
    """
    text = schema.serialized if serialized and schema.serialized else schema.text
    kind = {} if schema.kind == "AVRO" else {"schemaType": schema.kind}
    return {"schema": text, **kind}


def version_json(version: RegisteredSchema, *, serialized: bool = False) -> dict[str, object]:
    """Return a version as the registry shows it."""
    return {
        "subject": version.subject,
        "version": version.version,
        "id": version.id,
        **schema_json(version.schema, serialized=serialized),
    }


def place_json(version: RegisteredSchema) -> dict[str, object]:
    """Return where a schema stands: its subject and version."""
    return {"subject": version.subject, "version": version.version}
