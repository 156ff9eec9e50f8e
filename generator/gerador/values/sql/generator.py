"""The SQL generator: a DuckDB expression over other fields of the row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import pyarrow as pa
import pyarrow.types as pa_types
from pydantic import Field

from gerador.avro.arrow_types import arrow_schema, arrow_type
from gerador.avro.paths import field_paths
from gerador.avro.schema import type_category
from gerador.errors import DataError, SettingError
from gerador.values.arrow_dictionaries import decode_dictionaries, decoded_type
from gerador.values.casting import ValueCast, value_cast
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import ALL_TYPES, ValueGenerator
from gerador.values.field_references import visible_names
from gerador.values.sql.connection import SqlError, evaluate, sql_type_of
from gerador.values.sql.expressions import referenced_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gerador.avro.schema import AvroType, Record
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
            types = sql_types(self.text, {n: context.type_of(r) for n, r in reads.items()})
            found = sql_type_of(self.text, pa.schema(types or {_PLACEHOLDER_COLUMN: pa.null()}))
            _reject_unreadable(found)
        except ValueError as e:
            text = f"field {target.path!r}: sql {self.text!r}: {e}"
            raise SettingError(text, field=target.path) from e
        cast = value_cast(context, target)
        return SqlColumn(target.path, target.type, self.text, reads, types, cast)


_PLACEHOLDER_COLUMN: Final = "~row"
"""Column of the table for an expression that reads no fields: a table needs one."""


@dataclass(frozen=True, slots=True)
class SqlColumn(BaseColumn):
    """The values of an expression over other fields."""

    text: str
    reads: Mapping[str, FieldReference]
    types: Mapping[str, pa.DataType]
    accept: ValueCast

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) values.

        Raises DataError: a failed expression, a null in a field that is not nullable, or a value
        that the type does not hold. Cost: O(items) plus about 1 ms.
        """
        read = {
            name: to_sql_values(other.values(block, positions), self.types[name])
            for name, other in self.reads.items()
        }
        columns = pa.table(read or {_PLACEHOLDER_COLUMN: pa.nulls(len(positions))})
        try:
            values = evaluate(self.text, columns)
        except SqlError as e:
            first = block.first_row + int(positions[0]) if len(positions) else block.first_row
            text = f"field {self.path!r}, from row {first} on: sql: {e}"
            raise DataError(text, field=self.path) from e
        return self.accept(values, block, positions)


_ZONE: Final = re.compile(r"time\s*zone|timestamptz", re.IGNORECASE)
_INSTANT_NS: Final = pa.timestamp("ns", "UTC")
DECIMAL_DIGITS_MAX: Final = 38


def sql_types(text: str, types: Mapping[str, AvroType]) -> dict[str, pa.DataType]:
    """Return the Arrow types with which an expression reads fields of Avro types, by name.

    An instant is a TIMESTAMPTZ, which has microseconds. Instants of nanoseconds are a TIMESTAMP_NS
    in UTC, and exact, if the expression reads no other timestamps and names no time zone. A uuid on
    a fixed is a UUID. Dictionaries are decoded: DuckDB 1.5 writes out of bounds for dictionaries
    with nulls in lists.

    Raises SqlError: a decimal that DuckDB does not have.
    """
    arrow_types = {name: arrow_type(avro_type) for name, avro_type in types.items()}
    leaves = {name: list(_leaves(found)) for name, found in arrow_types.items()}
    for name, found in leaves.items():
        wide = next((t for t in found if pa_types.is_decimal256(t)), None)
        if wide is not None:
            raise SqlError(
                f"field {name!r} has decimals of {wide.precision} digits; "
                f"SQL has at most {DECIMAL_DIGITS_MAX}"
            )
    exact = _reads_exact_nanoseconds(text, (t for found in leaves.values() for t in found))
    return {
        name: pa.uuid()
        if type_category(types[name]) == "uuid on fixed"
        else _without_zone(decoded_type(found))
        if exact
        else decoded_type(found)
        for name, found in arrow_types.items()
    }


def _reads_exact_nanoseconds(text: str, types: Iterable[pa.DataType]) -> bool:
    timestamps = {t for t in types if pa_types.is_timestamp(t)}
    return timestamps == {_INSTANT_NS} and not _ZONE.search(_QUOTED_TEXT.sub("", text))


def _leaves(data_type: pa.DataType) -> Iterator[pa.DataType]:
    """Yield the types inside a type, or the type itself."""
    for i in range(data_type.num_fields):
        yield from _leaves(data_type.field(i).type)
    if not data_type.num_fields:
        yield data_type


