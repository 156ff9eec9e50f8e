"""Whether streams that look values up in each other can: names, types, circles, ends.

Judges only, over all streams of a scenario; what a stream says by itself is judged in `fit`.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Final, NamedTuple

from gerador.errors import did_you_mean
from gerador.scenario.avro import Array, Enum, Fixed, Map, Primitive, Record, Union
from gerador.scenario.by_type import default_field
from gerador.scenario.fields import FromField
from gerador.scenario.kinds import told
from gerador.scenario.paths import field_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gerador.scenario.avro import AvroType
    from gerador.scenario.model import StreamSpec


VALUES_MIN: Final = 2**30
"""Values of which an endless stream leaves none: a thousand million rows have had them all."""


class LookupComplaint(NamedTuple):
    """What is wrong about a field that looks elsewhere: where it stands, and the line."""

    stream: str
    path: str
    parameter: str
    text: str


def about_lookups(specs: Iterable[StreamSpec]) -> Iterator[LookupComplaint]:
    """Yield all that is wrong about the fields of these streams that look at one another."""
    known = {spec.name: spec for spec in specs}
    for spec in known.values():
        paths = dict(field_paths(spec.row))
        for path, declared in lookups_of(spec):
            for parameter, text in _about(spec, declared, paths[path], known):
                yield LookupComplaint(spec.name, path, parameter, text)
    yield from _about_circle(known)


def lookups_of(spec: StreamSpec) -> list[tuple[str, FromField]]:
    """Return the fields of a stream that look at others, by path."""
    return [(p, d) for p, d in spec.fields.items() if isinstance(d, FromField)]


def sent_field(spec: StreamSpec, path: str) -> AvroType | None:
    """Return the type at a path that leads through records alone; None: no such field is sent."""
    record: AvroType = spec.schema.root
    for name in path.split("."):
        if not isinstance(record, Record):
            return None
        found = next((f.type for f in record.fields if f.name == name), None)
        if found is None:
            return None
        record = found
    return record


def _about(
    spec: StreamSpec, declared: FromField, avro_type: AvroType, known: dict[str, StreamSpec]
) -> Iterator[tuple[str, str]]:
    other = known.get(declared.stream)
    if other is None:
        hint = did_you_mean(declared.stream, known)
        yield "field", f"no stream {declared.stream!r}{hint}"
    elif other is spec:
        yield "field", "a stream cannot look at itself; use sql or a template over its own fields"
    else:
        yield from _about_field(declared, avro_type, other)


def _about_field(
    declared: FromField, avro_type: AvroType, other: StreamSpec
) -> Iterator[tuple[str, str]]:
    found = sent_field(other, declared.path)
    if found is None:
        names = [f.name for f in other.schema.root.fields]
        hint = did_you_mean(declared.path, names)
        yield "field", f"stream {other.name!r} has no field {declared.path!r}{hint}"
    elif not same_values(value_of(found), value_of(avro_type)):
        yield "field", f"{declared.field} is {told(found)!r} and this field {told(avro_type)!r}"
    elif is_nullable(found) and not is_nullable(avro_type):
        yield "field", f"{declared.field} may be null; make this field nullable"
    elif declared.missing and values_left(other, declared.path) == 0:
        rows = "an endless stream" if other.rows is None else f"{other.rows:,} rows"
        text = f"{declared.field} has no values beyond those of {rows}, so that none can miss"
        yield "missing", f"{text}; widen it, or use uuid or a sequence there"
    if other.rows is None and declared.recent is None and declared.row_of is None:
        yield (
            "recent",
            (
                f"stream {other.name!r} is endless; add recent: 1000, the rows to look at, "
                "or give it rows"
            ),
        )


def values_left(spec: StreamSpec, path: str) -> int | None:
    """Return how many values of a sent field the stream's own rows leave; None: it is not known.

    Rows are numbered on behind the last one, so that those of a sequence, or of what is unique,
    are the values that are left. Of an endless stream, VALUES_MIN count as all that it has.
    """
    found = sent_field(spec, path)
    assert found is not None  # noqa: S101 - who asks has found it
    declared = spec.fields.get(path) or default_field(found, path)
    space = declared.space(value_of(found))
    return None if space is None else max(0, space - (spec.rows or VALUES_MIN))


def is_nullable(avro_type: AvroType) -> bool:
    """Tell whether a type is that of plain nullable values."""
    return isinstance(avro_type, Union) and avro_type.null_branch is not None


def value_of(avro_type: AvroType) -> AvroType:
    """Return a type without its null."""
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return avro_type.value
    return avro_type


def same_values(a: AvroType, b: AvroType) -> bool:
    """Tell whether two types hold the same values: all but names of types, and a uuid is text."""
    match a, b:
        case Primitive(), Primitive():
            return a.name == b.name and (a.name == "string" or a.logical == b.logical)
        case Fixed(), Fixed():
            return a.size == b.size and a.logical == b.logical
        case Enum(), Enum():
            return a.symbols == b.symbols
        case Array(), Array():
            return same_values(a.items, b.items)
        case Map(), Map():
            return same_values(a.values, b.values)
        case Union(), Union():
            return _same_all(a.branches, b.branches)
        case Record(), Record():
            names = [f.name for f in a.fields] == [f.name for f in b.fields]
            return names and _same_all([f.type for f in a.fields], [f.type for f in b.fields])
        case _:
            return False


def _same_all(ours: Iterable[AvroType], theirs: Iterable[AvroType]) -> bool:
    first, second = list(ours), list(theirs)
    alike = (same_values(a, b) for a, b in zip(first, second, strict=False))
    return len(first) == len(second) and all(alike)


def _about_circle(known: dict[str, StreamSpec]) -> Iterator[LookupComplaint]:
    """Yield the first circle of streams that look at one another."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for spec in known.values():
        others = {d.stream for _, d in lookups_of(spec)} & known.keys() - {spec.name}
        sorter.add(spec.name, *sorted(others))
    try:
        sorter.prepare()
    except CycleError as e:
        names = list(reversed(e.args[1]))
        path = next(p for p, d in lookups_of(known[names[0]]) if d.stream == names[1])
        circle = " refers to ".join(repr(n) for n in names)
        yield LookupComplaint(names[0], path, "field", f"{circle}: streams in a circle; cut it")
