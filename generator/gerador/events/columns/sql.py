"""Columns that DuckDB computes from others of the row, block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.types as at_

from gerador.errors import DataError, SettingError
from gerador.events.arrow_types import arrow_type
from gerador.events.columns.accepted import Accepting, accepting
from gerador.events.columns.column import Leaf, Positions
from gerador.events.columns.duck import Refused, computed, kind_of
from gerador.events.columns.expressions import names_read
from gerador.events.columns.sql_types import avro_of
from gerador.events.plain import plain
from gerador.scenario.fields import SqlField
from gerador.scenario.mentions import names_in_reach
from gerador.scenario.paths import field_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place, Reference

_NO_FIELD: Final = "~row"
"""Stands in for the columns of an expression that reads none: tables need one."""


@dataclass(frozen=True, slots=True)
class Computed(Leaf):
    """The values of an expression over other fields."""

    text: str
    reads: Mapping[str, Reference]
    accept: Accepting

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) values.

        Raises DataError: what cannot be computed, a null where none may be, a value that the type
        does not hold. Cost: O(items), and about a millisecond.
        """
        read = {name: as_sql(other.values(block, at)) for name, other in self.reads.items()}
        columns = pa.table(read or {_NO_FIELD: pa.nulls(len(at))})
        try:
            values = computed(self.text, columns)
        except Refused as e:
            first = block.first_row + int(at[0]) if len(at) else block.first_row
            raise DataError(f"field {self.path!r}, from row {first} on: sql: {e}") from e
        return self.accept(values, block, at)


def as_sql(values: pa.Array) -> pa.Array:
    """Return values as expressions see them: see `as_sql_type`."""
    return plain(values, without_dictionaries(values.type)).cast(as_sql_type(values.type))


def as_sql_type(arrow_type: pa.DataType) -> pa.DataType:
    """Return the Arrow type by which expressions see a field.

    Instants are in UTC without saying so. Nothing is a dictionary: DuckDB 1.5 writes into memory
    that is not its own where one with nulls stands inside a list.
    """
    if at_.is_timestamp(arrow_type) and arrow_type.tz is not None:
        return pa.timestamp(arrow_type.unit)
    return without_dictionaries(arrow_type)


def without_dictionaries(arrow_type: pa.DataType) -> pa.DataType:
    """Return a type with values where it has dictionaries of them, at any depth."""
    if at_.is_dictionary(arrow_type):
        return arrow_type.value_type
    if at_.is_list(arrow_type):
        return pa.list_(_without(arrow_type.value_field))
    if at_.is_map(arrow_type):
        return pa.map_(arrow_type.key_field, _without(arrow_type.item_field))
    if at_.is_struct(arrow_type):
        return pa.struct([_without(field) for field in arrow_type])
    return arrow_type


def _without(field: pa.Field) -> pa.Field:
    return field.with_type(without_dictionaries(field.type))


def sql_type(text: str, schema: pa.Schema) -> Any:
    """Return the Avro type (JSON) of an expression over columns of an Arrow schema.

    Nullable where a field is that it reads. No rows are needed.

    Raises ValueError: an expression that cannot be, or whose type Avro does not have; one line.
    """
    names = names_read(text, schema.names)
    fields = [schema.field(name) for name in names] or [pa.field(_NO_FIELD, pa.null())]
    seen = pa.schema([field.with_type(as_sql_type(field.type)) for field in fields])
    made = avro_of(kind_of(text, seen), text)
    return ["null", made] if any(field.nullable for field in fields if names) else made


def _computed(making: Making, place: Place, declared: SqlField) -> Computed:
    """Return the column of an expression.

    Raises SettingError: an expression that cannot be.
    """
    known = names_in_reach(place.path, dict(field_paths(making.root)))
    try:
        names = names_read(declared.text, known)
        reads = {name: making.reference(place.path, name) for name in names}
        types = {n: as_sql_type(arrow_type(making.type_of(r))) for n, r in reads.items()}
        kind_of(declared.text, pa.schema(types or {_NO_FIELD: pa.null()}))
    except Refused as e:
        raise SettingError(f"field {place.path!r}: sql {declared.text!r}: {e}") from e
    return Computed(place.path, place.type, declared.text, reads, accepting(making, place))


MAKERS: Final[Mapping[type, Make]] = {SqlField: _computed}
