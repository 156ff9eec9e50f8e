"""Output format of a stream: value and key format, subject naming strategy, record headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from gerador.avro.schema import Enum, Fixed, Primitive, non_null_type, type_label
from gerador.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType, Record


ValueFormat: TypeAlias = Literal["avro", "avro-raw", "json", "json-schema", "protobuf"]
KeyFormat: TypeAlias = Literal["string", "avro", "json", "json-schema", "protobuf"]
SubjectStrategy: TypeAlias = Literal["topic", "record", "topic-record"]

SCHEMA_ID_FORMATS: Final = frozenset({"avro", "json-schema", "protobuf"})
"""Formats that prefix each value with a schema id, as Confluent's deserializers expect."""
HEADERS_MAX: Final = 64

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", strict=True)


class ConstantHeader(BaseModel):
    """The same text in every record."""

    model_config = _STRICT

    constant: str
    """The text."""


class FieldHeader(BaseModel):
    """A field's value in the text form of key format ``string``; null when the value is null."""

    model_config = _STRICT

    field: str
    """A top-level field, also of let: text, uuid, enum, whole numbers or bytes."""


ROW_INDEX_HEADER: Final = "row_index"
"""Header source for the row index in decimal digits; the text itself is {constant: row_index}."""


def _read_header(value: Any) -> Any:
    """Reject a value of another form than a header source. Raises ValueError."""
    if isinstance(value, str | ConstantHeader | FieldHeader) or _header_tag(value) is not None:
        return value
    raise ValueError(
        f"{value!r} is not a header; expected row_index, a text, {{field: name}} or "
        "{constant: text}"
    )


def _header_tag(value: Any) -> str | None:
    if isinstance(value, str):
        return "text"
    keys = value if isinstance(value, dict) else getattr(type(value), "model_fields", ())
    return next((key for key in ("constant", "field") if key in keys), None)


HeaderSource: TypeAlias = Annotated[
    Annotated[ConstantHeader, Tag("constant")]
    | Annotated[FieldHeader, Tag("field")]
    | Annotated[str, Tag("text")],
    Discriminator(_header_tag),
    BeforeValidator(_read_header),
]
"""``row_index``, a field, or a constant text."""


class Output(BaseModel):
    """How rows are encoded as records."""

    model_config = _STRICT

    format: ValueFormat = "avro"
    """Value format: avro, json-schema and protobuf with Confluent framing; avro-raw and json
    without."""
    key_format: KeyFormat = "string"
    """Key format: string is the field's text; the others as for values."""
    subject_name_strategy: SubjectStrategy = "topic"
    """Subject naming strategy of registered schemas: topic, record or topic-record (Confluent's
    TopicNameStrategy, RecordNameStrategy and TopicRecordNameStrategy)."""
    headers: Annotated[
        dict[Annotated[str, Field(min_length=1)], HeaderSource], Field(max_length=HEADERS_MAX)
    ] = Field(default_factory=dict)
    """Record headers by name: row_index, {field: name}, {constant: text}, or a text."""


TEXT_TYPES: Final = frozenset({"string", "int", "long", "bytes"})
"""Primitive types whose values have one standard text form, or are bytes."""


def output_errors(
    row: Record, output: Output, key: str | None
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the errors of the key format and the headers for a row, hidden fields included.

    Each has its location below the stream, such as ``("headers", name)``, and
    the message.
    """
    types = {f.name: f.type for f in row.fields}
    location = ("key_format",)
    if key is None and output.key_format != "string":
        text = f"key_format {output.key_format!r} requires a key; set topic.key, or remove it"
        yield location, text
    if key in types and output.key_format == "string" and not has_text_form(types[key]):
        label = type_label(types[key])
        text = f"key field {key!r} is {label!r}, which has no standard text form"
        yield ("topic", "key"), f"{text}; choose another field, or set key_format"
    for name, source in output.headers.items():
        if isinstance(source, FieldHeader) and (text := _header_error(source.field, types)):
            yield ("headers", name), text


def _header_error(field: str, types: dict[str, AvroType]) -> str:
    if field not in types:
        return f"unknown field {field!r}{did_you_mean(field, types)}"
    if not has_text_form(types[field]):
        return (
            f"field {field!r} is {type_label(types[field])!r}; "
            "choose a field of type string, uuid, enum, int, long, bytes or fixed"
        )
    return ""


def has_text_form(avro_type: AvroType) -> bool:
    """Return whether non-null values of the type are text, whole numbers or bytes."""
    match non_null_type(avro_type):
        case Primitive(name=name, logical=logical):
            return name in TEXT_TYPES and (logical is None or logical.name == "uuid")
        case Fixed(logical=logical):
            return logical is None or logical.name == "uuid"
        case other:
            return isinstance(other, Enum)
