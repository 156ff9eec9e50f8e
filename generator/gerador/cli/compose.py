"""Settings into a run: which stream, from which recipe, to which destination."""

from __future__ import annotations

import secrets
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from gerador.cli.kafka_way import KafkaWay, secret_text
from gerador.cli.options import command_of
from gerador.cli.plan import model_of_plan, plan_of
from gerador.delivery.kafka.connection import Connection, Sasl, Tls
from gerador.delivery.local_registry import LocalRegistry
from gerador.delivery.sink import MemorySink
from gerador.errors import SettingError
from gerador.events.courses.declared import script_declared, steered_declared
from gerador.events.pace import pace_for
from gerador.events.planned import event_step_ns, pace_planned
from gerador.events.tables import Tables
from gerador.limits import SEED_CHOSEN_BITS
from gerador.service.clock import SystemClock
from gerador.service.convoy import Convoy
from gerador.service.departure import Departure
from gerador.service.destination import Destination
from gerador.service.metrics import Metrics
from gerador.service.recipe import Recipe
from gerador.service.run import VERSION, Run
from gerador.service.stream import StreamRun
from gerador.settings import Settings, env_of, option_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from gerador.events.pace import Pace
    from gerador.events.rows import StreamRows
    from gerador.scenario.file.resolve import ScenarioPlan, StreamPlan
    from gerador.scenario.model import StreamSpec
    from gerador.service.maker import Maker


def compose(
    settings: Settings,
    connection: Callable[[], Awaitable[Connection]],
    environ: Mapping[str, str] = MappingProxyType({}),
) -> Run:
    """Return the run that the settings ask for, not started.

    `connection` is awaited when the run starts; it may start a local Kafka first. `environ` is
    what a scenario's ``${NAME}`` may name.

    Raises ConfigurationError: a scenario, a schema, a key or a rate that cannot be used.
    """
    plan = plan_of(settings, environ)
    seed = secrets.randbits(SEED_CHOSEN_BITS) if plan.seed is None else plan.seed
    metrics, clock = Metrics(VERSION), SystemClock()
    ways = {}
    if not settings.no_kafka:
        ways = {p.spec.name: KafkaWay(settings, p, metrics, clock) for p in plan.streams}
    tables = Tables([p.spec for p in plan.streams], seed)
    departure = Departure(len(plan.streams), clock)
    convoy = Convoy({p.spec.name: p.weight for p in plan.streams})
    streams = [
        StreamRun(
            p.spec,
            recipe_of(settings, plan, p, seed),
            ways[p.spec.name].destination(connection) if ways else _memory(p.spec, metrics),
            clock,
            tables=tables,
            departure=departure,
            convoy=convoy if len(plan.streams) > 1 else None,
        )
        for p in plan.streams
    ]
    return Run(
        streams,
        scenario=lambda: model_of_plan(settings, plan),
        seed=seed,
        metrics=metrics,
        registry=_registry(settings, ways.values()),
        command=lambda now: command_of(
            settings.model_copy(update={"seed": now.seed, "start": now.start})
        ),
    )


def _registry(settings: Settings, ways: Collection[KafkaWay]) -> LocalRegistry | None:
    """Return the schemas that the API serves itself, where no outside registry does."""
    if settings.schema_registry_url is not None or not ways:
        return None
    return LocalRegistry(schema for way in ways for schema in way.schemas.by_subject)


def connection_of(settings: Settings, bootstrap_servers: str) -> Connection:
    """Return how the settings say the brokers are reached."""
    tls = sasl = None
    if settings.security_protocol.endswith("SSL"):
        tls = Tls(
            cafile=_path(settings.ssl_cafile),
            certfile=_path(settings.ssl_certfile),
            keyfile=_path(settings.ssl_keyfile),
            password=secret_text(settings.ssl_password),
        )
    if settings.security_protocol.startswith("SASL"):
        sasl = Sasl(
            mechanism=settings.sasl_mechanism,
            username=settings.sasl_username,
            password=secret_text(settings.sasl_password),
            token_url=settings.sasl_oauthbearer_token_endpoint_url,
            client_id=settings.sasl_oauthbearer_client_id,
            client_secret=secret_text(settings.sasl_oauthbearer_client_secret),
            scope=settings.sasl_oauthbearer_scope,
        )
    return Connection(
        bootstrap_servers=bootstrap_servers,
        client_id=settings.client_id,
        request_timeout_ms=settings.request_timeout_ms,
        security_protocol=settings.security_protocol,
        tls=tls,
        sasl=sasl,
    )


def recipe_of(settings: Settings, plan: ScenarioPlan, stream: StreamPlan, seed: int) -> Recipe:
    """Return what determines a stream's rows, and how many of them there are to be."""
    bounds = [rows for rows in (settings.rows, stream.spec.rows) if rows is not None]
    return Recipe(
        seed=seed,
        pace=pace_planned(stream) if settings.scenario is not None else _pace(settings),
        start=plan.start,
        rows=min(bounds, default=None),
        for_s=settings.run_for,
        script=script_declared(stream.at),
        steered=steered_declared(stream.steered),
        event_step_ns=event_step_ns(plan, stream),
        speed=plan.speed,
    )


def _pace(settings: Settings) -> Pace:
    try:
        return pace_for(
            settings.rate,
            generation_rows=settings.tamanho_buffer,
            interval_s=settings.intervalo_geracao,
        )
    except SettingError as e:
        field = "intervalo_geracao" if settings.rate is None else "rate"
        raise SettingError(f"{env_of(field)}, {option_of(field)}: {e}") from e


def _memory(spec: StreamSpec, metrics: Metrics) -> Destination:
    def maker(rows: StreamRows) -> Maker:
        from gerador.service.maker import MemoryMaker  # noqa: PLC0415 - see `_Kafka._maker`

        return MemoryMaker(rows, spec.name, metrics)

    return Destination(sink=MemorySink(), maker=maker)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
