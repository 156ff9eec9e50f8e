"""Avro types that Flink and Spark cannot read, and how they appear there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gerador.avro.paths import child_types
from gerador.avro.schema import (
    Enum,
    Fixed,
    Primitive,
    Record,
    Recursion,
    Union,
    branch_name,
    is_null,
    non_null_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType


DECIMAL_DIGITS_MAX: Final = 38
"""Maximum precision of Flink's and Spark's decimals."""

INTEGER_TYPES: Final = frozenset({"int", "long"})
"""The only union of several types that both engines read, as a 64-bit integer."""


@dataclass(frozen=True, slots=True)
class PortabilityWarning:
    """A field whose type Flink or Spark does not read as such.

    `flink` and `spark` are the column types that result; `alternative` is a type that both read.
    """

    path: str
    type: str
    flink: str
    spark: str
    alternative: str

    def __str__(self) -> str:
        """Return the warning in one line."""
        return (
            f"{self.path}: {self.type}: Flink: {self.flink}; Spark: {self.spark}; "
            f"use {self.alternative}"
        )


_NO_COLUMN_TYPE: Final = "no column type"
_BIGINT_ONLY: Final = "BIGINT only (TIMESTAMP(3) is silently wrong)"

_BY_LOGICAL: Final = {
    "time-millis": ("TIME(3)", "a plain int", "an int of milliseconds"),
    "time-micros": ("a plain BIGINT", "a plain bigint", "a long of microseconds"),
    "timestamp-micros": (_BIGINT_ONLY, "timestamp", "timestamp-millis"),
    "timestamp-nanos": (_BIGINT_ONLY, "a plain bigint", "timestamp-millis"),
    "local-timestamp-micros": (_BIGINT_ONLY, "timestamp_ntz", "local-timestamp-millis"),
    "local-timestamp-nanos": (_BIGINT_ONLY, "a plain bigint", "local-timestamp-millis"),
}
"""Logical types of int and long: the column in Flink, in Spark, and the alternative."""

_ON_FIXED: Final = {
    "decimal": ("decimal", "a decimal on bytes"),
    "uuid": ("binary", "a uuid on string"),
    "duration": ("binary", "a long of milliseconds"),
}
"""Logical types of fixed: the column in Spark, and the alternative."""


def portability_warnings(record: Record) -> Iterator[PortabilityWarning]:
    """Yield a warning for each field that is not portable, in the order of the schema.

    Fields inside such a field are skipped. Cost: O(types of the schema).
    """
    yield from _nested_warnings(record, "")


def _nested_warnings(avro_type: AvroType, path: str) -> Iterator[PortabilityWarning]:
    for child_path, child in child_types(avro_type, path):
        warning = _warning(child_path, non_null_type(child))
        if warning is None:
            yield from _nested_warnings(child, child_path)
        else:
            yield warning


def _warning(path: str, avro_type: AvroType) -> PortabilityWarning | None:
    match avro_type:
        case Recursion(record=name):
            label = f"record {name} inside itself"
            spark = "rejects the whole schema"
            return PortabilityWarning(path, label, _NO_COLUMN_TYPE, spark, "a record a level")
        case Enum():
            return PortabilityWarning(
                path, f"enum {avro_type.name}", _NO_COLUMN_TYPE, "string", "string"
            )
        case Fixed():
            return _fixed_warning(path, avro_type)
        case Union():
            return _union_warning(path, avro_type)
        case Primitive():
            return _primitive_warning(path, avro_type)
        case _:
            return None


def _fixed_warning(path: str, fixed: Fixed) -> PortabilityWarning:
    logical = "" if fixed.logical is None else fixed.logical.name
    spark, alternative = _ON_FIXED.get(logical, ("binary", "bytes"))
    label = f"{logical} on fixed {fixed.name}" if logical else f"fixed {fixed.name}"
    return PortabilityWarning(path, label, _NO_COLUMN_TYPE, spark, alternative)


def _union_warning(path: str, union: Union) -> PortabilityWarning | None:
    branches = [b for b in union.branches if not is_null(b)]
    names = [branch_name(b) for b in branches]
    plain = all(isinstance(b, Primitive) and b.logical is None for b in branches)
    if len(branches) < 2 or (plain and INTEGER_TYPES.issuperset(names)):
        return None
    label = f"union of {', '.join(names)}"
    return PortabilityWarning(
        path, label, _NO_COLUMN_TYPE, "struct of member0, member1, …", "a nullable field each"
    )


def _primitive_warning(path: str, primitive: Primitive) -> PortabilityWarning | None:
    logical = primitive.logical
    if logical is None:
        return None
    if logical.name == "decimal" and logical.precision > DECIMAL_DIGITS_MAX:
        label = f"decimal of {logical.precision} digits"
        alternative = f"{DECIMAL_DIGITS_MAX} digits or fewer"
        return PortabilityWarning(
            path, label, "silently null", "rejects the whole schema", alternative
        )
    if logical.name not in _BY_LOGICAL:
        return None
    return PortabilityWarning(path, logical.name, *_BY_LOGICAL[logical.name])
