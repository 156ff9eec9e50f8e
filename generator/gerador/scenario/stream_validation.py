"""Validate the streams of a scenario together: lookups between streams, topics, rates, keys and headers."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

from gerador.avro.paths import field_paths
from gerador.avro.schema import is_nullable, non_null_type, same_value_type, type_label
from gerador.errors import ConfigurationError, did_you_mean
from gerador.scenario.field_validation import check_key
from gerador.scenario.output import check_output
from gerador.scenario.stream_spec import lookups_of
from gerador.schedule.profiles import Constant
from gerador.schedule.scripted_changes import check_script_rate
from gerador.values.references import ReferenceGenerator, sent_field_type, unused_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gerador.avro.schema import AvroType, Record
    from gerador.scenario.flatten import FlatDeclarations
    from gerador.scenario.model import Scenario, StreamModel
    from gerador.scenario.output import Output
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.scenario.validation_errors import LocatedError
    from gerador.scenario.yaml_reader import Location


class StreamFieldError(NamedTuple):
    """What is wrong about a field that looks elsewhere: where it stands, and the line."""

    stream: str
    path: str
    parameter: str
    text: str


def lookup_errors(specs: Iterable[StreamSpec]) -> Iterator[StreamFieldError]:
    """Yield all that is wrong about the fields of these streams that look at one another."""
    known = {spec.name: spec for spec in specs}
    for spec in known.values():
        paths = dict(field_paths(spec.row))
        for path, declared in lookups_of(spec):
            for parameter, text in _stream_reference_errors(spec, declared, paths[path], known):
                yield StreamFieldError(spec.name, path, parameter, text)
    yield from _cycle_errors(known)


def _stream_reference_errors(
    spec: StreamSpec,
    declared: ReferenceGenerator,
    avro_type: AvroType,
    known: dict[str, StreamSpec],
) -> Iterator[tuple[str, str]]:
    other = known.get(declared.stream)
    if other is None:
        hint = did_you_mean(declared.stream, known)
        yield "field", f"no stream {declared.stream!r}{hint}"
    elif other is spec:
        yield "field", "a stream cannot look at itself; use sql or a template over its own fields"
    else:
        yield from _target_field_errors(declared, avro_type, other)


def _target_field_errors(
    declared: ReferenceGenerator, avro_type: AvroType, other: StreamSpec
) -> Iterator[tuple[str, str]]:
    found = sent_field_type(other, declared.path)
    if found is None:
        names = [f.name for f in other.schema.root.fields]
        hint = did_you_mean(declared.path, names)
        yield "field", f"stream {other.name!r} has no field {declared.path!r}{hint}"
    elif not same_value_type(non_null_type(found), non_null_type(avro_type)):
        yield (
            "field",
            f"{declared.field} is {type_label(found)!r} and this field {type_label(avro_type)!r}",
        )
    elif is_nullable(found) and not is_nullable(avro_type):
        yield "field", f"{declared.field} may be null; make this field nullable"
    elif declared.missing and unused_values(other, declared.path) == 0:
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


def _cycle_errors(known: dict[str, StreamSpec]) -> Iterator[StreamFieldError]:
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
        yield StreamFieldError(names[0], path, "field", f"{circle}: streams in a circle; cut it")


def scenario_errors(scenario: Scenario, broken: Collection[str]) -> Iterator[LocatedError]:
    """Yield two streams of one topic, and a rate that no stream has a share of."""
    topics: dict[str, str] = {}
    for name, stream in scenario.streams.items():
        topic = stream.topic.name or name
        if topic in topics:
            loc = ("streams", name, "topic", "name")
            feeds = f"topic {topic!r} is that of stream {topics[topic]!r} as well"
            yield loc, f"{feeds}; give each stream a topic of its own"
        topics.setdefault(topic, name)
    if scenario.rate and not broken and all(s.rate for s in scenario.streams.values()):
        yield ("rate",), "every stream has a rate of its own; remove this one, or one of theirs"


def rate_errors(scenario: Scenario, stream: StreamModel, loc: Location) -> Iterator[LocatedError]:
    """Yield a script over full speed, and a weight that weighs nothing."""
    rate = stream.rate or scenario.rate
    try:
        check_script_rate(rate, stream.at)
    except ValueError as e:
        yield (*loc, "at"), str(e)
    if "weight" not in stream.model_fields_set:
        return
    if rate is None:
        text = "a weight is a share of the scenario's rate; give a rate above streams, or remove it"
        yield (*loc, "weight"), text
    elif stream.rate is not None and stream.rate != Constant(constant="max"):
        yield (*loc, "weight"), "a weight beside a rate of its own means nothing; keep one of them"


def record_errors(
    stream: StreamModel, sent: Record, output: Output, loc: Location
) -> Iterator[LocatedError]:
    """Yield what does not fit what is sent about its key, formats and headers."""
    key = stream.topic.key
    try:
        check_key("", sent, key)
    except ConfigurationError as e:
        yield (*loc, "topic", "key"), str(e).removeprefix(": ")
        return
    try:
        check_output("", sent, output, key)
    except ConfigurationError as e:
        text = str(e).removeprefix(": ")
        header = re.match(r"header '(.*?)': ", text)
        where = ("headers", header[1]) if header else ("key_format",)
        yield (*loc, *where), text[header.end() :] if header else text


def located_lookup_errors(
    specs: Mapping[str, StreamSpec], flats: Mapping[str, FlatDeclarations]
) -> Iterator[LocatedError]:
    """Yield what is wrong about fields that look at other streams, those that are known."""
    for stream, path, parameter, text in lookup_errors(specs.values()):
        looked = getattr(specs[stream].fields[path], "stream", stream)
        if looked in specs or looked not in flats:
            yield flats[stream].place(path, parameter), text
