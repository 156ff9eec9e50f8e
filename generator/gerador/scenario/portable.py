"""Which fields of a schema do not travel to Flink and Spark, and how they appear there. Pure.

A type travels when Flink 2.3 (``avro-confluent``, no schema written by hand) has a column type for
it, Spark 4.1 (`from_avro`) too, and both give the value with its meaning. What is said here was
read from those engines; `tests/engines/test_types.py` reads it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gerador.scenario.avro import Enum, Fixed, Primitive, Record, Union, branch_name, is_null
from gerador.scenario.paths import child_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.scenario.avro import AvroType

DECIMAL_DIGITS_MAX: Final = 38
"""Digits of the widest decimal of Flink and of Spark."""

WHOLE_NUMBERS: Final = frozenset({"int", "long"})
"""The only union of several types that both engines read: as their 64-bit integer."""


@dataclass(frozen=True, slots=True)
class Caution:
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


_NOTHING: Final = "no column type"
_WRONG: Final = "BIGINT only (TIMESTAMP(3) is silently wrong)"

_BY_LOGICAL: Final = {
    "time-millis": ("TIME(3)", "a plain int", "an int of milliseconds"),
    "time-micros": ("a plain BIGINT", "a plain bigint", "a long of microseconds"),
    "timestamp-micros": (_WRONG, "timestamp", "timestamp-millis"),
    "timestamp-nanos": (_WRONG, "a plain bigint", "timestamp-millis"),
    "local-timestamp-micros": (_WRONG, "timestamp_ntz", "local-timestamp-millis"),
    "local-timestamp-nanos": (_WRONG, "a plain bigint", "local-timestamp-millis"),
}
"""Logical types on a number: the column in Flink, in Spark, and the type that travels."""

_ON_FIXED: Final = {
    "decimal": ("decimal", "a decimal on bytes"),
    "uuid": ("binary", "a uuid on string"),
    "duration": ("binary", "a long of milliseconds"),
}
"""Logical types on a fixed: the column in Spark, and the type that travels."""


def cautions(record: Record) -> Iterator[Caution]:
    """Yield a caution for each field of `record` that does not travel, in the schema's order.

    A field inside one that does not travel is not named again. Cost: O(types of the schema).
    """
    yield from _within(record, "")


def _within(avro_type: AvroType, path: str) -> Iterator[Caution]:
    for child_path, child in child_types(avro_type, path):
        found = _caution(child_path, _value(child))
        if found is None:
            yield from _within(child, child_path)
        else:
            yield found


def _value(avro_type: AvroType) -> AvroType:
    """Return what stands in a nullable type; any other type is itself."""
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return avro_type.value
    return avro_type


def _caution(path: str, avro_type: AvroType) -> Caution | None:
    match avro_type:
        case Enum():
            return Caution(path, f"enum {avro_type.name}", _NOTHING, "string", "string")
        case Fixed():
            return _of_fixed(path, avro_type)
        case Union():
            return _of_union(path, avro_type)
        case Primitive():
            return _of_primitive(path, avro_type)
        case _:
            return None


def _of_fixed(path: str, fixed: Fixed) -> Caution:
    logical = "" if fixed.logical is None else fixed.logical.name
    spark, instead = _ON_FIXED.get(logical, ("binary", "bytes"))
    what = f"{logical} on fixed {fixed.name}" if logical else f"fixed {fixed.name}"
    return Caution(path, what, _NOTHING, spark, instead)


def _of_union(path: str, union: Union) -> Caution | None:
    branches = [b for b in union.branches if not is_null(b)]
    names = [branch_name(b) for b in branches]
    plain = all(isinstance(b, Primitive) and b.logical is None for b in branches)
    if len(branches) < 2 or (plain and WHOLE_NUMBERS.issuperset(names)):
        return None
    what = f"union of {', '.join(names)}"
    return Caution(path, what, _NOTHING, "struct of member0, member1, …", "a nullable field each")


def _of_primitive(path: str, primitive: Primitive) -> Caution | None:
    logical = primitive.logical
    if logical is None:
        return None
    if logical.name == "decimal" and logical.precision > DECIMAL_DIGITS_MAX:
        what = f"decimal of {logical.precision} digits"
        instead = f"{DECIMAL_DIGITS_MAX} digits or fewer"
        return Caution(path, what, "silently null", "refuses the whole schema", instead)
    if logical.name not in _BY_LOGICAL:
        return None
    return Caution(path, logical.name, *_BY_LOGICAL[logical.name])
