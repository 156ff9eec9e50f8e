"""Whether an output fits a stream: its headers' fields are there and make text, its key too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.errors import SettingError, did_you_mean
from gerador.scenario.avro import Enum, Fixed, Primitive, Union
from gerador.scenario.kinds import told
from gerador.scenario.output import FieldHeader

if TYPE_CHECKING:
    from gerador.scenario.avro import AvroType, Record
    from gerador.scenario.output import Output

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
    if key in types and output.key_format == "string" and not makes_text(types[key]):
        raise SettingError(
            f"{where}: key field {key!r} is {told(types[key])!r}, which has no agreed text; "
            "choose another field, or set key_format"
        )
    for name, source in output.headers.items():
        if isinstance(source, FieldHeader):
            _check_header(f"{where}: header {name!r}", source.field, types)


def makes_text(avro_type: AvroType) -> bool:
    """Tell whether a value of the type, where it is not null, is text, whole number or bytes."""
    match avro_type:
        case Union() if avro_type.null_branch is not None:
            return makes_text(avro_type.value)
        case Primitive(logical=logical) | Fixed(logical=logical):
            text = isinstance(avro_type, Fixed) or avro_type.name in TEXT_TYPES
            return text and (logical is None or logical.name == "uuid")
        case _:
            return isinstance(avro_type, Enum)


def _check_header(where: str, field: str, types: dict[str, AvroType]) -> None:
    if field not in types:
        raise SettingError(f"{where}: no field {field!r}{did_you_mean(field, types)}")
    if not makes_text(types[field]):
        raise SettingError(
            f"{where}: field {field!r} is {told(types[field])!r}; "
            "a header is made of text, uuid, an enum, whole numbers or bytes"
        )
