"""From the model of a file to declared streams: schemas read or derived, everything judged.

All that is wrong is found before anything is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gerador.errors import ConfigurationError, did_you_mean
from gerador.scenario.annotations import with_annotations
from gerador.scenario.avro import Record
from gerador.scenario.file.derive import Deriving
from gerador.scenario.file.flatten import Flat, flatten
from gerador.scenario.file.judge import about_rate, about_records, about_scenario, about_specs
from gerador.scenario.file.named import type_at
from gerador.scenario.file.plan import Knowledge, ScenarioPlan, StreamPlan, share_of
from gerador.scenario.fit import complaints
from gerador.scenario.model import StreamSpec
from gerador.scenario.output import Output
from gerador.scenario.paths import field_paths

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gerador.scenario.avro import AvroSchema, Field
    from gerador.scenario.course import Course
    from gerador.scenario.file.complaints import Fault
    from gerador.scenario.file.model import Scenario, StreamFile
    from gerador.scenario.file.text import Path

__all__ = ["Knowledge", "ScenarioPlan", "StreamPlan", "faults_of", "resolve"]


def resolve(scenario: Scenario, knowledge: Knowledge) -> tuple[ScenarioPlan, Sequence[Fault]]:
    """Return what a file declares, and all that is wrong about it; then the plan is no plan."""
    resolving = _Resolving(scenario, knowledge)
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


def faults_of(scenario: Scenario, knowledge: Knowledge, broken: Collection[str]) -> list[Fault]:
    """Return what is wrong about the streams of a file, of which the `broken` are not known."""
    return _Resolving(scenario, knowledge, broken).judged()


class _Resolving:
    """The streams of one file, each resolved once: those first that others look at."""

    def __init__(
        self, scenario: Scenario, knowledge: Knowledge, broken: Collection[str] = ()
    ) -> None:
        self._faults: list[Fault] = []
        self._scenario = scenario
        self._knowledge = knowledge
        self._broken = broken
        self._plans: dict[str, StreamPlan | None] = {}
        self._flats: dict[str, Flat] = {}
        self._under_way: list[str] = []

    def judged(self) -> list[Fault]:
        """Resolve every stream and return all that is wrong."""
        plans = {name: self.plan(name) for name in self._scenario.streams}
        specs = {name: plan.spec for name, plan in plans.items() if plan is not None}
        self._faults += about_scenario(self._scenario, self._broken)
        self._faults += about_specs(specs, self._flats)
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
            raise _Unknown
        return type_at(path, stream, plan.spec.schema.json)

    def of_sql(self, expression: str, record: Mapping[str, Any]) -> Any:
        """Return the type of an expression; as `derive.Types` has it."""
        return self._knowledge.sql_type(expression, record)

    def _rate(self, stream: StreamFile) -> Course | None:
        """Return a stream's own rate, or its share of the scenario's."""
        if stream.rate is not None or self._scenario.rate is None:
            return stream.rate
        weights = sum(s.weight for s in self._scenario.streams.values() if s.rate is None)
        return share_of(self._scenario.rate, stream.weight, weights)

    def _resolve(self, name: str, stream: StreamFile) -> StreamPlan | None:
        loc: Path = ("streams", name)
        flat = self._flats[name] = Flat(loc=loc)
        self._faults += about_rate(self._scenario, stream, loc)
        schema = self._schema(name, stream, loc, flat)
        self._faults += [fault for fault in flat.faults if fault[1] != str(_Unknown())]
        if schema is None or flat.faults:
            return None
        faults = list(self._about_fields(*schema, flat))
        self._faults += faults
        return None if faults else self._plan_of(name, stream, *schema, flat)

    def _schema(
        self, name: str, stream: StreamFile, loc: Path, flat: Flat
    ) -> tuple[AvroSchema, tuple[Field, ...]] | None:
        """Return the schema, derived or given, and the fields that are not sent."""
        if stream.avro_schema is None and not stream.fields:
            flat.faults.append((loc, "neither fields nor a schema; give one of them"))
            return None
        if stream.avro_schema is None:
            return Deriving(name, self, flat).schema(stream.fields, stream.let, loc, stream.doc)
        if stream.doc is not None:
            flat.faults.append(((*loc, "doc"), "the schema says the doc; remove it"))
        flatten(stream.fields, (*loc, "fields"), flat)
        try:
            schema = self._knowledge.schema(stream.avro_schema)
            flat.fields = dict(with_annotations(schema, flat.fields))
            return schema, Deriving(name, self, flat).hidden(stream.let, schema, loc)
        except ConfigurationError as e:
            flat.faults.append(((*loc, "schema"), str(e)))
            return None

    def _about_fields(
        self, schema: AvroSchema, hidden: tuple[Field, ...], flat: Flat
    ) -> Iterator[Fault]:
        row = Record(schema.name, (*hidden, *schema.root.fields))
        known = len(self._faults)
        for path, parameter, text in complaints(row, flat.fields):
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
        stream: StreamFile,
        schema: AvroSchema,
        hidden: tuple[Field, ...],
        flat: Flat,
    ) -> StreamPlan | None:
        loc: Path = ("streams", name)
        output = Output(**{name: getattr(stream, name) for name in Output.model_fields})
        faults = list(about_records(stream, schema.root, output, loc))
        self._faults += faults
        if faults:
            return None
        try:
            spec = self._spec(name, stream, schema, hidden, flat, output)
        except ConfigurationError as e:
            self._faults.append(_placed(str(e).removeprefix(f"stream {name!r}: "), flat, loc))
            return None
        topic = stream.topic
        return StreamPlan(
            spec=spec,
            partitions=topic.partitions,
            replication_factor=topic.replication_factor,
            topic_config={k: _text(v) for k, v in topic.config.items()},
            rate=self._rate(stream),
            at=stream.at,
            steered=stream.steered,
            weight=stream.weight,
        )

    @staticmethod
    def _spec(
        name: str,
        stream: StreamFile,
        schema: AvroSchema,
        hidden: tuple[Field, ...],
        flat: Flat,
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


def _placed(text: str, flat: Flat, loc: Path) -> Fault:
    """Return where a complaint about a field belongs, and what it says of it."""
    found = re.match(r"field '(.*?)': (?:(unique): )?", text)
    if found is None or found[1] not in flat.places:
        return loc, text
    return flat.place(found[1], found[2] or ""), text[found.end() :]


class _Unknown(ValueError):
    """The type of a field of a stream that has faults of its own, which are told."""

    def __str__(self) -> str:
        return "unknown: the stream that it looks at has faults"


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
