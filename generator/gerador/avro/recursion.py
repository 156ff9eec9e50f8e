"""Expand records that contain themselves to a bounded depth.

A schema is a tree of types. Where a record would contain itself once more than its depth, the tree
has a `Recursion`, which has no values: a union takes another branch there, an array or a map is
empty.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from gerador.avro.schema import Array, Map, Record, Recursion, Union, nested_types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gerador.avro.schema import AvroType


RECURSION_DEPTH: Final = 3
"""Levels of a record inside itself, beyond the fewest with which its values end."""


VALUES_MAX: Final = 1_024
"""Mean number of values of a row, up to which records are repeated inside themselves."""
_MEAN_ITEMS: Final = 2


def mean_values(avro_type: AvroType) -> float:
    """Return the mean number of values of a type, with default lengths of arrays and maps."""
    inner = [mean_values(t) for t in nested_types(avro_type)]
    match avro_type:
        case Recursion():
            return 0.0
        case Record():
            return sum(inner)
        case Array() | Map():
            return _MEAN_ITEMS * inner[0]
        case Union():
            return sum(inner) / (1 if avro_type.null_branch is not None else len(inner))
        case _:
            return 1.0


def expand_recursion(
    root: AvroType, records: Mapping[str, Record], fits: Callable[[AvroType], bool]
) -> AvroType | None:
    """Return `root` with records inside themselves expanded; None: no value of it would end.

    `records` are those that contain themselves, by full name, with `Recursion` where they do.
    The depth is less than RECURSION_DEPTH where the tree would not fit.
    """
    trees = (_Expansion(records, depth).expand(root, 0) for depth in range(1, len(records) + 1))
    fewest = next((n for n, tree in enumerate(trees, 1) if not isinstance(tree, Recursion)), None)
    if fewest is None:
        return None
    for depth in count(fewest + RECURSION_DEPTH, -1):
        tree = _Expansion(records, depth).expand(root, 0)
        if depth == fewest or fits(tree):
            return tree
    raise AssertionError


def complete_records(root: AvroType) -> dict[str, Record]:
    """Return the records of a tree by name, each from where it contains itself most often.

    Formats that name their types, and so allow recursion, define records by these.
    """
    found: dict[str, Record] = {}
    sizes: dict[str, int] = {}

    def size(avro_type: AvroType) -> int:
        types = 1 + sum(map(size, nested_types(avro_type)))
        if isinstance(avro_type, Record) and types > sizes.get(avro_type.name, 0):
            found[avro_type.name], sizes[avro_type.name] = avro_type, types
        return types

    size(root)
    return found


class _Expansion:
    """Expands types to a depth. A type that has no finite value there becomes a `Recursion`.

    Equal parts of the tree are one object: cost O(types * depth).
    """

    def __init__(self, records: Mapping[str, Record], depth: int) -> None:
        self._records = records
        self._depth = depth
        self._expanded: dict[tuple[int, int], tuple[AvroType, AvroType]] = {}

    def expand(self, avro_type: AvroType, level: int) -> AvroType:
        """Return a type at a level: the number of records around it that contain themselves."""
        known = self._expanded.get((id(avro_type), level))
        if known is None:  # with the type itself, so that its id remains its own
            known = avro_type, self._expand(avro_type, level)
            self._expanded[id(avro_type), level] = known
        return known[1]

    def _expand(self, avro_type: AvroType, level: int) -> AvroType:
        match avro_type:
            case Recursion(record=name):
                return self.expand(self._records[name], level)
            case Record():
                return self._record(avro_type, level)
            case Array():
                return replace(avro_type, items=self.expand(avro_type.items, level))
            case Map():
                return replace(avro_type, values=self.expand(avro_type.values, level))
            case Union():
                branches = tuple(self.expand(branch, level) for branch in avro_type.branches)
                ended = [b for b in branches if isinstance(b, Recursion)]
                return ended[0] if len(ended) == len(branches) else Union(branches)
            case _:
                return avro_type

    def _record(self, record: Record, level: int) -> AvroType:
        if record.name in self._records:
            if level == self._depth:
                return Recursion(record=record.name)
            level += 1
        types = [self.expand(field.type, level) for field in record.fields]
        if any(isinstance(inner, Recursion) for inner in types):
            return Recursion(record=record.name)
        pairs = zip(record.fields, types, strict=True)
        return replace(record, fields=tuple(replace(f, type=inner) for f, inner in pairs))
