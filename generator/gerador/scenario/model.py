"""What is declared about a stream: its schema, its topic, and how its fields get their values."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from gerador.limits import GENERATION_ROWS
from gerador.scenario.avro import Record
from gerador.scenario.fit import check_fields, check_generation, check_key
from gerador.scenario.output import Output
from gerador.scenario.output_fit import check_output
from gerador.scenario.unique import check_unique

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.scenario.avro import AvroSchema, Field
    from gerador.scenario.fields import FieldSpec


def _no_fields() -> Mapping[str, FieldSpec]:
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
    fields: Mapping[str, FieldSpec] = field(default_factory=_no_fields)
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
        check_generation(where, self.generation_rows)
        check_fields(where, self.row, self.fields)
        check_unique(where, self.row, self.fields, self.rows)
        check_key(where, self.schema.root, self.key)
        check_output(where, self.schema.root, self.output, self.key)

    @property
    def row(self) -> Record:
        """All that a row has: its hidden fields, then those of the schema."""
        root = self.schema.root
        return Record(root.name, (*self.hidden, *root.fields), root.attributes)
