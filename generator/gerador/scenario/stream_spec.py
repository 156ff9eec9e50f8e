"""The declaration of one stream: its schema, value generators, topic, key and output format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gerador.avro.load import load_avro, to_avro_schema
from gerador.avro.schema import AvroSchema, Record
from gerador.errors import SettingError, did_you_mean
from gerador.limits import GENERATION_ROWS, GENERATION_ROWS_MAX
from gerador.scenario.field_validation import field_errors, key_error, unique_errors
from gerador.scenario.gallery import DEFAULT_SCHEMA_FILE, packaged_schema_path
from gerador.scenario.output import FieldHeader, Output, output_errors
from gerador.scenario.schema_annotations.collect import with_annotations
from gerador.values.date_time import EventTimeGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.faker_pool import DEFAULT_LOCALE, FakerGenerator, with_locale
from gerador.values.references import ReferenceGenerator
from gerador.values.uuids import GenerationIdGenerator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.avro.load import SchemaSource
    from gerador.avro.schema import Field
    from gerador.errors import GeradorError
    from gerador.values.declaration import ValueGenerator


def _no_fields() -> Mapping[str, ValueGenerator]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSpec:
    """A stream: an infinite table of rows with one Avro schema, sent to one topic.

    Attributes:
        name: the stream's name; part of the address of its randomness.
        topic: the Kafka topic that it feeds.
        schema: the Avro record schema of its rows.
        fields: value generators by field path (``a.b``, ``a[]`` for an array's items, ``a{}`` for
            a map's values); other paths get the default of their type.
        generation_rows: rows that share a generation.
        hidden: fields that other fields and headers are computed from; not in the value.
        rows: total number of rows; None for an endless stream.
        locations: ``file:line: path`` of fields in the scenario file, by field path, for errors.
        key: the top-level field whose value is the record key; None for records without a key.
        output: format of value and key, subject naming strategy, headers.

    Raises SettingError: a value that does not fit the schema; names the path and the closest
    valid one.
    """

    name: str
    topic: str
    schema: AvroSchema
    fields: Mapping[str, ValueGenerator] = field(default_factory=_no_fields)
    generation_rows: int = GENERATION_ROWS
    key: str | None = None
    output: Output = field(default_factory=Output)
    hidden: tuple[Field, ...] = ()
    rows: int | None = None
    locations: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Validate the declaration against the schema."""
        for text in self._errors():
            raise SettingError(f"stream {self.name!r}: {text}")

    def _errors(self) -> Iterator[str]:
        """Yield validation errors; each check assumes that those before it passed."""
        if not 1 <= self.generation_rows <= GENERATION_ROWS_MAX:
            yield f"generation of {self.generation_rows} rows is outside [1, {GENERATION_ROWS_MAX}]"
        for path, _, text in field_errors(self.row, self.fields):
            yield f"field {path!r}: {text}" if path else text
        for path, _, text in unique_errors(self.row, self.fields, self.rows):
            yield f"field {path!r}: unique: {text}"
        if key_text := key_error(self.schema.root, self.key):
            yield f"key: {key_text}"
        for location, text in output_errors(self.row, self.output, self.key):
            yield f"header {location[1]!r}: {text}" if location[0] == "headers" else text

    def located(self, error: GeradorError) -> str:
        """Return the text of an error with the place of its field in the scenario file, if known.

        A field inside a declared one has the place of that.
        """
        path = error.field or ""
        around = [p for p in self.locations if re.match(rf"{re.escape(p)}([.\[{{<]|$)", path)]
        if not around:
            return f"stream {self.name!r}: {error}"
        return f"{self.locations[max(around, key=len)]}: {error}"

    @property
    def row(self) -> Record:
        """All fields of a row: the hidden ones, then those of the schema."""
        root = self.schema.root
        return Record(root.name, (*self.hidden, *root.fields), root.attributes)

    @property
    def hidden_header_fields(self) -> list[str]:
        """The hidden fields whose values are record headers."""
        read = {s.field for s in self.output.headers.values() if isinstance(s, FieldHeader)}
        return [field.name for field in self.hidden if field.name in read]

    @property
    def lookups(self) -> list[tuple[str, ReferenceGenerator]]:
        """The fields that reference another stream, by path."""
        return [(p, d) for p, d in self.fields.items() if isinstance(d, ReferenceGenerator)]


DEFAULT_STREAM: Final = "registros"
BUILTIN_LOCALE: Final = "pt_BR"
"""Locale of the built-in stream."""
REGISTRO_FIELDS: Final[Mapping[str, ValueGenerator]] = {
    "nome": FakerGenerator(provider="name"),
    "idade": UniformDistribution(min=18, max=80),
    "salario": UniformDistribution(min=1_000, max=15_000, decimals=2),
    "cidade": FakerGenerator(provider="city"),
    "cargo": FakerGenerator(provider="job"),
    "timestamp": EventTimeGenerator(),
    "geracao_id": GenerationIdGenerator(),
}
"""The fields of the built-in stream: synthetic people, of Brazil by default."""


def spec_for(
    name: str | None = None,
    schema: AvroSchema | SchemaSource | None = None,
    *,
    topic: str | None = None,
    generation_rows: int = GENERATION_ROWS,
    key: str | None = None,
    fields: Mapping[str, ValueGenerator] | None = None,
    output: Output | None = None,
    locale: str | None = None,
) -> StreamSpec:
    """Return the built-in stream `registros`, or the stream of `schema`.

    With `schema`, the stream is named `name`, by default after the record without its namespace,
    and the schema's `arg.properties` annotations declare fields too. `fields` override single
    declarations; all other fields get the default of their type. The topic is named after the
    stream by default. `locale` is that of Faker fields without one, by default BUILTIN_LOCALE of
    the built-in stream, else DEFAULT_LOCALE.

    Raises SettingError: an unknown name or a value that does not fit. SchemaError: as
    `to_avro_schema`, an invalid annotation, or the packaged schema is missing.
    """
    if schema is None:
        name = name or DEFAULT_STREAM
        if name != DEFAULT_STREAM:
            advice = f"the built-in stream is {DEFAULT_STREAM}; for another one, give its schema"
            raise SettingError(
                f"unknown stream {name!r}{did_you_mean(name, [DEFAULT_STREAM], advice)}"
            )
        schema = load_avro(packaged_schema_path(DEFAULT_SCHEMA_FILE))
        declared = {**REGISTRO_FIELDS, **(fields or {})}
        locale = locale or BUILTIN_LOCALE
    else:
        schema = schema if isinstance(schema, AvroSchema) else to_avro_schema(schema)
        name = name or schema.name.rpartition(".")[2]
        declared = with_annotations(schema, fields or {})
    return StreamSpec(
        name=name,
        topic=topic or name,
        schema=schema,
        fields=with_locale(declared, locale or DEFAULT_LOCALE),
        generation_rows=generation_rows,
        key=key,
        output=output or Output(),
    )
