"""Settings into a run: which stream, from which recipe, to which destination."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.options import command_of
from generator.delivery.kafka.connection import Connection, Sasl, Tls
from generator.delivery.kafka.sink import KafkaSink
from generator.delivery.kafka.topic import (
    AHEAD_MAX,
    PARTITIONS_DEFAULT,
    UNBOUNDED_MS,
    TopicWish,
)
from generator.delivery.local_registry import LocalRegistry, schema_id, value_subject
from generator.delivery.sink import MemorySink
from generator.embedded import topic_config
from generator.encoding.compression import Compression
from generator.errors import SettingError
from generator.events.pace import MAX, pace_for
from generator.limits import SEED_CHOSEN_BITS
from generator.scenario.default import spec_for
from generator.service.clock import SystemClock
from generator.service.destination import Destination
from generator.service.metrics import Metrics
from generator.service.observer import SinkObserver
from generator.service.recipe import Recipe
from generator.service.run import VERSION, Run
from generator.service.stream import StreamRun
from generator.settings import Settings, env_of, option_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from pydantic import SecretStr

    from generator.delivery.registry import RegistryClient
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
        kafka = _Kafka(settings, spec, recipe.pace, metrics, clock)
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
            password=_secret(settings.ssl_password),
        )
    if settings.security_protocol.startswith("SASL"):
        sasl = Sasl(
            mechanism=settings.sasl_mechanism,
            username=settings.sasl_username,
            password=_secret(settings.sasl_password),
            token_url=settings.sasl_oauthbearer_token_endpoint_url,
            client_id=settings.sasl_oauthbearer_client_id,
            client_secret=_secret(settings.sasl_oauthbearer_client_secret),
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


class _Kafka:
    """One stream's way to Kafka: its topic, its schema's id, its makers."""

    def __init__(
        self,
        settings: Settings,
        spec: StreamSpec,
        pace: Pace,
        metrics: Metrics,
        clock: SystemClock,
    ) -> None:
        self._settings = settings
        self._spec = spec
        self._pace = pace
        self._metrics = metrics
        self._clock = clock
        self._schema_id: int | None = None
        self.local: LocalRegistry | None = None
        self._outside: RegistryClient | None = None
        if settings.schema_registry_url is None:
            self.local = LocalRegistry([(value_subject(spec.topic), spec.schema)])
        else:
            # Loaded only where it is used: its libraries take 20 MB.
            from generator.delivery.registry import RegistryClient  # noqa: PLC0415

            # Made now rather than when it is asked: credentials that make no sense end the start.
            user_info = _secret(settings.schema_registry_user_info)
            self._outside = RegistryClient(settings.schema_registry_url, user_info)

    def destination(self, connection: Callable[[], Awaitable[Connection]]) -> Destination:
        """Return the destination; `connection` finds the brokers when the run starts."""
        settings = self._settings
        sink = KafkaSink(
            connection,
            TopicWish(
                name=self._spec.topic,
                partitions=settings.partitions,
                replication_factor=settings.replication_factor,
                config=self._topic_config(),
                config_where_known={AHEAD_MAX: str(UNBOUNDED_MS)},
            ),
            SinkObserver(self._spec.name, self._metrics),
            before_first=self._find_schema_id,
        )
        return Destination(
            sink=sink,
            maker=lambda rows: self._maker(sink, rows),
            topic=self._spec.topic,
            framing=settings.framing,
            schema_id=lambda: self._schema_id,
            notices=lambda start: self._notices(sink, start),
            linger_s=settings.linger_ms / 1000,
        )

    def _topic_config(self) -> dict[str, str]:
        """Return the new topic's configuration; a local Kafka's is bounded in bytes."""
        bounded = (
            topic_config(self._settings.partitions or PARTITIONS_DEFAULT)
            if self._settings.embedded
            else {}
        )
        return bounded | self._settings.topic_config

    async def _find_schema_id(self) -> None:
        """Register or look up the schema where the consumers will look for it."""
        if self._outside is None:
            if self._settings.framing == "confluent":
                self._schema_id = schema_id(self._spec.schema)
            return
        subject = value_subject(self._spec.topic)
        self._schema_id = await self._outside.ensure(subject, self._spec.schema.json)
        await self._outside.aclose()

    def _maker(self, sink: KafkaSink, rows: StreamRows) -> Maker:
        # Called in the stream's own thread: to load the kernels takes a moment, and to compile
        # them for the first time ever many seconds, while the API answers already.
        from generator.encoding.datum import confluent_prefix  # noqa: PLC0415
        from generator.service.maker import RecordMaker  # noqa: PLC0415

        bare = self._settings.framing == "raw" or self._schema_id is None
        prefix = b"" if bare else confluent_prefix(self._schema_id or 0)
        return RecordMaker(
            rows,
            self._metrics,
            spec=self._spec,
            prefix=prefix,
            partitions=sink.partitions,
            compression=Compression(self._settings.compression_type),
            batch_bytes_max=min(self._settings.batch_size, sink.batch_bytes_max),
            record_batch_bytes_max=sink.batch_bytes_max,
        )

    def _notices(self, sink: KafkaSink, start: datetime) -> list[str]:
        lines = [self._retention_notice(sink, start), self._ahead_notice(sink)]
        if sink.held_before:
            lines.append(f"the topic held {sink.held_before:,} records before this run")
        return [line for line in lines if line is not None]

    def _retention_notice(self, sink: KafkaSink, start: datetime) -> str | None:
        """Return a warning when the broker would delete the first rows by their timestamps."""
        facts = sink.facts
        if facts is None or facts.retention_ms is None:
            return None
        age_ms = (self._clock.wall() - start).total_seconds() * 1000
        if age_ms < facts.retention_ms:
            return None
        return (
            f"event times start at {start.isoformat()}, older than the topic's "
            f"retention.ms={facts.retention_ms}: the broker deletes such records within minutes; "
            f"set retention.ms=-1 on topic {self._spec.topic!r}, or fill a new one with "
            "--topic-config retention.ms=-1"
        )

    def _ahead_notice(self, sink: KafkaSink) -> str | None:
        """Return a warning when rows as fast as possible would leave the topic's clock behind."""
        facts = sink.facts
        if facts is None or facts.ahead_ms_max is None or self._pace != MAX:
            return None
        return (
            "as fast as possible, event times advance by a millisecond a row and run ahead of the "
            f"clock, of which topic {self._spec.topic!r} takes {facts.ahead_ms_max / 3.6e6:g} h: "
            f"set {AHEAD_MAX} on it, or give an earlier --start"
        )


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()
