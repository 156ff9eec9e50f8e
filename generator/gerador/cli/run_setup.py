"""Builds a run from settings: the plan of its streams, their recipes, destinations and schedules."""

from __future__ import annotations

import math
import secrets
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gerador.cli.kafka_setup import KafkaSetup
from gerador.cli.options import command_line
from gerador.delivery.registry.local_registry import LocalRegistry
from gerador.delivery.sink import MemorySink
from gerador.errors import SettingError
from gerador.events.stream_set import StreamSet
from gerador.limits import SEED_CHOSEN_BITS
from gerador.scenario.gallery import DEFAULT_SCHEMA_FILE
from gerador.scenario.plan import (
    ScenarioPlan,
    StreamPlan,
    event_time_step_ns,
    stream_target_rate,
    with_total_rate,
)
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.scripted_changes import recorded_changes, scripted_changes
from gerador.schedule.target_rate import target_rate_or_generations
from gerador.service.clock import SystemClock
from gerador.service.concurrency import StartBarrier
from gerador.service.fair_scheduler import FairScheduler
from gerador.service.metrics import Metrics
from gerador.service.run import VERSION, Run
from gerador.service.stream_config import Destination, Recipe
from gerador.service.stream_run import StreamRun
from gerador.settings.model import Settings, env_of, option_of
from gerador.units import MAX_RATE_TEXT, rate_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from gerador.delivery.kafka.connection import Connection
    from gerador.events.rows import StreamRows
    from gerador.scenario.model import Scenario
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.schedule.target_rate import TargetRate
    from gerador.service.slice_builder import SliceBuilder


def plan_from_settings(settings: Settings, environ: Mapping[str, str]) -> ScenarioPlan:
    """Return the plan that the settings ask for; options go before the scenario's own words.

    Raises ConfigurationError: a scenario, a schema or a key that cannot be used.
    """
    if settings.scenario is None:
        plan = _single_stream_plan(settings)
    else:
        plan = _plan_from_scenario(settings, settings.scenario, environ)
    return replace(
        plan,
        seed=plan.seed if settings.seed is None else settings.seed,
        start=plan.start if settings.start is None else settings.start,
    )


def scenario_from_plan(settings: Settings, plan: ScenarioPlan) -> Scenario:
    """Return the plan as the model of a scenario file, also where it came from the settings."""
    from gerador.scenario.model import Scenario  # noqa: PLC0415 - only recipes need it

    if plan.scenario is not None:
        return plan.scenario
    streams = {s.spec.name: _stream_model(settings, s.spec) for s in plan.streams}
    return Scenario.model_validate({"streams": streams})


def _plan_from_scenario(
    settings: Settings, scenario: str, environ: Mapping[str, str]
) -> ScenarioPlan:
    # Loaded only where a scenario is read: the API of any other run is up sooner without.
    from gerador.cli.registry_setup import registry_schema_reader  # noqa: PLC0415
    from gerador.scenario.external import load_plan  # noqa: PLC0415

    plan = load_plan(scenario, environ, registry_schema_reader(settings))
    return plan if settings.rate is None else with_total_rate(plan, _rate_text(settings.rate))


def _single_stream_plan(settings: Settings) -> ScenarioPlan:
    spec = spec_for(
        schema=None if settings.schema_file is None else Path(settings.schema_file),
        topic=settings.topic,
        generation_rows=settings.tamanho_buffer,
        key=settings.key,
    )
    return ScenarioPlan(seed=None, start=None, streams=(StreamPlan(spec=spec),))


def _stream_model(settings: Settings, spec: StreamSpec) -> dict[str, Any]:
    """Return the one stream as a scenario file would have it."""
    schema = settings.schema_file
    fields = {path: declared for path, declared in spec.fields.items() if path.isidentifier()}
    return {
        "schema": DEFAULT_SCHEMA_FILE if schema is None else str(Path(schema).absolute()),
        "fields": fields if schema is None else {},
        "topic": {"name": spec.topic, "key": spec.key, "config": settings.topic_config},
        "format": "avro" if settings.framing == "confluent" else "avro-raw",
        "generation": settings.tamanho_buffer,
        "rate": _rate_value(settings),
    }


