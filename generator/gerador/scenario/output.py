"""How a stream's rows are written: the format of value and key, subjects, headers.

Declares only; whether it fits a stream's schema is judged by `output_fit.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

ValueFormat: TypeAlias = Literal["avro", "avro-raw", "json", "json-schema", "protobuf"]
KeyFormat: TypeAlias = Literal["string", "avro", "json", "json-schema", "protobuf"]
SubjectStrategy: TypeAlias = Literal["topic", "record", "topic-record"]

FRAMED: Final = frozenset({"avro", "json-schema", "protobuf"})
"""Formats with the id of a schema before each value, as Confluent's deserializers read it."""
HEADERS_MAX: Final = 64

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", strict=True)


class ConstantHeader(BaseModel):
    """The same text in every record."""

    model_config = _STRICT

    constant: str
    """The text."""


class FieldHeader(BaseModel):
    """A field's value as text, as a key of format ``string`` has it; null where it is null."""

    model_config = _STRICT

    field: str
    """A top-level field of text, uuid, enum, whole numbers or bytes."""


ROW_INDEX: Final = "row_index"
"""The word for the row's index, in decimal digits; as a constant it is {constant: row_index}."""


def _read_header(value: Any) -> Any:
    """Refuse what is no source of a header. Raises ValueError: says what is one."""
    if isinstance(value, str | ConstantHeader | FieldHeader) or _which(value) is not None:
        return value
    raise ValueError(
        f"{value!r} is no header; write row_index, a text, {{field: name}} or {{constant: text}}"
    )


def _which(value: Any) -> str | None:
    if isinstance(value, str):
        return "text"
    keys = value if isinstance(value, dict) else getattr(type(value), "model_fields", ())
    return next((word for word in ("constant", "field") if word in keys), None)


HeaderSource: TypeAlias = Annotated[
    Annotated[ConstantHeader, Tag("constant")]
    | Annotated[FieldHeader, Tag("field")]
    | Annotated[str, Tag("text")],
    Discriminator(_which),
    BeforeValidator(_read_header),
]
"""``row_index``, a field, or a constant text."""


class Output(BaseModel):
    """How a stream's rows are written to its topic."""

    model_config = _STRICT

    format: ValueFormat = "avro"
    """The values': avro, json-schema and protobuf with Confluent's framing; avro-raw and json
    without."""
    key_format: KeyFormat = "string"
    """The keys': string is the field's text; the others as for values."""
    subjects: SubjectStrategy = "topic"
    """Under which subject a schema is registered: topic, record or topic-record, which Confluent
    calls TopicNameStrategy, RecordNameStrategy and TopicRecordNameStrategy."""
    headers: Annotated[
        dict[Annotated[str, Field(min_length=1)], HeaderSource], Field(max_length=HEADERS_MAX)
    ] = Field(default_factory=dict)
    """Record headers by name: row_index, {field: name}, {constant: text}, or a text alone."""
