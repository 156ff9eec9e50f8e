"""Builds a run from settings: plan, recipes, destinations and schedules of its streams."""

from __future__ import annotations

import math
import secrets
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from gerador.avro.load import absolute_sources
from gerador.cli.kafka_destination import KafkaSetup
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
from gerador.scenario.stream_spec import BUILTIN_LOCALE, spec_for
from gerador.schedule.scripted_changes import recorded_changes, scripted_changes
from gerador.schedule.target_rate import target_rate_or_generations
from gerador.service.clock import SystemClock
from gerador.service.fair_scheduler import FairScheduler
from gerador.service.metrics import Metrics
from gerador.service.run import VERSION, Run
from gerador.service.stream_config import Destination, Recipe
from gerador.service.stream_run import StreamRun
from gerador.service.stream_threads import StartBarrier
from gerador.units import MAX_RATE_TEXT, rate_text
from gerador.values.faker_pool import check_locale, without_locale

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from gerador.delivery.kafka.connection import Connection
    from gerador.events.rows import StreamRows
    from gerador.scenario.model import Scenario
    from gerador.scenario.stream_spec import StreamSpec
    from gerador.schedule.target_rate import TargetRate
    from gerador.service.slice_builder import SliceBuilder
    from gerador.settings.model import Settings


def plan_from_settings(settings: Settings, environ: Mapping[str, str]) -> ScenarioPlan:
    """Return the plan for the settings, which take precedence over the scenario.

    Raises ConfigurationError: an invalid scenario, schema, key or locale.
    """
    if settings.locale is not None:
        check_locale(settings.locale, settings.given("locale"))
    if settings.scenario is None:
        if settings.scale is not None:
            raise SettingError(f"{settings.given('scale')}: requires a scenario; use --rate")
        plan = _single_stream_plan(settings)
    else:
        plan = _plan_from_scenario(settings, settings.scenario, environ)
    return replace(
        plan,
        seed=plan.seed if settings.seed is None else settings.seed,
        start=plan.start if settings.start is None else settings.start,
    )


def scenario_from_plan(settings: Settings, plan: ScenarioPlan) -> Scenario:
    """Return the plan as a scenario file model, also for a stream defined by settings."""
    from gerador.scenario.model import Scenario  # noqa: PLC0415 - used by recipes only

    if plan.scenario is not None:
        return plan.scenario
    streams = {s.spec.name: _stream_model(settings, s.spec) for s in plan.streams}
    locale = {} if settings.schema_file is not None else {"locale": _builtin_locale(settings)}
    return Scenario.model_validate({**locale, "streams": streams})


def _builtin_locale(settings: Settings) -> str:
    return settings.locale or BUILTIN_LOCALE


def _plan_from_scenario(
    settings: Settings, scenario: str, environ: Mapping[str, str]
) -> ScenarioPlan:
    # Imported on use: a run without a scenario starts faster.
    from gerador.cli.registry_reader import registry_schema_reader  # noqa: PLC0415
    from gerador.scenario.load import load_plan  # noqa: PLC0415

    plan = load_plan(scenario, environ, registry_schema_reader(settings), settings.locale)
    if settings.scale is not None:
        from gerador.scenario.rate_scaling import with_scaled_rates  # noqa: PLC0415

        if settings.rate is not None:
            raise SettingError(
                f"{settings.given('scale')} and {settings.given('rate')} both change the rates; "
                "remove one"
            )
        return with_scaled_rates(plan, settings.scale)
    if settings.rate is None:
        return plan
    plan = with_total_rate(plan, _rate_text(settings.rate))
    if plan.scenario is not None and (notice := kept_rates_notice(settings, plan.scenario)):
        click.echo(f"gerador: {notice}", err=True)
    return plan


def kept_rates_notice(settings: Settings, scenario: Scenario) -> str | None:
    """Return a notice of streams whose own rates the setting of a total rate does not replace."""
    kept = [name for name, stream in scenario.streams.items() if stream.rate is not None]
    if not kept:
        return None
    names = ", ".join(kept)
    return f"{settings.given('rate')}: {names} keep their own rates; --scale 0.1 scales all rates"


def _single_stream_plan(settings: Settings) -> ScenarioPlan:
    spec = spec_for(
        schema=settings.schema_file,
        topic=settings.topic,
        generation_rows=settings.buffer_size,
        key=settings.key,
        locale=settings.locale,
    )
    return ScenarioPlan(seed=None, start=None, streams=(StreamPlan(spec=spec),))


