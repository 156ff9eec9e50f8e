"""The SQL generator: its declaration, the Avro type of an expression, and the column that evaluates it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import pyarrow as pa
import pyarrow.types as at_
from pydantic import Field

from gerador.avro.arrow_types import arrow_type
from gerador.avro.paths import field_paths
from gerador.errors import DataError, SettingError
from gerador.values.casting import ValueCast, value_cast
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import ALL_TYPES, ValueGenerator
from gerador.values.dictionaries import decode_dictionaries, decoded_type
from gerador.values.field_references import visible_names
from gerador.values.sql.connection import SqlError, evaluate, sql_type_of
from gerador.values.sql.expressions import referenced_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gerador.values.column import Block, BuildContext, ColumnTarget, FieldReference


_QUOTED_TEXT: Final = re.compile(r"'(?:[^']|'')*'")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class SqlGenerator(ValueGenerator):
    """A DuckDB expression over other fields of the row: ``"preco * quantidade"``.

    Its type is what DuckDB says of the expression over the types of the fields it names.
    """

    suits: ClassVar[frozenset[str]] = ALL_TYPES - {"null"}
    reads: ClassVar[frozenset[str]] = ALL_TYPES - {"union"}
    main: ClassVar[str | None] = "text"
    kind: Literal["sql"] = "sql"
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    """The expression: fields by name, DuckDB's functions, no tables."""

    def mentions(self, known: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield the known names that stand in the expression as words, outside of texts."""
        words = set(_IDENTIFIER.findall(_QUOTED_TEXT.sub("", self.text)))
        yield from (("text", name) for name in sorted(known) if name in words)


_PLACEHOLDER_COLUMN: Final = "~row"
"""Stands in for the columns of an expression that reads none: tables need one."""


@dataclass(frozen=True, slots=True)
class SqlColumn(BaseColumn):
    """The values of an expression over other fields."""

    text: str
    reads: Mapping[str, FieldReference]
    accept: ValueCast

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) values.

        Raises DataError: what cannot be computed, a null where none may be, a value that the type
        does not hold. Cost: O(items), and about a millisecond.
        """
        read = {name: to_sql_values(other.values(block, at)) for name, other in self.reads.items()}
        columns = pa.table(read or {_PLACEHOLDER_COLUMN: pa.nulls(len(at))})
        try:
            values = evaluate(self.text, columns)
        except SqlError as e:
            first = block.first_row + int(at[0]) if len(at) else block.first_row
            raise DataError(f"field {self.path!r}, from row {first} on: sql: {e}") from e
        return self.accept(values, block, at)


def to_sql_values(values: pa.Array) -> pa.Array:
    """Return values as expressions see them: see `to_sql_type`."""
    return decode_dictionaries(values, decoded_type(values.type)).cast(to_sql_type(values.type))


def to_sql_type(arrow_type: pa.DataType) -> pa.DataType:
    """Return the Arrow type by which expressions see a field.

    Instants are in UTC without saying so. Nothing is a dictionary: DuckDB 1.5 writes into memory
    that is not its own where one with nulls stands inside a list.
    """
    if at_.is_timestamp(arrow_type) and arrow_type.tz is not None:
        return pa.timestamp(arrow_type.unit)
    return decoded_type(arrow_type)


def sql_avro_type(text: str, schema: pa.Schema) -> Any:
    """Return the Avro type (JSON) of an expression over columns of an Arrow schema.

    Nullable where a field is that it reads. No rows are needed.

    Raises ValueError: an expression that cannot be, or whose type Avro does not have; one line.
    """
    names = referenced_fields(text, schema.names)
    fields = [schema.field(name) for name in names] or [pa.field(_PLACEHOLDER_COLUMN, pa.null())]
    seen = pa.schema([field.with_type(to_sql_type(field.type)) for field in fields])
    made = avro_type_of_sql(sql_type_of(text, seen), text)
    return ["null", made] if any(field.nullable for field in fields if names) else made


def sql_column(making: BuildContext, place: ColumnTarget, declared: SqlGenerator) -> SqlColumn:
    """Return the column of an expression.

    Raises SettingError: an expression that cannot be.
    """
    known = visible_names(place.path, dict(field_paths(making.root)))
    try:
        names = referenced_fields(declared.text, known)
        reads = {name: making.reference(place.path, name) for name in names}
        types = {n: to_sql_type(arrow_type(making.type_of(r))) for n, r in reads.items()}
        sql_type_of(declared.text, pa.schema(types or {_PLACEHOLDER_COLUMN: pa.null()}))
    except SqlError as e:
        raise SettingError(f"field {place.path!r}: sql {declared.text!r}: {e}") from e
    return SqlColumn(place.path, place.type, declared.text, reads, value_cast(making, place))


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
"""Sums of whole numbers are 128 bits wide in DuckDB and are expected to fit 64."""


def avro_type_of_sql(kind: Any, text: str) -> Any:
    """Return the Avro type (JSON) of a DuckDB type that the expression `text` has.

    Records are named after the expression and where they stand in it.

    Raises ValueError: Avro has no such type; says the way out.
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
        raise ValueError("several values without names; give one, or names: {'a': …, 'b': …}")
    raise ValueError(f"an expression of type {kind} has no Avro type; cast it, such as …::VARCHAR")


def _child_type(kind: Any, number: int) -> Any:
    return kind.children[number][1]
