"""Constants, weighted choices, joint choices of several fields, enum symbols and booleans."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, Strict

from gerador.avro.inference import contains_null, infer_type
from gerador.avro.literals import parse_literal
from gerador.avro.schema import Enum
from gerador.values.arrow_arrays import array_of_literals
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import ALL_TYPES, Share, ValueGenerator
from gerador.values.dictionary_columns import ChoiceColumn, PoolColumn, entry_column_type
from gerador.values.sampling import AliasTable, Permutation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


VALUES_MAX: Final = 65_536


class ConstantGenerator(ValueGenerator):
    """The same value in every row: any that JSON can say and the type takes.

    How values of each type are written: `gerador.avro.literals`.
    """

    suits: ClassVar[frozenset[str]] = ALL_TYPES
    main: ClassVar[str | None] = "value"
    main_is_mapping: ClassVar[bool] = True
    kind: Literal["constant"] = "constant"
    value: Any
    """The value: whatever JSON can say and the type takes."""

    def natural_type(self) -> Any:
        """Return the type of the value."""
        return infer_type([self.value])

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a value that is none of the type."""
        yield from (("value", text) for text in _value_errors(self.value, avro_type))

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return 1."""
        return 1


class ChoiceGenerator(ValueGenerator):
    """One of `values`, by `weights` (equal ones when there are none); structures as well.

    In a file: a list, a mapping of value to weight, or a list of ``{value: …, weight: …}``. Null
    may be among them; then nobody's share of nulls is added to those.
    """

    suits: ClassVar[frozenset[str]] = ALL_TYPES
    main: ClassVar[str | None] = "values"
    main_is_mapping: ClassVar[bool] = True
    kind: Literal["choice"] = "choice"
    values: Annotated[tuple[Any, ...], Strict(False), Field(min_length=1, max_length=VALUES_MAX)]
    """The values: a list, a mapping of value to weight, or a list of {value: …, weight: …}."""
    weights: Annotated[tuple[float, ...], Strict(False)] | None = None
    """Weights of the values, in their order, finite and 0 or more; equal ones when not said."""

    def natural_type(self) -> Any:
        """Return the type that holds all the values."""
        return infer_type(self.values)

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield values that are none of the type, and weights that make no sense."""
        for value in self.values:
            if value is not None:  # whether the type is nullable is judged in `fit`
                yield from (("values", text) for text in _value_errors(value, avro_type))
        if self.weights is None:
            return
        if len(self.weights) != len(self.values):
            yield "weights", f"{len(self.weights)} weights for {len(self.values)} values"
        if min(self.weights, default=0) < 0 or not 0 < sum(self.weights) < math.inf:
            yield "weights", "weights are finite, 0 or more, and one of them is more"
        if self.unique:
            yield "weights", "weights have no say where values are unique; remove one of the two"

    def gives_null(self) -> bool:
        """Tell whether null is among the values."""
        return contains_null(self.values)

    def space(self, avro_type: AvroType) -> int:
        """Return how many different values there are."""
        return len(distinct_values(self.values, avro_type))


def accepts_null(avro_type: AvroType) -> bool:
    """Tell whether null is a value of a type by itself: of null, of a union with it."""
    return not any(_value_errors(None, avro_type))


def distinct_values(values: tuple[Any, ...], avro_type: AvroType) -> tuple[Any, ...]:
    """Return the values of a type without those that stand there already, in their order."""
    found: dict[str, Any] = {}
    for value in values:
        read = None if value is None else parse_literal(value, avro_type)
        found.setdefault(_value_key(read), value)
    return tuple(found.values())


def shares_of(
    values: Sequence[Any], weights: Sequence[float] | None, avro_type: AvroType
) -> tuple[float, ...]:
    """Return the share of each different value by weights (equal ones when None), nulls apart."""
    each = weights or (1.0,) * len(values)
    found: dict[str, float] = {}
    for value, weight in zip(values, each, strict=True):
        if value is not None:
            key = _value_key(parse_literal(value, avro_type))
            found[key] = found.get(key, 0.0) + weight
    total = sum(each)
    return tuple(weight / total for weight in found.values())


def _value_key(read: Any) -> str:
    """Return a text that equal values of a type have in common."""
    return json.dumps(read, sort_keys=True, default=str)


