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
    """Casts computed values to the type of a field, and checks them."""

    path: str
    type: pa.DataType
    nullable: bool
    symbols: pa.StringArray | None = None

    def __call__(self, values: pa.Array, block: Block, positions: Positions) -> pa.Array:
        """Return `values`, one for each item of `positions`, in the type of the field.

        Raises DataError: another number of values, null in a field that is not nullable, or a
        value that does not fit the type. Names the field and, if known, the row.
        """
        if len(values) != len(positions):
            raise DataError(
                f"field {self.path!r}: {len(values)} values for {len(positions)} rows; "
                "return one value per row"
            )
        if values.null_count and not self.nullable:
            is_null = values.is_null().to_numpy(zero_copy_only=False)
            message = "null in a field that is not nullable; use coalesce, or a nullable type"
            raise self._row_error(is_null, block, positions, message)
        try:
            if self.symbols is not None:
                return self._cast_to_enum(cast_to(values, pa.string()), block, positions)
            return cast_to(values, self.type)
        except pa.ArrowException as e:
            raise DataError(
                f"field {self.path!r}: cannot cast {values.type} to {self.type}: {e}"
            ) from e

    def _cast_to_enum(self, texts: pa.Array, block: Block, positions: Positions) -> pa.Array:
        index = pc.index_in(texts, value_set=self.symbols)
        is_unknown = pc.and_(texts.is_valid(), index.is_null()).to_numpy(zero_copy_only=False)
        if is_unknown.any():
            text = texts[int(np.argmax(is_unknown))].as_py()
            message = f"{text!r} is not a symbol of the enum"
            raise self._row_error(is_unknown, block, positions, message)
        return pa.DictionaryArray.from_arrays(index, self.symbols)

    def _row_error(
        self, is_wrong: NDArray[np.bool_], block: Block, positions: Positions, message: str
    ) -> DataError:
        """Return the error of the first wrong item."""
        row = block.first_row + int(positions[np.argmax(is_wrong)])
        return DataError(f"field {self.path!r}, row {row}: {message}")


def value_cast(context: BuildContext, target: ColumnTarget) -> ValueCast:
    """Return the cast to the type of a field."""
    enum = target.avro_type
    symbols = pa.array(enum.symbols, pa.string()) if isinstance(enum, Enum) else None
    nullable = is_nullable(dict(field_paths(context.record))[target.path])
    return ValueCast(target.path, target.type, nullable, symbols)


def cast_to(values: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Return values cast to a similar type; times may lose precision.

    Raises pyarrow.ArrowException: a value that does not fit the type.
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
    are_times = at_.is_temporal(wanted) and at_.is_temporal(values.type)
    return values.cast(wanted, safe=not are_times)


def _list_offsets(values: pa.Array) -> pa.Array:
    """Return the offsets of lists, with null for null lists."""
    if not values.null_count:
        return values.offsets
    is_null = values.is_null().to_numpy(zero_copy_only=False)
    return pa.array(values.offsets.to_numpy(), mask=np.append(is_null, [False]))


def _cast_struct(values: pa.StructArray, wanted: pa.DataType) -> pa.Array:
    """Return structs cast by field name."""
    missing = [f.name for f in wanted if values.type.get_field_index(f.name) < 0]
    if missing:
        raise pa.ArrowInvalid(f"missing field {missing[0]!r} in {values.type}")
    children = [cast_to(pc.struct_field(values, f.name), f.type) for f in wanted]
    return pa.StructArray.from_arrays(children, fields=list(wanted), mask=values.is_null())
