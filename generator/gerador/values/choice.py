"""Generators of constants, weighted and joint choices, enum symbols and booleans."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, Strict

from gerador.avro.infer_type import contains_null, infer_type
from gerador.avro.literals import parse_literal
from gerador.avro.schema import Enum, has_null_branch, is_null
from gerador.values.arrow_arrays import array_of_literals
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import ALL_TYPES, Share, ValueGenerator
from gerador.values.dictionary_columns import ChoiceColumn, choice_column
from gerador.values.index_sampling import AliasTable, Permutation, weight_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gerador.avro.schema import AvroType
    from gerador.values.column import Block, BuildContext, ColumnTarget


VALUES_MAX: Final = 65_536


class ConstantGenerator(ValueGenerator):
    """The same value in every row.

    `gerador.avro.literals` defines how values of each type are written.
    """

    types: ClassVar[frozenset[str]] = ALL_TYPES
    main_parameter: ClassVar[str | None] = "value"
    main_is_mapping: ClassVar[bool] = True
    sequential: ClassVar[bool] = True
    kind: Literal["constant"] = "constant"
    value: Any
    """The value: any JSON value that is valid for the type."""

    def default_type(self) -> Any:
        """Return the type of the value."""
        return infer_type([self.value])

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield an error if the value is not of the type."""
        yield from (("value", text) for text in _value_errors(self.value, avro_type))

    def distinct_values(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return 1."""
        return 1

    def column(self, context: BuildContext, target: ColumnTarget) -> ChoiceColumn:  # noqa: ARG002
        """Return the column of the field."""
        entries = array_of_literals([self.value], target.avro_type)
        return choice_column(target.path, entries)


class ChoiceGenerator(ValueGenerator):
    """One of `values`, equally likely or by `weights`.

    In a file: a list, a mapping of value to weight, or a list of ``{value: …, weight: …}``. Values
    may be records, arrays and maps. If one of them is null, no other nulls are added.
    """

    types: ClassVar[frozenset[str]] = ALL_TYPES
    main_parameter: ClassVar[str | None] = "values"
    main_is_mapping: ClassVar[bool] = True
    kind: Literal["choice"] = "choice"
    values: Annotated[tuple[Any, ...], Strict(False), Field(min_length=1, max_length=VALUES_MAX)]
    """The values: a list, a mapping of value to weight, or a list of {value: …, weight: …}."""
    weights: Annotated[tuple[float, ...], Strict(False)] | None = None
    """Weights in the order of the values, finite and 0 or more. Default: equal weights."""

    def default_type(self) -> Any:
        """Return the type that holds all the values."""
        return infer_type(self.values)

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of values that are not of the type, and of invalid weights."""
        yield from _choice_errors(self.values, avro_type)
        if self.weights is None:
            return
        if len(self.weights) != len(self.values):
            yield "weights", f"{len(self.weights)} weights for {len(self.values)} values"
        yield from (("weights", text) for text in weight_errors(self.weights))
        if self.unique:
            yield "weights", "unique values cannot have weights; remove weights or unique"

    def can_be_null(self) -> bool:
        """Return whether null is among the values."""
        return contains_null(self.values)

    def distinct_values(self, avro_type: AvroType) -> int:
        """Return how many different values there are."""
        return len(distinct_values(self.values, avro_type))

    def probabilities(self, avro_type: AvroType) -> tuple[float, ...]:
        """Return the probability of each distinct value, without null."""
        return value_probabilities(self.values, self.weights, avro_type)

    def column(self, context: BuildContext, target: ColumnTarget) -> ChoiceColumn:
        """Return the column of the field."""
        values = distinct_values(self.values, target.avro_type) if self.unique else self.values
        entries, indices = entry_table(values, target.avro_type)
        weights = None if self.weights is None else AliasTable.of(self.weights)
        unique = Permutation.of(context.seeds, target.path, len(values)) if self.unique else None
        return choice_column(
            target.path, entries, indices=indices, weights=weights, permutation=unique
        )


def accepts_null(avro_type: AvroType) -> bool:
    """Return whether null is a value of the type: of null, or of a union with null."""
    return is_null(avro_type) or has_null_branch(avro_type)


def distinct_values(values: tuple[Any, ...], avro_type: AvroType) -> tuple[Any, ...]:
    """Return the values without duplicates, in order."""
    found: dict[str, Any] = {}
    for value in values:
        read = None if value is None else parse_literal(value, avro_type)
        found.setdefault(_value_key(read), value)
    return tuple(found.values())


def value_probabilities(
    values: Sequence[Any], weights: Sequence[float] | None, avro_type: AvroType
) -> tuple[float, ...]:
    """Return the probability of each distinct value, without null; equal weights when None."""
    each = weights or (1.0,) * len(values)
    found: dict[str, float] = {}
    for value, weight in zip(values, each, strict=True):
        if value is not None:
            key = _value_key(parse_literal(value, avro_type))
            found[key] = found.get(key, 0.0) + weight
    total = sum(each)
    return tuple(weight / total for weight in found.values())


def _value_key(read: Any) -> str:
    """Return a key that is equal for equal values."""
    return json.dumps(read, sort_keys=True, default=str)


def _choice_errors(values: Sequence[Any], avro_type: AvroType) -> Iterator[tuple[str, str]]:
    """Yield errors of all values but null; field validation checks whether null is allowed."""
    for value in values:
        if value is not None:
            yield from (("values", text) for text in _value_errors(value, avro_type))


def _value_errors(value: Any, avro_type: AvroType) -> Iterator[str]:
    try:
        parse_literal(value, avro_type)
    except ValueError as e:
        yield str(e)


JOINT_ADDRESS: Final = "~together"
"""Address of the randomness of tables without a name. Never changes: rows depend on it."""


class JointChoiceGenerator(ValueGenerator):
    """One column of a table of rows: fields with the same `table` take values of the same row.

    `values` has one value for each row of the table; null is allowed if the type is nullable.
    """

    types: ClassVar[frozenset[str]] = ALL_TYPES
    main_parameter: ClassVar[str | None] = "values"
    kind: Literal["joint"] = "joint"
    values: Annotated[tuple[Any, ...], Strict(False), Field(min_length=1, max_length=VALUES_MAX)]
    """The value of the field in each row of the table."""
    table: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")] | None = None
    """Name that the fields of one table share. Default: the unnamed table."""

    def default_type(self) -> Any:
        """Return the type that holds all the values."""
        return infer_type(self.values)

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield errors of values that are not of the type."""
        yield from _choice_errors(self.values, avro_type)

    def can_be_null(self) -> bool:
        """Return whether null is among the values."""
        return contains_null(self.values)

    def probabilities(self, avro_type: AvroType) -> tuple[float, ...]:
        """Return the probability of each distinct value, without null."""
        return value_probabilities(self.values, None, avro_type)

    def column(self, context: BuildContext, target: ColumnTarget) -> ChoiceColumn:  # noqa: ARG002
        """Return a choice with the address that fields of the same rows share."""
        entries, indices = entry_table(self.values, target.avro_type)
        address = JOINT_ADDRESS if self.table is None else f"~{self.table}"
        return choice_column(address, entries, indices=indices)


class EnumSymbolGenerator(ValueGenerator):
    """One of an enum's symbols, equally likely."""

    types: ClassVar[frozenset[str]] = frozenset({"enum"})
    kind: Literal["enum_symbol"] = "enum_symbol"

    def probabilities(self, avro_type: AvroType) -> NDArray[np.float64]:
        """Return equal probabilities of the symbols."""
        assert isinstance(avro_type, Enum)  # noqa: S101 - the only type of this generator
        return np.full(len(avro_type.symbols), 1 / len(avro_type.symbols))

    def column(self, context: BuildContext, target: ColumnTarget) -> ChoiceColumn:  # noqa: ARG002
        """Return the column of an enum: a dictionary of its symbols in the schema's order."""
        assert isinstance(target.avro_type, Enum)  # noqa: S101 - the only type of this generator
        symbols = pa.array(target.avro_type.symbols, pa.string())
        return ChoiceColumn(target.path, target.type, symbols)


class BooleanGenerator(ValueGenerator):
    """True with the probability `true_share`."""

    types: ClassVar[frozenset[str]] = frozenset({"boolean"})
    main_parameter: ClassVar[str | None] = "true_share"
    kind: Literal["boolean"] = "boolean"
    true_share: Share = 0.5
    """Probability of true, such as 0.8 or 80%."""

    def default_type(self) -> Any:
        """Return boolean."""
        return "boolean"

    def probabilities(self, avro_type: AvroType) -> tuple[float, ...]:  # noqa: ARG002
        """Return the probability of each distinct value, without null."""
        return self.true_share, 1 - self.true_share

    def column(self, context: BuildContext, target: ColumnTarget) -> BooleanColumn:  # noqa: ARG002
        """Return the column of the field."""
        return BooleanColumn(target.path, target.type, self.true_share)


def entry_table(
    values: Sequence[Any], avro_type: AvroType
) -> tuple[pa.Array, NDArray[np.int64] | None]:
    """Return the non-null values as an array, and the index of each (`ChoiceColumn.indices`)."""
    if not contains_null(values) or accepts_null(avro_type):
        return array_of_literals(values, avro_type), None
    valid = np.array([value is not None for value in values])
    entries = array_of_literals([value for value in values if value is not None], avro_type)
    return entries, np.where(valid, np.cumsum(valid) - 1, -1)


@dataclass(frozen=True, slots=True)
class BooleanColumn(BaseColumn):
    """Booleans, true with a given probability."""

    true_share: float

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) booleans."""
        return pa.array(block.rng(self.path).bernoulli(len(positions), self.true_share))
