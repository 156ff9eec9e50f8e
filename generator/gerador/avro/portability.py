"""Avro types that Flink and Spark cannot read, and how they appear there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gerador.avro.paths import child_types
from gerador.avro.schema import Enum, Fixed, Primitive, Record, Union, branch_name, is_null

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.avro.schema import AvroType


DECIMAL_DIGITS_MAX: Final = 38
"""Digits of the widest decimal of Flink and of Spark."""

INTEGER_TYPES: Final = frozenset({"int", "long"})
"""The only union of several types that both engines read: as their 64-bit integer."""


@dataclass(frozen=True, slots=True)
class PortabilityWarning:
    """A field that does not travel: where it stands, its type, what becomes of it, what would do.

    `flink` and `spark` are said of the column: "a plain BIGINT".
    """

    path: str
    what: str
    flink: str
    spark: str
    instead: str

    def __str__(self) -> str:
        """Return all of it in one line."""
        return (
            f"{self.path}: {self.what}: Flink: {self.flink}; Spark: {self.spark}; "
            f"use {self.instead}"
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
"""Logical types on a number: the column in Flink, in Spark, and the type that travels."""

_ON_FIXED: Final = {
    "decimal": ("decimal", "a decimal on bytes"),
    "uuid": ("binary", "a uuid on string"),
    "duration": ("binary", "a long of milliseconds"),
}
"""Logical types on a fixed: the column in Spark, and the type that travels."""


def portability_warnings(record: Record) -> Iterator[PortabilityWarning]:
    """Yield a caution for each field of `record` that does not travel, in the schema's order.

    A field inside one that does not travel is not named again. Cost: O(types of the schema).
    """
    yield from _nested_warnings(record, "")


def _nested_warnings(avro_type: AvroType, path: str) -> Iterator[PortabilityWarning]:
    for child_path, child in child_types(avro_type, path):
        found = _warning(child_path, _non_null_type(child))
        if found is None:
            yield from _nested_warnings(child, child_path)
        else:
            yield found


def _non_null_type(avro_type: AvroType) -> AvroType:
    """Return what stands in a nullable type; any other type is itself."""
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return avro_type.value
    return avro_type


def _warning(path: str, avro_type: AvroType) -> PortabilityWarning | None:
    match avro_type:
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
    spark, instead = _ON_FIXED.get(logical, ("binary", "bytes"))
    what = f"{logical} on fixed {fixed.name}" if logical else f"fixed {fixed.name}"
    return PortabilityWarning(path, what, _NO_COLUMN_TYPE, spark, instead)


def _union_warning(path: str, union: Union) -> PortabilityWarning | None:
    branches = [b for b in union.branches if not is_null(b)]
    names = [branch_name(b) for b in branches]
    plain = all(isinstance(b, Primitive) and b.logical is None for b in branches)
    if len(branches) < 2 or (plain and INTEGER_TYPES.issuperset(names)):
        return None
    what = f"union of {', '.join(names)}"
    return PortabilityWarning(
        path, what, _NO_COLUMN_TYPE, "struct of member0, member1, …", "a nullable field each"
    )


def _primitive_warning(path: str, primitive: Primitive) -> PortabilityWarning | None:
    logical = primitive.logical
    if logical is None:
        return None
    if logical.name == "decimal" and logical.precision > DECIMAL_DIGITS_MAX:
        what = f"decimal of {logical.precision} digits"
        instead = f"{DECIMAL_DIGITS_MAX} digits or fewer"
        return PortabilityWarning(path, what, "silently null", "refuses the whole schema", instead)
    if logical.name not in _BY_LOGICAL:
        return None
    return PortabilityWarning(path, logical.name, *_BY_LOGICAL[logical.name])
