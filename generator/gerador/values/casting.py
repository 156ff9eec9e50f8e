"""Cast values that SQL expressions and plugins compute to the Arrow type of the field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as at_

from gerador.avro.paths import field_paths
from gerador.avro.schema import Enum, has_null_branch
from gerador.errors import DataError
from gerador.values.arrow_arrays import dense_union_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gerador.values.column import Block, BuildContext, ColumnTarget, Positions


UUID_BYTES: Final = 16
_UUID: Final = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_NIL_UUID: Final = "00000000-0000-0000-0000-000000000000"
_DIGITS_MAX: Final = 76
_UNIT_NAMES: Final = {"s": "second", "ms": "millisecond", "us": "microsecond"}
"""Arrow's names of the units to which times are rounded."""


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
                "return one value per row",
                field=self.path,
            )
        if values.null_count and not self.nullable:
            is_null = values.is_null().to_numpy(zero_copy_only=False)
            message = (
                "null in a field that is not nullable; use coalesce, or allow null: add null: 0%, "
                "or a nullable type to the given schema"
            )
            raise self._row_error(is_null, block, positions, message)
        try:
            if self.symbols is not None:
                return self._cast_to_enum(cast_to(values, pa.string()), block, positions)
            return cast_to(values, self.type)
        except UnionBranchError as e:
            raise DataError(f"field {self.path!r}: {e}", field=self.path) from e
        except pa.ArrowException as e:
            raise DataError(
                f"field {self.path!r}: cannot cast {values.type} to {self.type}: {e}",
                field=self.path,
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
        return DataError(f"field {self.path!r}, row {row}: {message}", field=self.path)


def value_cast(context: BuildContext, target: ColumnTarget) -> ValueCast:
    """Return the cast to the type of a field."""
    enum = target.avro_type
    symbols = pa.array(enum.symbols, pa.string()) if isinstance(enum, Enum) else None
    nullable = has_null_branch(dict(field_paths(context.record))[target.path])
    return ValueCast(target.path, target.type, nullable, symbols)


def cast_to(values: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Return values cast to a similar type; times may lose precision.

    Raises pyarrow.ArrowException: a value that does not fit the type. UnionBranchError: a union
    has no branch for it.
    """
    if values.type == wanted:
        return values
    if at_.is_union(wanted):
        return cast_to_union(values, wanted)
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
    if at_.is_decimal(wanted) and at_.is_integer(values.type):
        # Arrow requires the digits of the widest integer; the values may have fewer.
        return values.cast(pa.decimal256(_DIGITS_MAX, wanted.scale)).cast(wanted)
    if at_.is_fixed_size_binary(wanted) and _are_uuids(values, wanted):
        return _uuid_bytes(values, wanted)
    if at_.is_temporal(wanted) and at_.is_temporal(values.type):
        return _cast_time(values, wanted)
    return values.cast(wanted)


def _cast_time(values: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Return times that may lose precision, always downwards, but not exceed the type's range."""
    unit = _UNIT_NAMES.get(getattr(wanted, "unit", ""))
    if at_.is_timestamp(values.type) and at_.is_timestamp(wanted) and unit:
        values = pc.floor_temporal(values, unit=unit)
    options = pc.CastOptions(wanted, allow_time_truncate=True, allow_time_overflow=False)
    return values.cast(options=options)


def _are_uuids(values: pa.Array, wanted: pa.DataType) -> bool:
    if not at_.is_string(values.type) or wanted.byte_width != UUID_BYTES:
        return False
    return bool(pc.all(pc.match_substring_regex(values, _UUID)).as_py())


def _uuid_bytes(texts: pa.StringArray, wanted: pa.DataType) -> pa.Array:
    """Return UUIDs of 36 characters as 16 bytes."""
    digits = pc.replace_substring(texts.fill_null(_NIL_UUID), "-", "").buffers()[2].to_pybytes()
    data = pa.py_buffer(bytes.fromhex(digits[: 2 * UUID_BYTES * len(texts)].decode("ascii")))
    found = pa.Array.from_buffers(wanted, len(texts), [None, data])
    return (
        pc.if_else(texts.is_valid(), found, pa.scalar(None, wanted)) if texts.null_count else found
    )


class UnionBranchError(ValueError):
    """A union has no branch for a value."""


def cast_to_union(values: pa.Array, wanted: pa.DenseUnionType) -> pa.Array:
    """Return values as a dense union: each in the branch of its type, nulls in the branch null.

    A value of DuckDB's type UNION has the type of its member.

    Raises UnionBranchError: no such branch. pyarrow.ArrowException: as `cast_to`.
    """
    parts = [(np.arange(len(values)), values)]
    if at_.is_union(values.type):
        members = values.type_codes.to_numpy()
        rows = [np.flatnonzero(members == code) for code in values.type.type_codes]
        parts = [(at, values.field(i).take(pa.array(at))) for i, at in enumerate(rows)]
    codes = np.zeros(len(values), np.int8)
    found: list[list[tuple[NDArray[np.int64], pa.Array]]] = [[] for _ in wanted]
    for at, part in parts:
        valid = part.is_valid().to_numpy(zero_copy_only=False)
        for kept, some in ((valid, part), (~valid, pa.nulls(len(part)))):
            if kept.any():
                number = _branch_for(some.type, wanted)
                codes[at[kept]] = number
                items = cast_to(some.filter(pa.array(kept)), wanted.field(number).type)
                found[number].append((at[kept], items))
    children = [_in_order(some, f.type) for some, f in zip(found, wanted, strict=True)]
    return dense_union_array(wanted, codes, children)


def _in_order(parts: list[tuple[NDArray[np.int64], pa.Array]], data_type: pa.DataType) -> pa.Array:
    """Return the values of a branch in the order of their items."""
    if len(parts) <= 1:
        return parts[0][1] if parts else pa.nulls(0, data_type)
    order = np.argsort(np.concatenate([at for at, _ in parts]))
    return pa.concat_arrays([items for _, items in parts]).take(pa.array(order))


_FAMILIES: Final = (
    (at_.is_null, at_.is_null),
    (at_.is_boolean, at_.is_boolean),
    (at_.is_integer, at_.is_integer),
    (at_.is_integer, at_.is_floating),
    (at_.is_integer, at_.is_decimal),
    (at_.is_floating, at_.is_floating),
    (at_.is_decimal, at_.is_decimal),
    (at_.is_decimal, at_.is_floating),
    (at_.is_timestamp, at_.is_timestamp),
    (at_.is_date, at_.is_date),
    (at_.is_time, at_.is_time),
    (at_.is_interval, at_.is_interval),
    (at_.is_string, at_.is_string),
    (at_.is_string, at_.is_dictionary),
    (at_.is_binary, at_.is_binary),
    (at_.is_binary, at_.is_fixed_size_binary),
    (at_.is_list, at_.is_list),
    (at_.is_map, at_.is_map),
)
"""Types of values, and of the branches that hold them, in order of preference."""


def _branch_for(data_type: pa.DataType, wanted: pa.DenseUnionType) -> int:
    """Return the branch that holds values of a type. Raises UnionBranchError."""
    data_type = data_type.value_type if at_.is_dictionary(data_type) else data_type
    branches = [field.type for field in wanted]
    if data_type in branches:
        return branches.index(data_type)
    if at_.is_struct(data_type):
        records = {i: {f.name for f in b} for i, b in enumerate(branches) if at_.is_struct(b)}
        fitting = [i for i, names in records.items() if names <= {f.name for f in data_type}]
        if fitting:
            return max(fitting, key=lambda i: len(records[i]))
    for is_value, is_branch in _FAMILIES:
        found = next((i for i, b in enumerate(branches) if is_branch(b)), None)
        if is_value(data_type) and found is not None:
            return found
    names = ", ".join(field.name for field in wanted)
    raise UnionBranchError(f"{data_type} is none of the types of the union: {names}; cast it")


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