def _rate_text(rows_per_s: float) -> str:
    return MAX_RATE_TEXT if math.isinf(rows_per_s) else rate_text(rows_per_s)


def _rate_value(settings: Settings) -> Any:
    if settings.rate is not None:
        return _rate_text(settings.rate)
    if settings.intervalo_geracao == 0:
        return "max"
    return {"rows": settings.tamanho_buffer, "every": settings.intervalo_geracao}


def build_run(
    settings: Settings,
    connection: Callable[[], Awaitable[Connection]],
    environ: Mapping[str, str] = MappingProxyType({}),
) -> Run:
    """Return the run that the settings ask for, not started.

    `connection` is awaited when the run starts; it may start a local Kafka first. `environ` is
    what a scenario's ``${NAME}`` may name.

    Raises ConfigurationError: a scenario, a schema, a key or a rate that cannot be used.
    """
    plan = plan_from_settings(settings, environ)
    seed = secrets.randbits(SEED_CHOSEN_BITS) if plan.seed is None else plan.seed
    metrics, clock = Metrics(VERSION), SystemClock()
    ways = {}
    if not settings.no_kafka:
        ways = {p.spec.name: KafkaSetup(settings, p, metrics, clock) for p in plan.streams}
    tables = StreamSet([p.spec for p in plan.streams], seed)
    departure = StartBarrier(len(plan.streams), clock)
    convoy = FairScheduler({p.spec.name: p.weight for p in plan.streams})
    streams = [
        StreamRun(
            p.spec,
            stream_recipe(settings, plan, p, seed),
            ways[p.spec.name].destination(connection)
            if ways
            else _memory_destination(p.spec, metrics),
            clock,
            tables=tables,
            departure=departure,
            convoy=convoy if len(plan.streams) > 1 else None,
        )
        for p in plan.streams
    ]
    return Run(
        streams,
        scenario=lambda: scenario_from_plan(settings, plan),
        seed=seed,
        metrics=metrics,
        registry=_local_registry(settings, ways.values()),
        command=lambda now: command_line(
            settings.model_copy(update={"seed": now.seed, "start": now.start})
        ),
    )


def _local_registry(settings: Settings, ways: Collection[KafkaSetup]) -> LocalRegistry | None:
    """Return the schemas that the API serves itself, where no outside registry does."""
    if settings.schema_registry_url is not None or not ways:
        return None
    return LocalRegistry(schema for way in ways for schema in way.schemas.by_subject)


def stream_recipe(settings: Settings, plan: ScenarioPlan, stream: StreamPlan, seed: int) -> Recipe:
    """Return what determines a stream's rows, and how many of them there are to be."""
    bounds = [rows for rows in (settings.rows, stream.spec.rows) if rows is not None]
    return Recipe(
        seed=seed,
        pace=stream_target_rate(stream)
        if settings.scenario is not None
        else _single_stream_pace(settings),
        start=plan.start,
        rows=min(bounds, default=None),
        for_s=settings.run_for,
        script=scripted_changes(stream.at),
        steered=recorded_changes(stream.steered),
        event_step_ns=event_time_step_ns(plan, stream),
        speed=plan.speed,
    )


def _single_stream_pace(settings: Settings) -> TargetRate:
    try:
        return target_rate_or_generations(
            settings.rate,
            generation_rows=settings.tamanho_buffer,
            interval_s=settings.intervalo_geracao,
        )
    except SettingError as e:
        field = "intervalo_geracao" if settings.rate is None else "rate"
        raise SettingError(f"{env_of(field)}, {option_of(field)}: {e}") from e


def _memory_destination(spec: StreamSpec, metrics: Metrics) -> Destination:
    def maker(rows: StreamRows) -> SliceBuilder:
        from gerador.service.slice_builder import MemorySliceBuilder  # noqa: PLC0415 - see `_Kafka._maker`

        return MemorySliceBuilder(rows, spec.name, metrics)

    return Destination(sink=MemorySink(), maker=maker)
