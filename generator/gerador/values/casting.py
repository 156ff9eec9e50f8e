"""Cast values that SQL expressions and plugins compute to the Arrow type of the field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as at_

from gerador.avro.paths import field_paths
from gerador.avro.schema import Enum, is_nullable
from gerador.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.values.column import Block, BuildContext, ColumnTarget, Positions


@dataclass(frozen=True, slots=True)
class ValueCast:
    """What values at a place must be: of its type, none null unless it is nullable."""

    path: str
    type: pa.DataType
    nullable: bool
    symbols: pa.StringArray | None = None

    def __call__(self, values: pa.Array, block: Block, positions: Positions) -> pa.Array:
        """Return `values`, one for each item of `positions`, in the place's type.

        Raises DataError: another number of them, a null, a value that the type does not hold;
        names the field and, where there is one, the row.
        """
        if len(values) != len(positions):
            raise DataError(
                f"field {self.path!r}: {len(values)} values for {len(positions)} rows; give one for each"
            )
        if values.null_count and not self.nullable:
            null = values.is_null().to_numpy(zero_copy_only=False)
            raise self._refusal(
                null, block, positions, "null, and the schema allows none; coalesce it"
            )
        try:
            if self.symbols is not None:
                return self._as_symbols(cast_to(values, pa.string()), block, positions)
            return cast_to(values, self.type)
        except pa.ArrowException as e:
            raise DataError(
                f"field {self.path!r}: {values.type} does not go into {self.type}: {e}"
            ) from e

    def _as_symbols(self, texts: pa.Array, block: Block, positions: Positions) -> pa.Array:
        index = pc.index_in(texts, value_set=self.symbols)
        unknown = pc.and_(texts.is_valid(), index.is_null()).to_numpy(zero_copy_only=False)
        if unknown.any():
            found = texts[int(np.argmax(unknown))].as_py()
            raise self._refusal(unknown, block, positions, f"{found!r} is no symbol of the enum")
        return pa.DictionaryArray.from_arrays(index, self.symbols)

    def _refusal(
        self, where: NDArray[np.bool_], block: Block, positions: Positions, what: str
    ) -> DataError:
        row = block.first_row + int(positions[np.argmax(where)])
        return DataError(f"field {self.path!r}, row {row}: {what}")


def value_cast(making: BuildContext, place: ColumnTarget) -> ValueCast:
    """Return what values at a place must be."""
    enum = place.avro_type
    symbols = pa.array(enum.symbols, pa.string()) if isinstance(enum, Enum) else None
    nullable = is_nullable(dict(field_paths(making.record))[place.path])
    return ValueCast(place.path, place.type, nullable, symbols)


def cast_to(values: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Return values in another type of the same kind; instants may lose what is finer.

    Raises pyarrow.ArrowException: values that the type does not hold.
    """
    if values.type == wanted:
        return values
    if at_.is_dictionary(values.type):
        return cast_to(values.dictionary_decode(), wanted)
    if at_.is_map(wanted) and at_.is_map(values.type):
        keys, items = cast_to(values.keys, wanted.key_type), cast_to(values.items, wanted.item_type)
        return pa.MapArray.from_arrays(_list_offsets(values), keys, items, wanted)
    if at_.is_list(wanted) and at_.is_list(values.type):
        items = cast_to(values.values, wanted.value_type)
        return pa.ListArray.from_arrays(_list_offsets(values), items, wanted)
    if at_.is_struct(wanted) and at_.is_struct(values.type):
        return _cast_struct(values, wanted)
    times = at_.is_temporal(wanted) and at_.is_temporal(values.type)
    return values.cast(wanted, safe=not times)


def _list_offsets(values: pa.Array) -> pa.Array:
    """Return the offsets of lists, null where the list is."""
    if not values.null_count:
        return values.offsets
    null = values.is_null().to_numpy(zero_copy_only=False)
    return pa.array(values.offsets.to_numpy(), mask=np.append(null, [False]))


def _cast_struct(values: pa.StructArray, wanted: pa.DataType) -> pa.Array:
    """Return records by the names of their fields."""
    missing = [f.name for f in wanted if values.type.get_field_index(f.name) < 0]
    if missing:
        raise pa.ArrowInvalid(f"no field {missing[0]!r} in {values.type}")
    children = [cast_to(pc.struct_field(values, f.name), f.type) for f in wanted]
    return pa.StructArray.from_arrays(children, fields=list(wanted), mask=values.is_null())
