"""Which fields of a row depend on which: names resolved, orders found, circles refused.

A name means a field beside the one that mentions it, in the same record, or else a field of the
row itself.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from gerador.errors import did_you_mean
from gerador.scenario.avro import Record
from gerador.scenario.by_type import default_field
from gerador.scenario.fields.declared import Declared
from gerador.scenario.paths import child_types, field_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.scenario.avro import AvroType
    from gerador.scenario.fields import FieldSpec


def record_of(path: str) -> str:
    """Return the path of the record that the field at `path` stands in; empty for the row."""
    return path.rpartition(".")[0]


def below(record: str, name: str) -> str:
    """Return the path of a record's field."""
    return f"{record}.{name}" if record else name


def reach(path: str, name: str, paths: Mapping[str, AvroType]) -> tuple[str, bool] | None:
    """Return the path that the field at `path` calls `name`, and whether it stands beside it.

    Beside: in the same record, so that both have as many items. What stands inside a list or a
    union without a record around it reaches the row's fields alone. ``a.b`` goes into records
    that are never null. None: there is no such field, or it is or holds the one that asks.
    """
    around = record_of(path)
    is_field = _is_field(path)
    candidates = [(below(around, name), True)] if is_field else []
    for found, beside in [*candidates, (name, is_field and around == "")]:
        holds = _within(path, found) or _within(found, path)
        if found in paths and not holds and _is_plain(name) and _whole_way(found, name, paths):
            return found, beside
    return None


def _is_plain(name: str) -> bool:
    return not any(mark in name for mark in ("[", "{", "<"))


def _whole_way(found: str, name: str, paths: Mapping[str, AvroType]) -> bool:
    """Tell whether the path `found`, which ends with `name`, enters records alone for `name`."""
    steps = found.split(".")
    into = name.count(".")
    return all(
        isinstance(paths[".".join(steps[: len(steps) - i])], Record) for i in range(1, into + 1)
    )


def names_in_reach(path: str, paths: Mapping[str, AvroType]) -> set[str]:
    """Return the names that the field at `path` may mention."""
    around = record_of(path)
    records = {"", around} if _is_field(path) else {""}
    fields = [p for p in paths if record_of(p) in records and _is_field(p)]
    return {p.rpartition(".")[2] for p in fields if not _within(path, p)}


def mentioned(
    path: str, declared: FieldSpec, paths: Mapping[str, AvroType]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield (parameter, name, path or None) for each field that the one at `path` mentions.

    None: there is no such field. A field is never meant to mention itself.
    """
    if type(declared).mentions is Declared.mentions:
        return
    for parameter, name in declared.mentions(names_in_reach(path, paths)):
        found = reach(path, name, paths)
        yield parameter, name, None if found is None else found[0]


def _is_field(path: str) -> bool:
    return not path.endswith(("[]", "{}", "{#}", ">"))


def order_of(record: Record, path: str, needs: Mapping[str, frozenset[str]]) -> tuple[int, ...]:
    """Return in which order a record's fields can be made, as their positions.

    `needs` says by field path which paths it mentions. Without mentions: the schema's order.

    Raises graphlib.CycleError: fields that need each other.
    """
    places = {below(path, f.name): i for i, f in enumerate(record.fields)}
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for place, i in places.items():
        inside = (n for p, ns in needs.items() if _within(p, place) for n in ns)
        sorter.add(i, *sorted({places[o] for n in inside for o in places if _within(n, o)} - {i}))
    return tuple(sorter.static_order())


def _within(path: str, place: str) -> bool:
    return path == place or (path.startswith(place) and path[len(place)] in ".[{<")


def needs_of(root: Record, fields: Mapping[str, FieldSpec]) -> dict[str, frozenset[str]]:
    """Return by field path which paths its declaration mentions, those that mention any."""
    paths = dict(field_paths(root))
    found = {
        path: frozenset(to for _, _, to in mentioned(path, declared, paths) if to is not None)
        for path, declared in fields.items()
    }
    return {path: needed for path, needed in found.items() if needed}


def about_mentions(root: Record, fields: Mapping[str, FieldSpec]) -> Iterator[tuple[str, str, str]]:
    """Yield (path, parameter, complaint) for names of no field, and for fields in a circle."""
    paths = dict(field_paths(root))
    for path, declared in fields.items():
        if path not in paths:
            continue
        yield from _about_names(path, declared, fields, paths)
    needs = needs_of(root, fields)
    for path, record in _records(root, ""):
        try:
            order_of(record, path, needs)
        except CycleError as e:
            names = [record.fields[i].name for i in reversed(e.args[1])]
            circle = " needs ".join(repr(n) for n in names)
            yield below(path, names[0]), "", f"{circle}: fields in a circle; cut it"


def _about_names(
    path: str,
    declared: FieldSpec,
    fields: Mapping[str, FieldSpec],
    paths: Mapping[str, AvroType],
) -> Iterator[tuple[str, str, str]]:
    for parameter, name, to in mentioned(path, declared, paths):
        if to is None:
            yield path, parameter, _unknown(path, name, paths)
            continue
        other = fields.get(to) or default_field(paths[to], to)
        for complaint in declared.about_read(name, paths[to], other):
            yield path, parameter, complaint


def _unknown(path: str, name: str, paths: Mapping[str, AvroType]) -> str:
    if path == name:
        return f"field {name!r} is this one; mention another"
    if name in paths and _within(path, name):
        return f"field {name!r} holds this one, which is made first; mention another"
    return f"no field {name!r}{did_you_mean(name, names_in_reach(path, paths))}"


def _records(avro_type: AvroType, path: str) -> Iterator[tuple[str, Record]]:
    if isinstance(avro_type, Record):
        yield path, avro_type
    for child, inner in child_types(avro_type, path):
        yield from _nullable_records(inner, child)


def _nullable_records(avro_type: AvroType, path: str) -> Iterator[tuple[str, Record]]:
    value = getattr(avro_type, "value", avro_type) if _nullable(avro_type) else avro_type
    yield from _records(value, path)


def _nullable(avro_type: AvroType) -> bool:
    return getattr(avro_type, "null_branch", None) is not None
