"""Build the columns of a stream from its generators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.avro.paths import types_along
from gerador.avro.schema import Union, is_nullable, non_null_type
from gerador.values.array_map import LengthGenerator
from gerador.values.column import BuildContext, target_at
from gerador.values.declaration import LENGTH_MAX
from gerador.values.defaults import default_generator
from gerador.values.records import FieldColumns, NullableColumn, UnionNullsColumn, field_columns
from gerador.values.reference_errors import dependencies_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gerador.avro.schema import AvroType, Record
    from gerador.randomness import StreamSeeds
    from gerador.values.column import Column, LookupStream
    from gerador.values.declaration import ValueGenerator


class ColumnFactory:
    """Builds the columns of a stream; fields without a generator get the default of their type."""

    def __init__(
        self,
        record: Record,
        fields: Mapping[str, ValueGenerator],
        seeds: StreamSeeds,
        other_stream: Callable[[str], LookupStream],
    ) -> None:
        """Take the fields of a row, hidden ones included, and their generators by path.

        `other_stream` returns another stream of the scenario by name.
        """
        self._fields = fields
        self._context = BuildContext(
            record=record,
            fields=fields,
            seeds=seeds,
            other_stream=other_stream,
            column_at=self._column,
            dependencies=dependencies_of(record, fields),
            length_max=self._length_max,
        )

    def fields(self) -> FieldColumns:
        """Return the columns of the row, in the order of its fields.

        Raises SettingError: as the `column` methods of the generators. Cost: that of the Faker
        pools, which are generated here.
        """
        return field_columns(self._context, self._context.record, "")

    def _length_max(self, path: str) -> int:
        types = dict(types_along(self._context.record, path))
        generator = self._fields.get(path) or default_generator(types[path], path)
        if not isinstance(generator, LengthGenerator):
            return LENGTH_MAX
        if generator.length is None:
            return generator.length_max
        return int(generator.length) if isinstance(generator.length, int | float) else LENGTH_MAX

    def _column(self, avro_type: AvroType, path: str) -> Column:
        generator = self._fields.get(path) or default_generator(avro_type, path)
        column = generator.column(self._context, target_at(path, non_null_type(avro_type)))
        if is_nullable(avro_type):
            return NullableColumn(path, column.type, generator.null_share(), column)
        if generator.null is None or not isinstance(avro_type, Union):
            return column
        assert avro_type.null_position is not None  # noqa: S101 - validation rejected the share
        return UnionNullsColumn(path, column.type, generator.null, avro_type.null_position, column)
