"""Settings into a run: which stream, from which recipe, to which destination."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.kafka_way import KafkaWay, secret_text
from generator.cli.options import command_of
from generator.delivery.kafka.connection import Connection, Sasl, Tls
from generator.delivery.sink import MemorySink
from generator.errors import SettingError
from generator.events.pace import pace_for
from generator.limits import SEED_CHOSEN_BITS
from generator.scenario.default import spec_for
from generator.service.clock import SystemClock
from generator.service.destination import Destination
from generator.service.metrics import Metrics
from generator.service.recipe import Recipe
from generator.service.run import VERSION, Run
from generator.service.stream import StreamRun
from generator.settings import Settings, env_of, option_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from generator.events.pace import Pace
    from generator.events.rows import StreamRows
    from generator.scenario.model import StreamSpec
    from generator.service.maker import Maker


def compose(settings: Settings, connection: Callable[[], Awaitable[Connection]]) -> Run:
    """Return the run that the settings ask for, not started.

    `connection` is awaited when the run starts; it may start a local Kafka first.

    Raises ConfigurationError: a schema, a key or a rate that cannot be used.
    """
    metrics = Metrics(VERSION)
    spec = _spec(settings)
    recipe = _recipe(settings)
    clock = SystemClock()
    if settings.no_kafka:
        destination = _memory(spec, metrics)
        registry = None
    else:
        kafka = KafkaWay(settings, spec, metrics, clock)
        destination = kafka.destination(connection)
        registry = kafka.local
    stream = StreamRun(spec, recipe, destination, clock)
    return Run(
        [stream],
        seed=recipe.seed,
        metrics=metrics,
        registry=registry,
        command=lambda now: command_of(
            settings.model_copy(update={"seed": now.seed, "start": now.start})
        ),
    )


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


def _spec(settings: Settings) -> StreamSpec:
    return spec_for(
        schema=_path(settings.schema_file),
        topic=settings.topic,
        generation_rows=settings.tamanho_buffer,
        key=settings.key,
    )


def _recipe(settings: Settings) -> Recipe:
    seed = settings.seed if settings.seed is not None else secrets.randbits(SEED_CHOSEN_BITS)
    return Recipe(
        seed=seed,
        pace=_pace(settings),
        start=settings.start,
        rows=settings.rows,
        for_s=settings.run_for,
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
        from generator.service.maker import MemoryMaker  # noqa: PLC0415 - see `_Kafka._maker`

        return MemoryMaker(rows, spec.name, metrics)

    return Destination(sink=MemorySink(), maker=maker)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
