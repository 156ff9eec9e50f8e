"""From declarations to columns: the column of an Avro type at a field path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from generator.events.arrow_types import arrow_type
from generator.events.columns.column import Column
from generator.events.columns.decimals import Decimals
from generator.events.columns.nested import Listed, Mapped, Nothing, Nullable, OneOf, Struct
from generator.events.columns.numbers import Flags, uniform_column
from generator.events.columns.pooled import faker_column, symbol_column
from generator.events.columns.texts import bytes_column, text_column
from generator.events.columns.times import EventTime, calendar_column
from generator.events.columns.uuids import Uuids, generation_column
from generator.scenario.avro import Array, AvroType, Enum, Map, Record, Union, is_null
from generator.scenario.by_type import default_field
from generator.scenario.fields import (
    NULL_SHARE,
    BooleanField,
    BytesField,
    CalendarField,
    DigitsField,
    EventTimeField,
    FakerField,
    FieldSpec,
    GenerationIdField,
    LengthField,
    SymbolField,
    TextField,
    UniformField,
    UuidField,
    WholeField,
)
from generator.scenario.paths import child_types

if TYPE_CHECKING:
    from generator.events.seeds import StreamSeeds


class ColumnMaker:
    """Makes the columns of one stream from its declarations, and the defaults of types."""

    def __init__(self, seeds: StreamSeeds, fields: Mapping[str, FieldSpec]) -> None:
        self._seeds = seeds
        self._fields = fields

    def column(self, avro_type: AvroType, path: str) -> Column:
        """Return the column of `avro_type` at `path`.

        Cost: that of the Faker pools beneath. Raises SettingError: as `pools.pool`.
        """
        declared = self._fields.get(path) or default_field(avro_type, path)
        if isinstance(avro_type, Union) and avro_type.null_branch is not None:
            value = self._value(avro_type.value, path, declared)
            share = NULL_SHARE if declared.null_share is None else declared.null_share
            return Nullable(path, value.type, share, value)
        return self._value(avro_type, path, declared)

    def _value(self, avro_type: AvroType, path: str, declared: FieldSpec) -> Column:
        match avro_type, declared:
            case Array(), LengthField():
                return self._list(avro_type, path, declared)
            case Map(), LengthField():
                return self._map(avro_type, path, declared)
            case Enum(), SymbolField():
                return symbol_column(path, avro_type, arrow_type(avro_type))
            case _, WholeField():
                return self._whole(avro_type, path)
            case _, FakerField():
                return faker_column(self._seeds, path, declared)
            case _:
                return _SCALARS[type(declared)](path, declared, arrow_type(avro_type))

    def _children(self, avro_type: AvroType, path: str) -> tuple[Column, ...]:
        return tuple(self.column(t, p) for p, t in child_types(avro_type, path))

    def _list(self, array: Array, path: str, declared: LengthField) -> Column:
        (child,) = self._children(array, path)
        kind = pa.list_(_field("item", array.items, child))
        return Listed(path, kind, declared.length_min, declared.length_max, child)

    def _map(self, avro_map: Map, path: str, declared: LengthField) -> Column:
        (child,) = self._children(avro_map, path)
        kind = pa.map_(pa.string(), _field("value", avro_map.values, child))
        return Mapped(path, kind, declared.length_min, declared.length_max, child)

    def _whole(self, avro_type: AvroType, path: str) -> Column:
        if is_null(avro_type):
            return Nothing(path, pa.null())
        children = self._children(avro_type, path)
        plain = arrow_type(avro_type)
        fields = [plain.field(i).with_type(c.type) for i, c in enumerate(children)]
        if isinstance(avro_type, Record):
            return Struct(path, pa.struct(fields), children)
        return OneOf(path, pa.dense_union(fields), children)


def _field(name: str, avro_type: AvroType, child: Column) -> pa.Field:
    """Return the field of a list's items or a map's values, as `arrow_type` has it."""
    plain = arrow_type(Array(avro_type)).value_field
    return pa.field(name, child.type, plain.nullable)


_Make = Callable[[str, Any, pa.DataType], Column]
_SCALARS: Final[Mapping[type, _Make]] = {
    UniformField: uniform_column,
    EventTimeField: lambda path, _, kind: EventTime(path, kind),
    GenerationIdField: lambda path, _, __: generation_column(path),
    UuidField: lambda path, _, kind: Uuids(path, kind),
    BooleanField: lambda path, declared, kind: Flags(path, kind, declared.true_share),
    TextField: lambda path, declared, _: text_column(path, declared),
    BytesField: bytes_column,
    DigitsField: lambda path, _, kind: Decimals(path, kind),
    CalendarField: lambda path, _, kind: calendar_column(path, kind),
}
"""What makes a column without children, by the class of its declaration."""