def _value_errors(value: Any, avro_type: AvroType) -> Iterator[str]:
    try:
        parse_literal(value, avro_type)
    except ValueError as e:
        yield str(e)


JOINT_ADDRESS: str = "~together"


class JointChoiceGenerator(ValueGenerator):
    """One field of rows that are written out: those with one `address` come from the same row.

    `values` are the field's in every written row, as many for each field; null may be among them
    where the type is nullable.
    """

    suits: ClassVar[frozenset[str]] = ALL_TYPES
    main: ClassVar[str | None] = "values"
    kind: Literal["together"] = "together"
    values: Annotated[tuple[Any, ...], Strict(False), Field(min_length=1, max_length=VALUES_MAX)]
    """The field's value in each written row."""
    address: Annotated[str, Field(pattern=r"^~[a-z0-9_]{1,64}$")] = JOINT_ADDRESS
    """What fields of the same rows have in common: ~ and a word."""

    def natural_type(self) -> Any:
        """Return the type that holds all the values."""
        return infer_type(self.values)

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield values that are none of the type."""
        for value in self.values:
            try:
                _ = value is None or parse_literal(value, avro_type)
            except ValueError as e:
                yield "values", str(e)

    def gives_null(self) -> bool:
        """Tell whether null is among the values."""
        return contains_null(self.values)


class EnumSymbolGenerator(ValueGenerator):
    """One of an enum's symbols, equally likely."""

    suits: ClassVar[frozenset[str]] = frozenset({"enum"})
    kind: Literal["symbol"] = "symbol"


class BooleanGenerator(ValueGenerator):
    """True with the share `true_share`."""

    suits: ClassVar[frozenset[str]] = frozenset({"boolean"})
    main: ClassVar[str | None] = "true_share"
    kind: Literal["boolean"] = "boolean"
    true_share: Share = 0.5
    """Share of true, as 0.8 or 80%."""

    def natural_type(self) -> Any:
        """Return boolean."""
        return "boolean"


def entry_table(
    values: Sequence[Any], avro_type: AvroType
) -> tuple[pa.Array, NDArray[np.int64] | None]:
    """Return values as an array without null, and where each is in it: see `Chosen.places`."""
    if not contains_null(values) or accepts_null(avro_type):
        return array_of_literals(values, avro_type), None
    there = np.array([value is not None for value in values])
    entries = array_of_literals([value for value in values if value is not None], avro_type)
    return entries, np.where(there, np.cumsum(there) - 1, -1)


def choice_column(
    making: BuildContext, place: ColumnTarget, declared: ChoiceGenerator
) -> ChoiceColumn:
    values = (
        distinct_values(declared.values, place.avro_type) if declared.unique else declared.values
    )
    entries, places = entry_table(values, place.avro_type)
    weights = None if declared.weights is None else AliasTable.of(declared.weights)
    unique = Permutation.of(making.seeds, place.path, len(values)) if declared.unique else None
    return ChoiceColumn(place.path, entry_column_type(entries), entries, places, weights, unique)


def constant_column(
    _: BuildContext, place: ColumnTarget, declared: ConstantGenerator
) -> ChoiceColumn:
    entries = array_of_literals([declared.value], place.avro_type)
    return ChoiceColumn(place.path, entry_column_type(entries), entries)


def joint_choice_column(
    _: BuildContext, place: ColumnTarget, declared: JointChoiceGenerator
) -> ChoiceColumn:
    """Return a choice that is drawn at the address which fields of the same rows share."""
    entries, places = entry_table(declared.values, place.avro_type)
    return ChoiceColumn(declared.address, entry_column_type(entries), entries, places)


def enum_pool_column(path: str, enum: Enum, arrow_type: pa.DataType) -> PoolColumn:
    """Return the column of an enum: its symbols in the schema's order are the dictionary."""
    return PoolColumn(path, arrow_type, pa.array(enum.symbols, pa.string()))


def enum_symbol_column(_: BuildContext, place: ColumnTarget, __: EnumSymbolGenerator) -> PoolColumn:
    assert isinstance(place.avro_type, Enum)  # noqa: S101 - symbols suit enums alone
    return enum_pool_column(place.path, place.avro_type, place.type)


@dataclass(frozen=True, slots=True)
class BooleanColumn(BaseColumn):
    """Booleans, true with a given share."""

    true_share: float

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) booleans."""
        return pa.array(block.draws(self.path).chance(len(at), self.true_share))
