"""Resolve the field names that a generator refers to into field paths, and order fields so that dependencies are generated first."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from gerador.avro.schema import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.avro.schema import AvroType


def parent_record(path: str) -> str:
    """Return the path of the record that the field at `path` stands in; empty for the row."""
    return path.rpartition(".")[0]


def child_path(record: str, name: str) -> str:
    """Return the path of a record's field."""
    return f"{record}.{name}" if record else name


def resolve_field(path: str, name: str, paths: Mapping[str, AvroType]) -> tuple[str, bool] | None:
    """Return the path that the field at `path` calls `name`, and whether it stands beside it.

    Beside: in the same record, so that both have as many items. What stands inside a list or a
    union without a record around it reaches the row's fields alone. ``a.b`` goes into records
    that are never null. None: there is no such field, or it is or holds the one that asks.
    """
    around = parent_record(path)
    is_field = _is_field(path)
    candidates = [(child_path(around, name), True)] if is_field else []
    for found, beside in [*candidates, (name, is_field and around == "")]:
        holds = _is_inside(path, found) or _is_inside(found, path)
        if (
            found in paths
            and not holds
            and _is_record_path(name)
            and _through_records(found, name, paths)
        ):
            return found, beside
    return None


def _is_record_path(name: str) -> bool:
    return not any(mark in name for mark in ("[", "{", "<"))


def _through_records(found: str, name: str, paths: Mapping[str, AvroType]) -> bool:
    """Tell whether the path `found`, which ends with `name`, enters records alone for `name`."""
    steps = found.split(".")
    into = name.count(".")
    return all(
        isinstance(paths[".".join(steps[: len(steps) - i])], Record) for i in range(1, into + 1)
    )


def visible_names(path: str, paths: Mapping[str, AvroType]) -> set[str]:
    """Return the names that the field at `path` may mention."""
    around = parent_record(path)
    records = {"", around} if _is_field(path) else {""}
    fields = [p for p in paths if parent_record(p) in records and _is_field(p)]
    return {p.rpartition(".")[2] for p in fields if not _is_inside(path, p)}


def _is_field(path: str) -> bool:
    return not path.endswith(("[]", "{}", "{#}", ">"))


def generation_order(
    record: Record, path: str, needs: Mapping[str, frozenset[str]]
) -> tuple[int, ...]:
    """Return in which order a record's fields can be made, as their positions.

    `needs` says by field path which paths it mentions. Without mentions: the schema's order.

    Raises graphlib.CycleError: fields that need each other.
    """
    places = {child_path(path, f.name): i for i, f in enumerate(record.fields)}
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for place, i in places.items():
        inside = (n for p, ns in needs.items() if _is_inside(p, place) for n in ns)
        sorter.add(
            i, *sorted({places[o] for n in inside for o in places if _is_inside(n, o)} - {i})
        )
    return tuple(sorter.static_order())


def _is_inside(path: str, place: str) -> bool:
    return path == place or (path.startswith(place) and path[len(place)] in ".[{<")
