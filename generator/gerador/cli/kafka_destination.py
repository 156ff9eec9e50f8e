"""Kafka destination of a stream, from settings: topic, schema ids, slice builder, notices."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gerador.cli.register_schemas import apply_framing, stream_schemas
from gerador.delivery.kafka.connection import Connection
from gerador.delivery.kafka.security import SaslSettings, TlsSettings
from gerador.delivery.kafka.sink import KafkaSink
from gerador.delivery.kafka.topic import (
    NO_LIMIT_MS,
    TIMESTAMP_AFTER_MAX_CONFIG,
    TopicSpec,
)
from gerador.embedded.properties import topic_config
from gerador.encoding.compression import Compression
from gerador.encoding.registry_schemas import NO_IDS
from gerador.errors import GeradorError
from gerador.limits import PARTITIONS_DEFAULT
from gerador.scenario.output import SCHEMA_ID_FORMATS
from gerador.schedule.target_rate import MAX
from gerador.service.metrics import SinkMetrics
from gerador.service.stream_config import Destination
from gerador.settings.load import aws_region

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


SMALL_SLICES_PER_S: Final = 500
"""Slices per second of all streams of a run that are not full. One costs 0.1 to 0.2 ms of CPU time,
however few rows it has: with more streams, each waits longer for its next rows."""


class KafkaSetup:
    """The Kafka destination of one stream: topic, schema ids, slice builders."""

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
        self._registry: RegistryClient | None = None
        if settings.schema_registry_url is not None:
            # Imported on use: its libraries take 20 MB.
            from gerador.delivery.registry.client import RegistryClient  # noqa: PLC0415

            # Created now, so that invalid credentials are reported at startup.
            user_info = secret_value(settings.schema_registry_user_info)
            self._registry = RegistryClient(settings.schema_registry_url, user_info)

    def destination(
        self, connection: Callable[[], Awaitable[Connection]], *, streams: int = 1
    ) -> Destination:
        """Return the destination of one of `streams` streams.

        `connection` is awaited when the run starts.
        """
        settings = self._settings
        sink = KafkaSink(
            connection,
            TopicSpec(
                name=self._spec.topic,
                partitions=self._partitions,
                replication_factor=self._plan.replication_factor or settings.replication_factor,
                config=self._topic_config(),
                optional_config={TIMESTAMP_AFTER_MAX_CONFIG: str(NO_LIMIT_MS)},
            ),
            SinkMetrics(self._spec.name, self._metrics),
            before_first_row=self._find_schema_ids,
        )
        return Destination(
            sink=sink,
            create_builder=lambda rows: self._create_builder(sink, rows),
            warm_up=self._warm_up,
            topic=self._spec.topic,
            framing="confluent" if self._output.format in SCHEMA_ID_FORMATS else "raw",
            schema_id=lambda: self._ids.value,
            notices=lambda start, target_rate: self._notices(sink, start, target_rate),
            linger_s=max(settings.linger_ms / 1000, streams / SMALL_SLICES_PER_S),
        )

    def _topic_config(self) -> dict[str, str]:
        """Return the configuration of a new topic; on a local Kafka its size is limited."""
        bounded = (
            topic_config(self._partitions or PARTITIONS_DEFAULT) if self._settings.embedded else {}
        )
        return bounded | self._settings.topic_config | dict(self._plan.topic_config)

    async def _find_schema_ids(self) -> None:
        """Register or look up the schemas in the registry that consumers use."""
        if self._registry is None:
            self._ids = self.schemas.local_ids(self._output)
            return
        self._ids = await self.schemas.registered(self._registry)
        await self._registry.aclose()

    def _warm_up(self, rows: StreamRows) -> None:
        """Build record batches of the first rows, which compiles the kernels that they need."""
        from gerador.service.slice_builder import build_sample  # noqa: PLC0415 - loads kernels

        # Rows that cannot be generated or encoded are reported when they are due.
        with suppress(GeradorError):
            build_sample(rows, replace(self._spec, output=self._output))

    def _create_builder(self, sink: KafkaSink, rows: StreamRows) -> SliceBuilder:
        # Called in the thread of the stream: loading the kernels takes a moment, and compiling them
        # on first use many seconds, while the API serves requests.
        from gerador.service.slice_builder import RecordSliceBuilder  # noqa: PLC0415

        return RecordSliceBuilder(
            rows,
            self._metrics,
            spec=replace(self._spec, output=self._output),
            ids=self._ids,
            partitions=sink.partitions,
            compression=Compression(self._settings.compression_type),
            batch_bytes_max=min(self._settings.batch_size, sink.batch_bytes_max),
            message_bytes_max=sink.message_bytes_max,
        )

    def _notices(self, sink: KafkaSink, start: datetime, target_rate: TargetRate) -> list[str]:
        lines = [self._retention_notice(sink, start), self._ahead_notice(sink, target_rate)]
        if sink.records_before_run:
            lines.append(
                f"topic already contains {sink.records_before_run:,} records from before this run"
            )
        return [line for line in lines if line is not None]

    def _retention_notice(self, sink: KafkaSink, start: datetime) -> str | None:
        """Return a warning if the broker would delete the first rows for their timestamps."""
        topic = sink.topic
        if topic is None or topic.retention_ms is None:
            return None
        age_ms = (self._clock.wall() - start).total_seconds() * 1000
        if age_ms < topic.retention_ms:
            return None
        return (
            f"event times start at {start.isoformat()}, older than retention.ms="
            f"{topic.retention_ms} of the topic; the broker deletes such records within minutes; "
            f"set retention.ms=-1 on topic {self._spec.topic!r}, or produce to a new topic with "
            "--topic-config retention.ms=-1"
        )

    def _ahead_notice(self, sink: KafkaSink, target_rate: TargetRate) -> str | None:
        """Return a warning if the event times of an unpaced run would be rejected as too new."""
        topic = sink.topic
        if topic is None or topic.timestamp_after_max_ms is None or target_rate != MAX:
            return None
        return (
            "with rate max, event times advance by a fixed step per row, ahead of the clock; "
            f"topic {self._spec.topic!r} accepts {topic.timestamp_after_max_ms / 3.6e6:g} h; "
            f"increase its {TIMESTAMP_AFTER_MAX_CONFIG}, or set an earlier --start"
        )


def secret_value(value: SecretStr | None) -> str | None:
    """Return the text of a secret setting."""
    return None if value is None else value.get_secret_value()


def kafka_connection(settings: Settings, bootstrap_servers: str) -> Connection:
    """Return the connection to the brokers with the security settings."""
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
            aws_region=aws_region(settings.sasl_aws_region, settings.bootstrap_servers),
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
