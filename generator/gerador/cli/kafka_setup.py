"""Kafka setup from settings: connection, topic, schema ids, slice builder and notices of one stream."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gerador.cli.registry_setup import apply_framing, stream_schemas
from gerador.delivery.kafka.connection import Connection
from gerador.delivery.kafka.security import SaslSettings, TlsSettings
from gerador.delivery.kafka.sink import KafkaSink
from gerador.delivery.kafka.topic import (
    NO_LIMIT_MS,
    PARTITIONS_DEFAULT,
    TIMESTAMP_AFTER_MAX_CONFIG,
    TopicSpec,
)
from gerador.embedded.properties import topic_config
from gerador.encoding.compression import Compression
from gerador.encoding.registry_schemas import NO_IDS
from gerador.scenario.output import SCHEMA_ID_FORMATS
from gerador.schedule.target_rate import MAX
from gerador.service.metrics import SinkMetrics
from gerador.service.stream_config import Destination

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from pydantic import SecretStr

    from gerador.events.rows import StreamRows
    from gerador.scenario.plan import StreamPlan
    from gerador.schedule.target_rate import TargetRate
    from gerador.service.clock import Clock
    from gerador.service.metrics import Metrics
    from gerador.service.slice_builder import SliceBuilder
    from gerador.settings.model import Settings


class KafkaSetup:
    """One stream's way to Kafka: its topic, its schema's id, its makers."""

    def __init__(
        self,
        settings: Settings,
        plan: StreamPlan,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._plan = plan
        self._spec = spec = plan.spec
        self._metrics = metrics
        self._clock = clock
        self._output = apply_framing(spec.output, settings.framing)
        self._partitions = plan.partitions or settings.partitions
        self.schemas = stream_schemas(spec, self._output)
        self._ids = NO_IDS
        self._outside: RegistryClient | None = None
        if settings.schema_registry_url is not None:
            # Loaded only where it is used: its libraries take 20 MB.
            from gerador.delivery.registry.client import RegistryClient  # noqa: PLC0415

            # Made now rather than when it is asked: credentials that make no sense end the start.
            user_info = secret_value(settings.schema_registry_user_info)
            self._outside = RegistryClient(settings.schema_registry_url, user_info)

    def destination(self, connection: Callable[[], Awaitable[Connection]]) -> Destination:
        """Return the destination; `connection` finds the brokers when the run starts."""
        settings = self._settings
        sink = KafkaSink(
            connection,
            TopicSpec(
                name=self._spec.topic,
                partitions=self._partitions,
                replication_factor=self._plan.replication_factor or settings.replication_factor,
                config=self._topic_config(),
                config_where_known={TIMESTAMP_AFTER_MAX_CONFIG: str(NO_LIMIT_MS)},
            ),
            SinkMetrics(self._spec.name, self._metrics),
            before_first=self._find_schema_ids,
        )
        return Destination(
            sink=sink,
            maker=lambda rows: self._maker(sink, rows),
            topic=self._spec.topic,
            framing="confluent" if self._output.format in SCHEMA_ID_FORMATS else "raw",
            schema_id=lambda: self._ids.value,
            notices=lambda start, pace: self._notices(sink, start, pace),
            linger_s=settings.linger_ms / 1000,
        )

    def _topic_config(self) -> dict[str, str]:
        """Return the new topic's configuration; a local Kafka's is bounded in bytes."""
        bounded = (
            topic_config(self._partitions or PARTITIONS_DEFAULT) if self._settings.embedded else {}
        )
        return bounded | self._settings.topic_config | dict(self._plan.topic_config)

    async def _find_schema_ids(self) -> None:
        """Register or look up the schemas where the consumers will look for them."""
        if self._outside is None:
            self._ids = self.schemas.local_ids(self._output)
            return
        self._ids = await self.schemas.registered(self._outside)
        await self._outside.aclose()

    def _maker(self, sink: KafkaSink, rows: StreamRows) -> SliceBuilder:
        # Called in the stream's own thread: to load the kernels takes a moment, and to compile
        # them for the first time ever many seconds, while the API answers already.
        from gerador.service.slice_builder import RecordSliceBuilder  # noqa: PLC0415

        return RecordSliceBuilder(
            rows,
            self._metrics,
            spec=replace(self._spec, output=self._output),
            ids=self._ids,
            partitions=sink.partitions,
            compression=Compression(self._settings.compression_type),
            batch_bytes_max=min(self._settings.batch_size, sink.batch_bytes_max),
            record_batch_bytes_max=sink.batch_bytes_max,
        )

    def _notices(self, sink: KafkaSink, start: datetime, pace: TargetRate) -> list[str]:
        lines = [self._retention_notice(sink, start), self._ahead_notice(sink, pace)]
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

    def _ahead_notice(self, sink: KafkaSink, pace: TargetRate) -> str | None:
        """Return a warning when rows as fast as possible would leave the topic's clock behind."""
        facts = sink.facts
        if facts is None or facts.ahead_ms_max is None or pace != MAX:
            return None
        return (
            "as fast as possible, event times advance by a fixed step a row and run ahead of the "
            f"clock, of which topic {self._spec.topic!r} takes {facts.ahead_ms_max / 3.6e6:g} h: "
            f"set {TIMESTAMP_AFTER_MAX_CONFIG} on it, or give an earlier --start"
        )


def secret_value(value: SecretStr | None) -> str | None:
    """Return what a secret setting says."""
    return None if value is None else value.get_secret_value()


def kafka_connection(settings: Settings, bootstrap_servers: str) -> Connection:
    """Return how the settings say the brokers are reached."""
    tls = sasl = None
    if settings.security_protocol.endswith("SSL"):
        tls = TlsSettings(
            cafile=_optional_path(settings.ssl_cafile),
            certfile=_optional_path(settings.ssl_certfile),
            keyfile=_optional_path(settings.ssl_keyfile),
            password=secret_value(settings.ssl_password),
        )
    if settings.security_protocol.startswith("SASL"):
        sasl = SaslSettings(
            mechanism=settings.sasl_mechanism,
            username=settings.sasl_username,
            password=secret_value(settings.sasl_password),
            token_url=settings.sasl_oauthbearer_token_endpoint_url,
            client_id=settings.sasl_oauthbearer_client_id,
            client_secret=secret_value(settings.sasl_oauthbearer_client_secret),
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


def _optional_path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
