"""Validate the streams of a scenario: references, topics, rates, keys and headers."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from gerador.avro.paths import field_paths
from gerador.avro.schema import is_nullable, non_null_type, same_value_type, type_label
from gerador.errors import SettingError, did_you_mean
from gerador.scenario.field_validation import FieldError, key_error
from gerador.scenario.output import output_errors
from gerador.schedule.profiles import Constant
from gerador.schedule.scripted_changes import check_script_rate
from gerador.values.faker_pool import check_locale
from gerador.values.never_sent_rows import sent_field_type, unused_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from gerador.avro.schema import AvroType, Record
    from gerador.scenario.model import Scenario, StreamModel
    from gerador.scenario.output import Output
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.scenario.yaml_reader import LocatedError, Location
    from gerador.values.references import ReferenceGenerator


def lookup_errors(specs: Iterable[StreamSpec]) -> Iterator[tuple[str, FieldError]]:
    """Yield the errors of fields that reference other streams, each with its stream's name."""
    by_name = {spec.name: spec for spec in specs}
    for spec in by_name.values():
        paths = dict(field_paths(spec.row))
        for path, generator in spec.lookups:
            for parameter, text in _reference_errors(spec, generator, paths[path], by_name):
                yield spec.name, FieldError(path, parameter, text)
    yield from _cycle_errors(by_name)


def _reference_errors(
    spec: StreamSpec,
    generator: ReferenceGenerator,
    avro_type: AvroType,
    specs: dict[str, StreamSpec],
) -> Iterator[tuple[str, str]]:
    other = specs.get(generator.stream)
    if other is None:
        yield "field", unknown_stream(generator.stream, specs)
    elif other is spec:
        yield "field", SELF_REFERENCE
    else:
        yield from _target_errors(generator, avro_type, other)


SELF_REFERENCE = "a stream cannot reference itself; use sql or template for fields of the same row"


def unknown_stream(name: str, names: Iterable[str]) -> str:
    """Return the message for a reference to a stream that is not declared."""
    return f"unknown stream {name!r}{did_you_mean(name, names)}"


def reference_cycle(names: Sequence[str]) -> str:
    """Return the message for streams that reference each other, the first one named again last."""
    return f"streams reference each other in a cycle: {' -> '.join(names)}; remove one reference"


def _target_errors(
    generator: ReferenceGenerator, avro_type: AvroType, other: StreamSpec
) -> Iterator[tuple[str, str]]:
    name, target_type = generator.field, sent_field_type(other, generator.path)
    if target_type is None:
        hint = did_you_mean(generator.path, [f.name for f in other.schema.root.fields])
        yield "field", f"stream {other.name!r} has no field {generator.path!r}{hint}"
    elif not same_value_type(non_null_type(target_type), non_null_type(avro_type)):
        labels = type_label(target_type), type_label(avro_type)
        yield "field", f"{name} has type {labels[0]!r} but this field has type {labels[1]!r}"
    elif is_nullable(target_type) and not is_nullable(avro_type):
        yield "field", f"{name} is nullable but this field is not; make it nullable"
    elif generator.missing and unused_values(other, generator.path) == 0:
        rows = "an endless stream" if other.rows is None else f"{other.rows:,} rows"
        text = f"every value of {name} can occur in {rows}, so no value can be missing"
        yield "missing", f"{text}; widen its range, or use uuid or sequence there"
    if other.rows is None and generator.recent is None and generator.row_of is None:
        text = f"stream {other.name!r} is endless; add recent: 1000, or set its rows"
        yield "recent", text


def _cycle_errors(specs: dict[str, StreamSpec]) -> Iterator[tuple[str, FieldError]]:
    """Yield the first cycle of streams that reference each other."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for spec in specs.values():
        others = {generator.stream for _, generator in spec.lookups} & specs.keys() - {spec.name}
        sorter.add(spec.name, *sorted(others))
    try:
        sorter.prepare()
    except CycleError as e:
        names = list(reversed(e.args[1]))
        path = next(p for p, g in specs[names[0]].lookups if g.stream == names[1])
        yield names[0], FieldError(path, "field", reference_cycle(names))


def scenario_errors(scenario: Scenario, invalid: Collection[str]) -> Iterator[LocatedError]:
    """Yield topics that two streams share, and a total rate that no stream has a share of.

    `invalid` are the names of streams that are left out of `scenario`.
    """
    topics: dict[str, str] = {}
    for name, stream in scenario.streams.items():
        topic = stream.topic.name or name
        if topic in topics:
            text = f"topic {topic!r} is already used by stream {topics[topic]!r}; choose another"
            yield ("streams", name, "topic", "name"), text
        topics.setdefault(topic, name)
    if scenario.rate and not invalid and all(s.rate for s in scenario.streams.values()):
        text = "rate has no effect: every stream sets its own; remove it here or in a stream"
        yield ("rate",), text


def locale_errors(scenario: Scenario) -> Iterator[LocatedError]:
    """Yield unknown locales of the scenario and its streams."""
    if scenario.locale is not None and (text := locale_error(scenario.locale)):
        yield ("locale",), text
    for name, stream in scenario.streams.items():
        if stream.locale is not None and (text := locale_error(stream.locale)):
            yield ("streams", name, "locale"), text


def locale_error(locale: str) -> str | None:
    """Return why a locale is invalid; None: it is valid."""
    try:
        check_locale(locale)
    except SettingError as e:
        return str(e)
    return None


def rate_errors(scenario: Scenario, stream: StreamModel, loc: Location) -> Iterator[LocatedError]:
    """Yield scripted changes of an unlimited rate, and a weight that has no effect."""
    rate = stream.rate or scenario.rate
    try:
        check_script_rate(rate, stream.at)
    except ValueError as e:
        yield (*loc, "at"), str(e)
    if "weight" not in stream.model_fields_set:
        return
    if rate is None:
        text = "weight has no effect: the scenario has no total rate; set rate above streams"
        yield (*loc, "weight"), f"{text}, or remove weight"
    elif stream.rate is not None and stream.rate != Constant(constant="max"):
        yield (*loc, "weight"), "weight has no effect: the stream sets its own rate; remove one"


def record_errors(
    stream: StreamModel, row: Record, sent: Record, output: Output, loc: Location
) -> Iterator[LocatedError]:
    """Yield a key, formats and headers that do not fit the record that is sent."""
    key = stream.topic.key
    if text := key_error(sent, key):
        yield (*loc, "topic", "key"), text
        return
    for location, text in output_errors(row, output, key):
        yield (*loc, *location), text
