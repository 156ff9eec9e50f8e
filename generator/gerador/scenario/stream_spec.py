"""The declaration of one stream, the built-in stream ``registros``, and the stream of any Avro schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gerador.avro.load import load_avro, to_avro_schema
from gerador.avro.schema import Record
from gerador.errors import SettingError, did_you_mean
from gerador.limits import GENERATION_ROWS
from gerador.scenario.annotations.fields import with_annotations
from gerador.scenario.field_validation import (
    check_fields,
    check_generation_rows,
    check_key,
    check_unique,
)
from gerador.scenario.gallery import DEFAULT_SCHEMA_FILE, packaged_schema_path
from gerador.scenario.output import Output, check_output
from gerador.values.date_time import EventTimeGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.faker_pool import FakerGenerator
from gerador.values.references import ReferenceGenerator
from gerador.values.uuids import GenerationIdGenerator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.avro.load import SchemaSource
    from gerador.avro.schema import AvroSchema, Field
    from gerador.values import AnyGenerator


def _no_fields() -> Mapping[str, AnyGenerator]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSpec:
    """A stream: an infinite table of rows under one Avro schema, feeding one topic.

    Attributes:
        name: the stream's name; part of what addresses its randomness.
        topic: the Kafka topic that it feeds.
        schema: the Avro record schema of its rows.
        fields: declarations by field path (``a.b``, ``a[]`` an array's items, ``a{}`` a map's
            values); a path that is not named gets the default of its type.
        generation_rows: rows that share a generation.
        hidden: fields that rows have for others to be made of, and that are not sent.
        rows: rows that it sends in all; None for an endless stream.
        key: the top-level field whose value is the Kafka key; None for records without a key.
        output: the format of value and key, subjects, headers.
    """

    name: str
    topic: str
    schema: AvroSchema
    fields: Mapping[str, AnyGenerator] = field(default_factory=_no_fields)
    generation_rows: int = GENERATION_ROWS
    key: str | None = None
    output: Output = field(default_factory=Output)
    hidden: tuple[Field, ...] = ()
    rows: int | None = None

    def __post_init__(self) -> None:
        """Refuse declarations that do not fit the schema.

        Raises SettingError: names the path, and the nearest path that exists.
        """
        where = f"stream {self.name!r}"
        check_generation_rows(where, self.generation_rows)
        check_fields(where, self.row, self.fields)
        check_unique(where, self.row, self.fields, self.rows)
        check_key(where, self.schema.root, self.key)
        check_output(where, self.schema.root, self.output, self.key)

    @property
    def row(self) -> Record:
        """All that a row has: its hidden fields, then those of the schema."""
        root = self.schema.root
        return Record(root.name, (*self.hidden, *root.fields), root.attributes)


def lookups_of(spec: StreamSpec) -> list[tuple[str, ReferenceGenerator]]:
    """Return the fields of a stream that look at others, by path."""
    return [(p, d) for p, d in spec.fields.items() if isinstance(d, ReferenceGenerator)]


DEFAULT_STREAM: Final = "registros"
BUILTIN_STREAMS: Final = (DEFAULT_STREAM,)
REGISTRO_FIELDS: Final[Mapping[str, AnyGenerator]] = {
    "nome": FakerGenerator(provider="name"),
    "idade": UniformDistribution(min=18, max=80),
    "salario": UniformDistribution(min=1_000, max=15_000, decimals=2),
    "cidade": FakerGenerator(provider="city"),
    "cargo": FakerGenerator(provider="job"),
    "timestamp": EventTimeGenerator(),
    "geracao_id": GenerationIdGenerator(),
}


def spec_for(
    name: str | None = None,
    schema: SchemaSource | None = None,
    *,
    topic: str | None = None,
    generation_rows: int = GENERATION_ROWS,
    key: str | None = None,
    fields: Mapping[str, AnyGenerator] | None = None,
    output: Output | None = None,
) -> StreamSpec:
    """Return the declaration of a built-in stream, or of the stream of `schema`.

    With `schema`, `name` is what its stream is called; the topic is named after the stream
    unless another one is given.

    Raises SettingError: an unknown name or a declaration that does not fit. SchemaError: as
    `to_avro_schema`.
    """
    if schema is None and name not in (None, *BUILTIN_STREAMS):
        known, hint = ", ".join(BUILTIN_STREAMS), did_you_mean(str(name), BUILTIN_STREAMS)
        raise SettingError(f"no stream {name!r}{hint}; name one of {known}, or give a schema")
    if schema is None:
        return default_stream(
            topic=topic, generation_rows=generation_rows, key=key, fields=fields, output=output
        )
    return spec_from_schema(
        to_avro_schema(schema),
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
    fields: Mapping[str, AnyGenerator] | None = None,
    output: Output | None = None,
) -> StreamSpec:
    """Return the built-in stream `registros`: synthetic people of Brazil.

    `fields` replaces single declarations.

    Raises SchemaError: the packaged schema is missing. SettingError: a value that does not fit.
    """
    return StreamSpec(
        name=DEFAULT_STREAM,
        topic=topic or DEFAULT_STREAM,
        schema=load_avro(packaged_schema_path(DEFAULT_SCHEMA_FILE)),
        fields={**REGISTRO_FIELDS, **(fields or {})},
        generation_rows=generation_rows,
        key=key,
        output=output or Output(),
    )


def spec_from_schema(
    schema: AvroSchema,
    *,
    name: str | None = None,
    topic: str | None = None,
    generation_rows: int = GENERATION_ROWS,
    key: str | None = None,
    fields: Mapping[str, AnyGenerator] | None = None,
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
