"""Resolve the field names that a generator references to paths, and order fields by dependency."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from gerador.avro.schema import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.avro.schema import AvroType


def parent_record(path: str) -> str:
    """Return the path of the record that contains the field at `path`; empty for the row."""
    return path.rpartition(".")[0]


def child_path(record: str, name: str) -> str:
    """Return the path of a record's field."""
    return f"{record}.{name}" if record else name


def resolve_field(path: str, name: str, paths: Mapping[str, AvroType]) -> tuple[str, bool] | None:
    """Return the path of the field that `name` means at `path`, and whether it is a sibling.

    Siblings are fields of the same record, which have as many items. They precede fields of the
    row. Items of arrays, maps and unions can reference only fields of the row. ``a.b`` enters
    records that are not nullable.

    None: no such field, or the field at `path` itself, or one that contains it or is inside it.
    """
    record = parent_record(path)
    is_field = _is_field(path)
    siblings = [(child_path(record, name), True)] if is_field else []
    for candidate, same_record in [*siblings, (name, is_field and not record)]:
        overlaps = is_inside(path, candidate) or is_inside(candidate, path)
        if (
            candidate in paths
            and not overlaps
            and _is_record_path(name)
            and _through_records(candidate, name, paths)
        ):
            return candidate, same_record
    return None


def _is_record_path(name: str) -> bool:
    return not any(mark in name for mark in ("[", "{", "<"))


def _through_records(path: str, name: str, paths: Mapping[str, AvroType]) -> bool:
    """Return whether all parents that `name`, the end of `path`, contains are records."""
    parts = path.split(".")
    parents = (".".join(parts[: len(parts) - i]) for i in range(1, name.count(".") + 1))
    return all(isinstance(paths[parent], Record) for parent in parents)


def visible_names(path: str, paths: Mapping[str, AvroType]) -> set[str]:
    """Return the names of the fields that the field at `path` can reference."""
    records = {"", parent_record(path)} if _is_field(path) else {""}
    fields = [p for p in paths if parent_record(p) in records and _is_field(p)]
    return {p.rpartition(".")[2] for p in fields if not is_inside(path, p)}


def _is_field(path: str) -> bool:
    return not path.endswith(("[]", "{}", "{#}", ">"))


def generation_order(
    record: Record, path: str, dependencies: Mapping[str, frozenset[str]]
) -> tuple[int, ...]:
    """Return the positions of a record's fields in an order that satisfies their dependencies.

    `dependencies` are the paths that each field references, by path. Without any, the order is
    that of the schema.

    Raises graphlib.CycleError: fields that depend on each other.
    """
    positions = {child_path(path, f.name): i for i, f in enumerate(record.fields)}
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for field, position in positions.items():
        referenced = {r for p, refs in dependencies.items() if is_inside(p, field) for r in refs}
        needed = {positions[f] for r in referenced for f in positions if is_inside(r, f)}
        sorter.add(position, *sorted(needed - {position}))
    return tuple(sorter.static_order())


def is_inside(path: str, outer: str) -> bool:
    """Return whether `path` is `outer` or a part of it."""
    return path == outer or (path.startswith(outer) and path[len(outer)] in ".[{<")
