"""Which stream a name or a schema means: the built-in one, or any Avro schema's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from gerador.errors import SchemaError, SettingError, did_you_mean
from gerador.limits import GENERATION_ROWS
from gerador.scenario.annotations import with_annotations
from gerador.scenario.avro import avro_of, load_avro
from gerador.scenario.fields import (
    EventTimeField,
    FakerField,
    FieldSpec,
    GenerationIdField,
    UniformField,
)
from gerador.scenario.model import StreamSpec
from gerador.scenario.output import Output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.scenario.avro import AvroSchema, SchemaSource

DEFAULT_STREAM: Final = "registros"
STREAMS: Final = (DEFAULT_STREAM,)
DEFAULT_SCHEMA_FILE: Final = "registro.avsc"

REGISTRO_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "nome": FakerField(provider="name"),
    "idade": UniformField(min=18, max=80),
    "salario": UniformField(min=1_000, max=15_000, decimals=2),
    "cidade": FakerField(provider="city"),
    "cargo": FakerField(provider="job"),
    "timestamp": EventTimeField(),
    "geracao_id": GenerationIdField(),
}


def schema_file(name: str) -> Path:
    """Return the path of one of the schemas that come with the package.

    They stand in ``schemas/`` at the top of a checkout, and inside the package once installed.

    Raises SchemaError: in neither place.
    """
    for folder in _schema_folders():
        if (folder / name).is_file():
            return folder / name
    raise SchemaError(f"{name}: not among the packaged schemas; install the package again")


def is_packaged(name: str) -> bool:
    """Tell whether a schema of this file name comes with the package."""
    return any(name in {path.name for path in folder.glob("*.av*")} for folder in _schema_folders())


def _schema_folders() -> tuple[Path, Path]:
    package = Path(__file__).resolve().parents[1]
    return package / "schemas", package.parents[1] / "schemas"


def spec_for(
    name: str | None = None,
    schema: SchemaSource | None = None,
    *,
    topic: str | None = None,
    generation_rows: int = GENERATION_ROWS,
    key: str | None = None,
    fields: Mapping[str, FieldSpec] | None = None,
    output: Output | None = None,
) -> StreamSpec:
    """Return the declaration of a built-in stream, or of the stream of `schema`.

    With `schema`, `name` is what its stream is called; the topic is named after the stream
    unless another one is given.

    Raises SettingError: an unknown name or a declaration that does not fit. SchemaError: as
    `avro_of`.
    """
    if schema is None and name not in (None, *STREAMS):
        known, hint = ", ".join(STREAMS), did_you_mean(str(name), STREAMS)
        raise SettingError(f"no stream {name!r}{hint}; name one of {known}, or give a schema")
    if schema is None:
        return default_stream(
            topic=topic, generation_rows=generation_rows, key=key, fields=fields, output=output
        )
    return spec_of(
        avro_of(schema),
        name=name,
        topic=topic,
        generation_rows=generation_rows,
        key=key,
        fields=fields,
        output=output,
    )


def default_stream(
    *,
    topic: str | None = None,
    generation_rows: int = GENERATION_ROWS,
    key: str | None = None,
    fields: Mapping[str, FieldSpec] | None = None,
    output: Output | None = None,
) -> StreamSpec:
    """Return the built-in stream `registros`: synthetic people of Brazil.

    `fields` replaces single declarations.

    Raises SchemaError: the packaged schema is missing. SettingError: a value that does not fit.
    """
    return StreamSpec(
        name=DEFAULT_STREAM,
        topic=topic or DEFAULT_STREAM,
        schema=load_avro(schema_file(DEFAULT_SCHEMA_FILE)),
        fields={**REGISTRO_FIELDS, **(fields or {})},
        generation_rows=generation_rows,
        key=key,
        output=output or Output(),
    )


def spec_of(
    schema: AvroSchema,
    *,
    name: str | None = None,
    topic: str | None = None,
    generation_rows: int = GENERATION_ROWS,
    key: str | None = None,
    fields: Mapping[str, FieldSpec] | None = None,
    output: Output | None = None,
) -> StreamSpec:
    """Return a stream for any Avro record schema; what `fields` does not name is by type.

    The stream is named after the record (without its namespace) unless `name` is given, and its
    topic after the stream. Annotations of the schema (`scenario.annotations`) declare fields as
    well; `fields` win.

    Raises SchemaError: an annotation that cannot be understood. SettingError: a declaration that
    does not fit the schema.
    """
    named = name or schema.name.rpartition(".")[2]
    return StreamSpec(
        name=named,
        topic=topic or named,
        schema=schema,
        fields=with_annotations(schema, fields or {}),
        generation_rows=generation_rows,
        key=key,
        output=output or Output(),
    )