def _stream_model(settings: Settings, spec: StreamSpec) -> dict[str, Any]:
    """Return the single stream in the form of a scenario file."""
    schema = settings.schema_file
    fields = {
        path: without_locale(declared, _builtin_locale(settings))
        for path, declared in spec.fields.items()
        if path.isidentifier()
    }
    return {
        "schema": DEFAULT_SCHEMA_FILE if schema is None else absolute_sources(schema, Path()),
        "fields": fields if schema is None else {},
        "topic": {"name": spec.topic, "key": spec.key, "config": settings.topic_config},
        "format": "avro" if settings.framing == "confluent" else "avro-raw",
        "generation_rows": settings.buffer_size,
        "rate": _rate_value(settings),
    }


def _rate_text(rows_per_s: float) -> str:
    return MAX_RATE_TEXT if math.isinf(rows_per_s) else rate_text(rows_per_s)


def _rate_value(settings: Settings) -> Any:
    if settings.rate is not None:
        return _rate_text(settings.rate)
    if settings.interval_s == 0:
        return "max"
    return {"rows": settings.buffer_size, "every": settings.interval_s}


def build_run(
    settings: Settings,
    connection: Callable[[], Awaitable[Connection]],
    environ: Mapping[str, str] = MappingProxyType({}),
) -> Run:
    """Return the run for the settings, not started.

    `connection` is awaited when the run starts; it may start a local Kafka first. `environ`
    expands ``${NAME}`` in a scenario.

    Raises ConfigurationError: an invalid scenario, schema, key or rate.
    """
    plan = plan_from_settings(settings, environ)
    seed = secrets.randbits(SEED_CHOSEN_BITS) if plan.seed is None else plan.seed
    metrics, clock = Metrics(VERSION), SystemClock()
    kafka_setups = {}
    if not settings.no_kafka:
        kafka_setups = {p.spec.name: KafkaSetup(settings, p, metrics, clock) for p in plan.streams}
    stream_set = StreamSet([p.spec for p in plan.streams], seed)
    start_barrier = StartBarrier(len(plan.streams), clock)
    scheduler = FairScheduler({p.spec.name: p.weight for p in plan.streams})
    streams = [
        StreamRun(
            p.spec,
            stream_recipe(settings, plan, p, seed),
            kafka_setups[p.spec.name].destination(connection, streams=len(plan.streams))
            if kafka_setups
            else _memory_destination(p.spec, metrics),
            clock,
            stream_set=stream_set,
            start_barrier=start_barrier,
            scheduler=scheduler if len(plan.streams) > 1 else None,
        )
        for p in plan.streams
    ]
    return Run(
        streams,
        scenario=lambda: scenario_from_plan(settings, plan),
        seed=seed,
        metrics=metrics,
        registry=_local_registry(settings, kafka_setups.values()),
        command=lambda now: command_line(
            settings.model_copy(update={"seed": now.seed, "start": now.start})
        ),
    )


def _local_registry(
    settings: Settings, kafka_setups: Collection[KafkaSetup]
) -> LocalRegistry | None:
    """Return the registry that the API serves, unless an external one is set."""
    if settings.schema_registry_url is not None or not kafka_setups:
        return None
    return LocalRegistry(schema for setup in kafka_setups for schema in setup.schemas.by_subject)


def stream_recipe(settings: Settings, plan: ScenarioPlan, stream: StreamPlan, seed: int) -> Recipe:
    """Return the recipe of a stream, which determines its rows and their number."""
    bounds = [rows for rows in (settings.rows, stream.spec.rows) if rows is not None]
    return Recipe(
        seed=seed,
        target_rate=stream_target_rate(stream)
        if settings.scenario is not None
        else _single_stream_rate(settings),
        start=plan.start,
        rows=min(bounds, default=None),
        for_s=settings.duration_s,
        script=scripted_changes(stream.at),
        live_changes=recorded_changes(stream.live_changes),
        event_step_ns=event_time_step_ns(plan, stream),
        backfill_speed=plan.backfill_speed,
    )


def _single_stream_rate(settings: Settings) -> TargetRate:
    try:
        return target_rate_or_generations(
            settings.rate,
            generation_rows=settings.buffer_size,
            interval_s=settings.interval_s,
        )
    except SettingError as e:
        field = "interval_s" if settings.rate is None else "rate"
        raise SettingError(f"{settings.given(field)}: {e}") from e


def _memory_destination(spec: StreamSpec, metrics: Metrics) -> Destination:
    def create_builder(rows: StreamRows) -> SliceBuilder:
        from gerador.service.slice_builder import MemorySliceBuilder  # noqa: PLC0415 - see `KafkaSetup`

        return MemorySliceBuilder(rows, spec.name, metrics)

    return Destination(sink=MemorySink(), create_builder=create_builder)
