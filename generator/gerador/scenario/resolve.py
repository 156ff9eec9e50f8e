"""Resolve the model of a scenario file to a plan: load or derive schemas, validate every stream, collect all errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gerador.avro.named_types import field_type_json
from gerador.avro.paths import field_paths
from gerador.avro.schema import Record
from gerador.errors import ConfigurationError, did_you_mean
from gerador.scenario.annotations.fields import with_annotations
from gerador.scenario.field_validation import field_errors
from gerador.scenario.flatten import FlatDeclarations, flatten
from gerador.scenario.output import Output
from gerador.scenario.plan import ExternalTypes, ScenarioPlan, StreamPlan, rate_share
from gerador.scenario.schema_derivation import SchemaDeriver
from gerador.scenario.stream_spec import StreamSpec
from gerador.scenario.stream_validation import (
    located_lookup_errors,
    rate_errors,
    record_errors,
    scenario_errors,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gerador.avro.schema import AvroSchema, Field
    from gerador.scenario.model import Scenario, StreamModel
    from gerador.scenario.validation_errors import LocatedError
    from gerador.scenario.yaml_reader import Location
    from gerador.schedule.profiles import LoadProfile


def resolve(
    scenario: Scenario, knowledge: ExternalTypes
) -> tuple[ScenarioPlan, Sequence[LocatedError]]:
    """Return what a file declares, and all that is wrong about it; then the plan is no plan."""
    resolving = _Resolver(scenario, knowledge)
    faults = resolving.judged()
    plans = map(resolving.plan, scenario.streams)
    plan = ScenarioPlan(
        seed=scenario.seed,
        start=scenario.start,
        speed=scenario.speed,
        streams=tuple(p for p in plans if p is not None),
        description=scenario.description,
        scenario=scenario,
    )
    return plan, faults


def resolution_errors(
    scenario: Scenario, knowledge: ExternalTypes, broken: Collection[str]
) -> list[LocatedError]:
    """Return what is wrong about the streams of a file, of which the `broken` are not known."""
    return _Resolver(scenario, knowledge, broken).judged()


class _Resolver:
    """The streams of one file, each resolved once: those first that others look at."""

    def __init__(
        self, scenario: Scenario, knowledge: ExternalTypes, broken: Collection[str] = ()
    ) -> None:
        self._faults: list[LocatedError] = []
        self._scenario = scenario
        self._knowledge = knowledge
        self._broken = broken
        self._plans: dict[str, StreamPlan | None] = {}
        self._flats: dict[str, FlatDeclarations] = {}
        self._under_way: list[str] = []

    def judged(self) -> list[LocatedError]:
        """Resolve every stream and return all that is wrong."""
        plans = {name: self.plan(name) for name in self._scenario.streams}
        specs = {name: plan.spec for name, plan in plans.items() if plan is not None}
        self._faults += scenario_errors(self._scenario, self._broken)
        self._faults += located_lookup_errors(specs, self._flats)
        return self._faults

    def plan(self, name: str) -> StreamPlan | None:
        """Return a stream's plan; None when it had faults, which are noted."""
        if name not in self._plans:
            self._under_way.append(name)
            self._plans[name] = self._resolve(name, self._scenario.streams[name])
            self._under_way.pop()
        return self._plans[name]

    def of_field(self, stream_and_field: str) -> Any:
        """Return the type of another stream's field; as `derive.Types` has it."""
        stream, _, path = stream_and_field.partition(".")
        if not path:
            raise ValueError(
                f"{stream!r} names no field; write {stream}.id, or another field of it"
            )
        if stream == self._under_way[-1]:
            raise ValueError(f"stream {stream!r} looks at its own rows; name another stream")
        if stream in self._under_way:
            circle = " looks at ".join([*self._under_way[self._under_way.index(stream) :], stream])
            raise ValueError(f"{circle}: streams in a circle; cut it")
        if stream not in {*self._scenario.streams, *self._broken}:
            hint = did_you_mean(stream, self._scenario.streams)
            raise ValueError(f"no stream {stream!r}{hint}; write stream.field")
        plan = None if stream in self._broken else self.plan(stream)
        if plan is None:
            raise _UnknownType
        return field_type_json(path, stream, plan.spec.schema.json)

    def of_sql(self, expression: str, record: Mapping[str, Any]) -> Any:
        """Return the type of an expression; as `derive.Types` has it."""
        return self._knowledge.sql_type(expression, record)

    def _rate(self, stream: StreamModel) -> LoadProfile | None:
        """Return a stream's own rate, or its share of the scenario's."""
        if stream.rate is not None or self._scenario.rate is None:
            return stream.rate
        weights = sum(s.weight for s in self._scenario.streams.values() if s.rate is None)
        return rate_share(self._scenario.rate, stream.weight, weights)

    def _resolve(self, name: str, stream: StreamModel) -> StreamPlan | None:
        loc: Location = ("streams", name)
        flat = self._flats[name] = FlatDeclarations(loc=loc)
        self._faults += rate_errors(self._scenario, stream, loc)
        schema = self._schema(name, stream, loc, flat)
        self._faults += [fault for fault in flat.faults if fault[1] != str(_UnknownType())]
        if schema is None or flat.faults:
            return None
        faults = list(self._about_fields(*schema, flat))
        self._faults += faults
        return None if faults else self._plan_of(name, stream, *schema, flat)

    def _schema(
        self, name: str, stream: StreamModel, loc: Location, flat: FlatDeclarations
    ) -> tuple[AvroSchema, tuple[Field, ...]] | None:
        """Return the schema, derived or given, and the fields that are not sent."""
        if stream.avro_schema is None and not stream.fields:
            flat.faults.append((loc, "neither fields nor a schema; give one of them"))
            return None
        if stream.avro_schema is None:
            return SchemaDeriver(name, self, flat).schema(
                stream.fields, stream.let, loc, stream.doc
            )
        if stream.doc is not None:
            flat.faults.append(((*loc, "doc"), "the schema says the doc; remove it"))
        flatten(stream.fields, (*loc, "fields"), flat)
        try:
            schema = self._knowledge.schema(stream.avro_schema)
            flat.fields = dict(with_annotations(schema, flat.fields))
            return schema, SchemaDeriver(name, self, flat).hidden(stream.let, schema, loc)
        except ConfigurationError as e:
            flat.faults.append(((*loc, "schema"), str(e)))
            return None

    def _about_fields(
        self, schema: AvroSchema, hidden: tuple[Field, ...], flat: FlatDeclarations
    ) -> Iterator[LocatedError]:
        row = Record(schema.name, (*hidden, *schema.root.fields))
        known = len(self._faults)
        for path, parameter, text in field_errors(row, flat.fields):
            known += 1
            yield flat.place(path, parameter), text
        if known > len(self._faults):
            return
        types = dict(field_paths(row))
        for path, declared in flat.fields.items():
            for parameter, text in self._knowledge.about_values(declared, types[path]):
                yield flat.place(path, parameter), text

    def _plan_of(
        self,
        name: str,
        stream: StreamModel,
        schema: AvroSchema,
        hidden: tuple[Field, ...],
        flat: FlatDeclarations,
    ) -> StreamPlan | None:
        loc: Location = ("streams", name)
        output = Output(**{name: getattr(stream, name) for name in Output.model_fields})
        faults = list(record_errors(stream, schema.root, output, loc))
        self._faults += faults
        if faults:
            return None
        try:
            spec = self._spec(name, stream, schema, hidden, flat, output)
        except ConfigurationError as e:
            self._faults.append(_locate(str(e).removeprefix(f"stream {name!r}: "), flat, loc))
            return None
        topic = stream.topic
        return StreamPlan(
            spec=spec,
            partitions=topic.partitions,
            replication_factor=topic.replication_factor,
            topic_config={k: _config_text(v) for k, v in topic.config.items()},
            rate=self._rate(stream),
            at=stream.at,
            steered=stream.steered,
            weight=stream.weight,
        )

    @staticmethod
    def _spec(
        name: str,
        stream: StreamModel,
        schema: AvroSchema,
        hidden: tuple[Field, ...],
        flat: FlatDeclarations,
        output: Output,
    ) -> StreamSpec:
        return StreamSpec(
            name=name,
            topic=stream.topic.name or name,
            schema=schema,
            fields=dict(flat.fields),
            hidden=hidden,
            generation_rows=stream.generation,
            key=stream.topic.key,
            rows=stream.rows,
            output=output,
        )


def _locate(text: str, flat: FlatDeclarations, loc: Location) -> LocatedError:
    """Return where a complaint about a field belongs, and what it says of it."""
    found = re.match(r"field '(.*?)': (?:(unique): )?", text)
    if found is None or found[1] not in flat.places:
        return loc, text
    return flat.place(found[1], found[2] or ""), text[found.end() :]


class _UnknownType(ValueError):
    """The type of a field of a stream that has faults of its own, which are told."""

    def __str__(self) -> str:
        return "unknown: the stream that it looks at has faults"


def _config_text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
