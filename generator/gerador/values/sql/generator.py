"""The SQL generator: a DuckDB expression over other fields of the row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import pyarrow as pa
import pyarrow.types as pa_types
from pydantic import Field

from gerador.avro.arrow_types import arrow_type
from gerador.avro.paths import field_paths
from gerador.errors import DataError, SettingError
from gerador.values.arrow_dictionaries import decode_dictionaries, decoded_type
from gerador.values.casting import ValueCast, value_cast
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import ALL_TYPES, ValueGenerator
from gerador.values.field_references import visible_names
from gerador.values.sql.connection import SqlError, evaluate, sql_type_of
from gerador.values.sql.expressions import referenced_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gerador.values.column import Block, BuildContext, ColumnTarget, FieldReference


_QUOTED_TEXT: Final = re.compile(r"'(?:[^']|'')*'")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class SqlGenerator(ValueGenerator):
    """A DuckDB expression over other fields of the row: ``"price * quantity"``.

    DuckDB infers the type from the types of the fields.
    """

    types: ClassVar[frozenset[str]] = ALL_TYPES - {"null"}
    referenced_types: ClassVar[frozenset[str]] = ALL_TYPES - {"union"}
    main_parameter: ClassVar[str | None] = "text"
    kind: Literal["sql"] = "sql"
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    """The expression: names of fields and DuckDB's functions, no tables."""

    def references(self, known: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield the known names that occur in the expression outside of quoted text."""
        words = set(_IDENTIFIER.findall(_QUOTED_TEXT.sub("", self.text)))
        yield from (("text", name) for name in sorted(known) if name in words)

    def column(self, context: BuildContext, target: ColumnTarget) -> SqlColumn:
        """Return the column of the expression. Raises SettingError: an invalid expression."""
        known = visible_names(target.path, dict(field_paths(context.record)))
        try:
            names = referenced_fields(self.text, known)
            reads = {name: context.reference(target.path, name) for name in names}
            types = {n: to_sql_type(arrow_type(context.type_of(r))) for n, r in reads.items()}
            sql_type_of(self.text, pa.schema(types or {_PLACEHOLDER_COLUMN: pa.null()}))
        except SqlError as e:
            raise SettingError(f"field {target.path!r}: sql {self.text!r}: {e}") from e
        return SqlColumn(target.path, target.type, self.text, reads, value_cast(context, target))


_PLACEHOLDER_COLUMN: Final = "~row"
"""Column of the table for an expression that reads no fields: a table needs one."""


@dataclass(frozen=True, slots=True)
class SqlColumn(BaseColumn):
    """The values of an expression over other fields."""

    text: str
    reads: Mapping[str, FieldReference]
    accept: ValueCast

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) values.

        Raises DataError: a failed expression, a null in a field that is not nullable, or a value
        that the type does not hold. Cost: O(items) plus about 1 ms.
        """
        read = {
            name: to_sql_values(other.values(block, positions))
            for name, other in self.reads.items()
        }
        columns = pa.table(read or {_PLACEHOLDER_COLUMN: pa.nulls(len(positions))})
        try:
            values = evaluate(self.text, columns)
        except SqlError as e:
            first = block.first_row + int(positions[0]) if len(positions) else block.first_row
            raise DataError(f"field {self.path!r}, from row {first} on: sql: {e}") from e
        return self.accept(values, block, positions)


def to_sql_values(values: pa.Array) -> pa.Array:
    """Return values as expressions read them, of type `to_sql_type`."""
    return decode_dictionaries(values, decoded_type(values.type)).cast(to_sql_type(values.type))


def to_sql_type(arrow_type: pa.DataType) -> pa.DataType:
    """Return the Arrow type with which expressions read a field.

    Timestamps have no time zone. Dictionaries are decoded: DuckDB 1.5 writes out of bounds for
    dictionaries with nulls in lists.
    """
    if pa_types.is_timestamp(arrow_type) and arrow_type.tz is not None:
        return pa.timestamp(arrow_type.unit)
    return decoded_type(arrow_type)


def sql_avro_type(text: str, schema: pa.Schema) -> Any:
    """Return the Avro type (JSON) of an expression over columns of an Arrow schema.

    Nullable if a field that it reads is nullable.

    Raises ValueError: an invalid expression, or one whose type Avro does not have; one line.
    """
    names = referenced_fields(text, schema.names)
    fields = [schema.field(name) for name in names] or [pa.field(_PLACEHOLDER_COLUMN, pa.null())]
    read = pa.schema([field.with_type(to_sql_type(field.type)) for field in fields])
    avro_type = avro_type_of_sql(sql_type_of(text, read), text)
    return ["null", avro_type] if any(field.nullable for field in fields if names) else avro_type


_SCALAR_TYPES: Final[dict[str, Any]] = {
    "boolean": "boolean",
    "tinyint": "int", "smallint": "int", "integer": "int", "utinyint": "int", "usmallint": "int",
    "bigint": "long", "uinteger": "long", "hugeint": "long",
    "float": "float", "double": "double",
    "varchar": "string", "enum": "string",
    "blob": "bytes",
    "uuid": {"type": "string", "logicalType": "uuid"},
    "date": {"type": "int", "logicalType": "date"},
    "time": {"type": "long", "logicalType": "time-micros"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros"},
    "timestamp with time zone": {"type": "long", "logicalType": "timestamp-micros"},
    "timestamp_s": {"type": "long", "logicalType": "timestamp-millis"},
    "timestamp_ms": {"type": "long", "logicalType": "timestamp-millis"},
    "timestamp_ns": {"type": "long", "logicalType": "timestamp-nanos"},
}  # fmt: skip
"""Sums of integers are 128 bits wide in DuckDB; they are expected to fit 64 bits."""


def avro_type_of_sql(kind: Any, text: str) -> Any:
    """Return the Avro type (JSON) of the DuckDB type of the expression `text`.

    Records are named by a hash of the expression and their path in the type.

    Raises ValueError: Avro has no such type.
    """
    return _convert_type(kind, f"Sql{blake2b(text.encode(), digest_size=4).hexdigest()}")


def _convert_type(kind: Any, name: str) -> Any:
    word = str(kind.id)
    if word in _SCALAR_TYPES:
        return _SCALAR_TYPES[word]
    if word == "decimal":
        digits = dict(kind.children)
        return {"type": "bytes", "logicalType": "decimal", **digits}
    if word in ("list", "array"):
        return {"type": "array", "items": _convert_type(_child_type(kind, 0), name)}
    if word == "map" and str(_child_type(kind, 0).id) == "varchar":
        return {"type": "map", "values": _convert_type(_child_type(kind, 1), name)}
    if word == "struct" and all(n for n, _ in kind.children):
        fields = [{"name": n, "type": _convert_type(k, f"{name}_{n}")} for n, k in kind.children]
        return {"type": "record", "name": name, "fields": fields}
    if word == "struct":
        raise ValueError("a struct without field names; give one value, or names: {'a': …, 'b': …}")
    raise ValueError(f"DuckDB type {kind} has no Avro type; cast it, for example …::VARCHAR")


def _child_type(kind: Any, number: int) -> Any:
    return kind.children[number][1]
