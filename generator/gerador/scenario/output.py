"""Output format of a stream: value and key format, subject naming strategy, record headers; and their validation against the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from gerador.avro.schema import Enum, Fixed, Primitive, Union, type_label
from gerador.errors import SettingError, did_you_mean

if TYPE_CHECKING:
    from gerador.avro.schema import AvroType, Record


ValueFormat: TypeAlias = Literal["avro", "avro-raw", "json", "json-schema", "protobuf"]
KeyFormat: TypeAlias = Literal["string", "avro", "json", "json-schema", "protobuf"]
SubjectStrategy: TypeAlias = Literal["topic", "record", "topic-record"]

SCHEMA_ID_FORMATS: Final = frozenset({"avro", "json-schema", "protobuf"})
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


ROW_INDEX_HEADER: Final = "row_index"
"""The word for the row's index, in decimal digits; as a constant it is {constant: row_index}."""


def _read_header(value: Any) -> Any:
    """Refuse what is no source of a header. Raises ValueError: says what is one."""
    if isinstance(value, str | ConstantHeader | FieldHeader) or _header_tag(value) is not None:
        return value
    raise ValueError(
        f"{value!r} is no header; write row_index, a text, {{field: name}} or {{constant: text}}"
    )


def _header_tag(value: Any) -> str | None:
    if isinstance(value, str):
        return "text"
    keys = value if isinstance(value, dict) else getattr(type(value), "model_fields", ())
    return next((word for word in ("constant", "field") if word in keys), None)


HeaderSource: TypeAlias = Annotated[
    Annotated[ConstantHeader, Tag("constant")]
    | Annotated[FieldHeader, Tag("field")]
    | Annotated[str, Tag("text")],
    Discriminator(_header_tag),
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


TEXT_TYPES: Final = frozenset({"string", "int", "long", "bytes"})
"""Primitive types whose values have one agreed text, or are bytes themselves."""


def check_output(where: str, sent: Record, output: Output, key: str | None) -> None:
    """Refuse headers and a key format that do not fit the record `sent` and its key field.

    Raises SettingError: one line that begins with `where`; it names the header or the format.
    """
    if key is None and output.key_format != "string":
        raise SettingError(
            f"{where}: key_format {output.key_format!r} without a key; name the key's field, or "
            "leave key_format out"
        )
    types = {f.name: f.type for f in sent.fields}
    if key in types and output.key_format == "string" and not has_text_form(types[key]):
        raise SettingError(
            f"{where}: key field {key!r} is {type_label(types[key])!r}, which has no agreed text; "
            "choose another field, or set key_format"
        )
    for name, source in output.headers.items():
        if isinstance(source, FieldHeader):
            _check_header_field(f"{where}: header {name!r}", source.field, types)


def has_text_form(avro_type: AvroType) -> bool:
    """Tell whether a value of the type, where it is not null, is text, whole number or bytes."""
    match avro_type:
        case Union() if avro_type.null_branch is not None:
            return has_text_form(avro_type.value)
        case Primitive(logical=logical) | Fixed(logical=logical):
            text = isinstance(avro_type, Fixed) or avro_type.name in TEXT_TYPES
            return text and (logical is None or logical.name == "uuid")
        case _:
            return isinstance(avro_type, Enum)


def _check_header_field(where: str, field: str, types: dict[str, AvroType]) -> None:
    if field not in types:
        raise SettingError(f"{where}: no field {field!r}{did_you_mean(field, types)}")
    if not has_text_form(types[field]):
        raise SettingError(
            f"{where}: field {field!r} is {type_label(types[field])!r}; "
            "a header is made of text, uuid, an enum, whole numbers or bytes"
        )
