"""Resolve a scenario's model to a plan: get or derive schemas, validate streams, collect errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gerador.avro.paths import field_paths
from gerador.avro.relocate_definitions import field_type_json
from gerador.avro.schema import Record
from gerador.errors import ConfigurationError
from gerador.scenario.field_validation import field_errors, unique_errors
from gerador.scenario.flatten import FlatDeclarations, flatten
from gerador.scenario.output import Output
from gerador.scenario.plan import ScenarioPlan, StreamPlan, rate_share
from gerador.scenario.schema_annotations.collect import with_annotations
from gerador.scenario.schema_derivation import SchemaDeriver
from gerador.scenario.stream_spec import StreamSpec
from gerador.scenario.stream_validation import (
    SELF_REFERENCE,
    locale_error,
    locale_errors,
    lookup_errors,
    rate_errors,
    record_errors,
    reference_cycle,
    scenario_errors,
    unknown_stream,
)
from gerador.values.faker_pool import DEFAULT_LOCALE, FakerGenerator, with_locale

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gerador.avro.schema import AvroSchema, Field
    from gerador.scenario.external_sources import ExternalTypes
    from gerador.scenario.model import Scenario, StreamModel
    from gerador.scenario.yaml_reader import LineIndex, LocatedError, Location
    from gerador.schedule.profiles import LoadProfile
    from gerador.values.declaration import ValueGenerator


def resolve(
    scenario: Scenario, external: ExternalTypes, lines: LineIndex
) -> tuple[ScenarioPlan, Sequence[LocatedError]]:
    """Return the plan of a scenario and all its errors; with errors, the plan is incomplete.

    `lines` are those of the file, for errors of rows.
    """
    resolver = _Resolver(scenario, external, lines=lines)
    errors = resolver.validate()
    plans = map(resolver.plan, scenario.streams)
    plan = ScenarioPlan(
        seed=scenario.seed,
        start=scenario.start,
        backfill_speed=scenario.backfill_speed,
        streams=tuple(p for p in plans if p is not None),
        description=scenario.description,
        scenario=resolver.with_locale(),
    )
    return plan, errors


def resolution_errors(
    scenario: Scenario, external: ExternalTypes, invalid: Collection[str]
) -> list[LocatedError]:
    """Return the errors of a scenario from which the `invalid` streams are left out."""
    return _Resolver(scenario, external, invalid).validate()


class _Resolver:
    """Resolves each stream of a scenario once; referenced streams before those that need them."""

    def __init__(
        self,
        scenario: Scenario,
        external: ExternalTypes,
        invalid: Collection[str] = (),
        lines: LineIndex | None = None,
    ) -> None:
        self._errors: list[LocatedError] = []
        self._scenario = scenario
        self._external = external
        self._invalid = invalid
        self._lines = lines
        self._plans: dict[str, StreamPlan | None] = {}
        self._flats: dict[str, FlatDeclarations] = {}
        self._in_progress: list[str] = []
        self._uses_default_locale = False

    def validate(self) -> list[LocatedError]:
        """Resolve every stream and return all errors."""
        plans = {name: self.plan(name) for name in self._scenario.streams}
        specs = {name: plan.spec for name, plan in plans.items() if plan is not None}
        self._errors += scenario_errors(self._scenario, self._invalid)
        self._errors += locale_errors(self._scenario)
        for name, (path, parameter, text) in lookup_errors(specs.values()):
            target = getattr(specs[name].fields[path], "stream", name)
            if target in specs or target not in self._flats:  # else its own errors are reported
                self._errors.append((self._flats[name].location(path, parameter), text))
        return self._errors

    def plan(self, name: str) -> StreamPlan | None:
        """Return a stream's plan; None when it has errors, which are recorded."""
        if name not in self._plans:
            self._in_progress.append(name)
            self._plans[name] = self._resolve(name, self._scenario.streams[name])
            self._in_progress.pop()
        return self._plans[name]

    def with_locale(self) -> Scenario:
        """Return the scenario with the default locale written out if a field depends on it."""
        if not self._uses_default_locale:
            return self._scenario
        return self._scenario.model_copy(update={"locale": DEFAULT_LOCALE})

    def of_field(self, stream_and_field: str) -> Any:
        """Return the Avro type (JSON) of another stream's field; see `TypeSource`."""
        stream, _, path = stream_and_field.partition(".")
        if not path:
            raise ValueError(f"{stream!r} has no field; expected stream.field, such as {stream}.id")
        if stream == self._in_progress[-1]:
            raise ValueError(SELF_REFERENCE)
        if stream in self._in_progress:
            start = self._in_progress.index(stream)
            raise ValueError(reference_cycle([*self._in_progress[start:], stream]))
        if stream not in {*self._scenario.streams, *self._invalid}:
            raise ValueError(unknown_stream(stream, self._scenario.streams))
        plan = None if stream in self._invalid else self.plan(stream)
        if plan is None:
            raise _InvalidStreamError
        return field_type_json(path, stream, plan.spec.schema.row_json)

    def of_sql(self, expression: str, record: Mapping[str, Any]) -> Any:
        """Return the Avro type (JSON) of an expression; see `TypeSource`."""
        return self._external.sql_type(expression, record)

    def _rate(self, stream: StreamModel) -> LoadProfile | None:
        """Return a stream's own rate, or its share of the scenario's."""
        if stream.rate is not None or self._scenario.rate is None:
            return stream.rate
        weights = sum(s.weight for s in self._scenario.streams.values() if s.rate is None)
        return rate_share(self._scenario.rate, stream.weight, weights)

    def _resolve(self, name: str, stream: StreamModel) -> StreamPlan | None:
        loc: Location = ("streams", name)
        flat = self._flats[name] = FlatDeclarations(loc=loc)
        self._errors += rate_errors(self._scenario, stream, loc)
        schema = self._schema(name, stream, loc, flat)
        self._errors += [error for error in flat.errors if error[1] != str(_InvalidStreamError())]
        if schema is None or flat.errors:
            return None
        self._set_locale(stream, flat)
        output = Output(**{name: getattr(stream, name) for name in Output.model_fields})
        errors = list(self._stream_errors(stream, *schema, flat, output))
        self._errors += errors
        return None if errors else self._stream_plan(name, stream, *schema, flat, output)

    def _set_locale(self, stream: StreamModel, flat: FlatDeclarations) -> None:
        """Set the locale of Faker fields without one, unless it is unknown."""
        locale = stream.locale or self._scenario.locale
        if locale is None:
            self._uses_default_locale |= any(map(_inherits_locale, flat.fields.values()))
        if locale is None or locale_error(locale) is None:
            flat.fields = with_locale(flat.fields, locale or DEFAULT_LOCALE)

    def _schema(
        self, name: str, stream: StreamModel, loc: Location, flat: FlatDeclarations
    ) -> tuple[AvroSchema, tuple[Field, ...]] | None:
        """Return the schema, derived or given, and the hidden fields."""
        if stream.avro_schema is None and not stream.fields:
            flat.add_error(loc, "the stream has no fields; add fields or schema")
            return None
        deriver = SchemaDeriver(name, self, flat)
        if stream.avro_schema is None:
            return deriver.schema(stream.fields, stream.let, loc, stream.doc)
        if stream.doc is not None:
            flat.add_error((*loc, "doc"), "the given schema defines the doc; remove doc")
        flatten(stream.fields, (*loc, "fields"), flat)
        try:
            schema = self._external.schema(stream.avro_schema)
            flat.fields = dict(with_annotations(schema, flat.fields))
            return schema, deriver.hidden(stream.let, schema, loc)
        except ConfigurationError as e:
            flat.add_error((*loc, "schema"), str(e))
            return None

    def _stream_errors(
        self,
        stream: StreamModel,
        schema: AvroSchema,
        hidden: tuple[Field, ...],
        flat: FlatDeclarations,
        output: Output,
    ) -> Iterator[LocatedError]:
        """Yield the errors of a stream's fields; without any, those of its values and records."""
        row = Record(schema.name, (*hidden, *schema.root.fields))
        errors = list(field_errors(row, flat.fields))
        if not errors:
            types = dict(field_paths(row))
            for path, generator in flat.fields.items():
                for parameter, text in self._external.generator_errors(generator, types[path]):
                    yield flat.location(path, parameter), text
            errors = list(unique_errors(row, flat.fields, stream.rows))
            yield from record_errors(stream, row, schema.root, output, flat.loc)
        yield from ((flat.location(path, parameter), text) for path, parameter, text in errors)

    def _stream_plan(
        self,
        name: str,
        stream: StreamModel,
        schema: AvroSchema,
        hidden: tuple[Field, ...],
        flat: FlatDeclarations,
        output: Output,
    ) -> StreamPlan:
        topic = stream.topic
        spec = StreamSpec(
            name=name,
            topic=topic.name or name,
            schema=schema,
            fields=dict(flat.fields),
            hidden=hidden,
            generation_rows=stream.generation_rows,
            key=topic.key,
            rows=stream.rows,
            output=output,
            locations={path: self._lines.format(flat.location(path)) for path in flat.locations}
            if self._lines
            else {},
        )
        return StreamPlan(
            spec=spec,
            partitions=topic.partitions,
            replication_factor=topic.replication_factor,
            topic_config={k: _config_text(v) for k, v in topic.config.items()},
            rate=self._rate(stream),
            at=stream.at,
            live_changes=stream.live_changes,
            weight=stream.weight,
        )


class _InvalidStreamError(ValueError):
    """A field of a stream that has errors of its own; its type is unknown."""

    def __str__(self) -> str:
        return "unknown: the referenced stream has errors"


def _inherits_locale(generator: ValueGenerator) -> bool:
    return isinstance(generator, FakerGenerator) and generator.locale is None


def _config_text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