def _without_zone(data_type: pa.DataType) -> pa.DataType:
    """Return a type with instants of nanoseconds as timestamps without a zone."""
    if data_type == _INSTANT_NS:
        return pa.timestamp("ns")
    if pa_types.is_struct(data_type):
        return pa.struct([f.with_type(_without_zone(f.type)) for f in data_type])
    if pa_types.is_map(data_type):
        item = data_type.item_field
        return pa.map_(data_type.key_type, item.with_type(_without_zone(item.type)))
    if pa_types.is_list(data_type):
        item = data_type.value_field
        return pa.list_(item.with_type(_without_zone(item.type)))
    return data_type


def to_sql_values(values: pa.Array, sql_type: pa.DataType) -> pa.Array:
    """Return values as expressions read them, of a type of `sql_types`."""
    decoded = decode_dictionaries(values, decoded_type(values.type))
    if sql_type == pa.uuid():
        return pa.ExtensionArray.from_storage(sql_type, decoded)
    return decoded if decoded.type == sql_type else decoded.cast(sql_type)


def sql_avro_type(text: str, record: Record) -> Any:
    """Return the Avro type (JSON) of an expression over the fields of a record.

    Nullable if a field that it reads is nullable.

    Raises ValueError: an invalid expression, or one whose type Avro does not have; one line.
    """
    names = referenced_fields(text, [field.name for field in record.fields])
    schema = arrow_schema(record)
    types = sql_types(text, {f.name: f.type for f in record.fields if f.name in names})
    read = pa.schema(types or {_PLACEHOLDER_COLUMN: pa.null()})
    leaves = (leaf for name in types for leaf in _leaves(schema.field(name).type))
    exact = _reads_exact_nanoseconds(text, leaves)
    avro_type = avro_type_of_sql(sql_type_of(text, read), text, instants=exact)
    return ["null", avro_type] if any(schema.field(n).nullable for n in names) else avro_type


_UNREADABLE: Final = {
    "time with time zone": "the offset would be lost",
    "bit": "Arrow has no such type",
    "bignum": "Arrow has no such type",
}
"""Types whose values reach Arrow in a form of DuckDB's own, and why they are rejected."""


def _reject_unreadable(kind: Any) -> None:
    """Raise SqlError if a type of DuckDB is or contains one of `_UNREADABLE`."""
    word = str(kind.id)
    if word in _UNREADABLE:
        raise SqlError(f"the value is {kind}: {_UNREADABLE[word]}; cast it, such as …::VARCHAR")
    if word in {"list", "array", "map", "struct", "union"}:
        for _, child in kind.children:
            if hasattr(child, "id"):
                _reject_unreadable(child)


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
    "time_ns": {"type": "long", "logicalType": "time-micros"},
    "timestamp with time zone": {"type": "long", "logicalType": "timestamp-micros"},
    "timestamp": {"type": "long", "logicalType": "local-timestamp-micros"},
    "timestamp_s": {"type": "long", "logicalType": "local-timestamp-millis"},
    "timestamp_ms": {"type": "long", "logicalType": "local-timestamp-millis"},
    "timestamp_ns": {"type": "long", "logicalType": "local-timestamp-nanos"},
}  # fmt: skip
"""Sums of integers are 128 bits wide in DuckDB; they are expected to fit 64 bits."""


def avro_type_of_sql(kind: Any, text: str, *, instants: bool = False) -> Any:
    """Return the Avro type (JSON) of the DuckDB type of the expression `text`.

    `instants`: timestamps without a zone are instants in UTC, not local timestamps. Records
    are named by a hash of the expression and their path in the type.

    Raises ValueError: Avro has no such type.
    """
    name = f"Sql{blake2b(text.encode(), digest_size=4).hexdigest()}"
    return _convert_type(kind, name, instants=instants)


def _convert_type(kind: Any, name: str, *, instants: bool) -> Any:
    word = str(kind.id)
    if word in _SCALAR_TYPES:
        found = _SCALAR_TYPES[word]
        if instants and word.startswith("timestamp"):
            return {**found, "logicalType": found["logicalType"].removeprefix("local-")}
        return found
    if word == "decimal":
        digits = dict(kind.children)
        return {"type": "bytes", "logicalType": "decimal", **digits}
    if word in ("list", "array"):
        return {
            "type": "array",
            "items": _convert_type(_child_type(kind, 0), name, instants=instants),
        }
    if word == "map" and str(_child_type(kind, 0).id) == "varchar":
        return {
            "type": "map",
            "values": _convert_type(_child_type(kind, 1), name, instants=instants),
        }
    if word == "struct" and all(n for n, _ in kind.children):
        fields = [
            {"name": n, "type": _convert_type(k, f"{name}_{n}", instants=instants)}
            for n, k in kind.children
        ]
        return {"type": "record", "name": name, "fields": fields}
    if word == "struct":
        raise ValueError("a struct without field names; give one value, or names: {'a': …, 'b': …}")
    raise ValueError(f"DuckDB type {kind} has no Avro type; cast it, for example …::VARCHAR")


def _child_type(kind: Any, number: int) -> Any:
    return kind.children[number][1]
