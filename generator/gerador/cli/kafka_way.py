"""One stream's way to Kafka, told by the settings: topic, schema id, makers, notices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gerador.cli.stream_schemas import stream_schemas, written_as
from gerador.delivery.kafka.sink import KafkaSink
from gerador.delivery.kafka.topic import (
    AHEAD_MAX,
    PARTITIONS_DEFAULT,
    UNBOUNDED_MS,
    TopicWish,
)
from gerador.embedded import topic_config
from gerador.encoding.compression import Compression
from gerador.encoding.schemas import NO_IDS
from gerador.events.pace import MAX
from gerador.scenario.output import FRAMED
from gerador.service.destination import Destination
from gerador.service.observer import SinkObserver

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from pydantic import SecretStr

    from gerador.delivery.kafka.connection import Connection
    from gerador.delivery.registry import RegistryClient
    from gerador.events.pace import Pace
    from gerador.events.rows import StreamRows
    from gerador.scenario.file.resolve import StreamPlan
    from gerador.service.clock import Clock
    from gerador.service.maker import Maker
    from gerador.service.metrics import Metrics
    from gerador.settings import Settings


class KafkaWay:
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
        self._output = written_as(spec.output, settings.framing)
        self._partitions = plan.partitions or settings.partitions
        self.schemas = stream_schemas(spec, self._output)
        self._ids = NO_IDS
        self._outside: RegistryClient | None = None
        if settings.schema_registry_url is not None:
            # Loaded only where it is used: its libraries take 20 MB.
            from gerador.delivery.registry import RegistryClient  # noqa: PLC0415

            # Made now rather than when it is asked: credentials that make no sense end the start.
            user_info = secret_text(settings.schema_registry_user_info)
            self._outside = RegistryClient(settings.schema_registry_url, user_info)

    def destination(self, connection: Callable[[], Awaitable[Connection]]) -> Destination:
        """Return the destination; `connection` finds the brokers when the run starts."""
        settings = self._settings
        sink = KafkaSink(
            connection,
            TopicWish(
                name=self._spec.topic,
                partitions=self._partitions,
                replication_factor=self._plan.replication_factor or settings.replication_factor,
                config=self._topic_config(),
                config_where_known={AHEAD_MAX: str(UNBOUNDED_MS)},
            ),
            SinkObserver(self._spec.name, self._metrics),
            before_first=self._find_schema_ids,
        )
        return Destination(
            sink=sink,
            maker=lambda rows: self._maker(sink, rows),
            topic=self._spec.topic,
            framing="confluent" if self._output.format in FRAMED else "raw",
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

    def _maker(self, sink: KafkaSink, rows: StreamRows) -> Maker:
        # Called in the stream's own thread: to load the kernels takes a moment, and to compile
        # them for the first time ever many seconds, while the API answers already.
        from gerador.service.maker import RecordMaker  # noqa: PLC0415

        return RecordMaker(
            rows,
            self._metrics,
            spec=replace(self._spec, output=self._output),
            ids=self._ids,
            partitions=sink.partitions,
            compression=Compression(self._settings.compression_type),
            batch_bytes_max=min(self._settings.batch_size, sink.batch_bytes_max),
            record_batch_bytes_max=sink.batch_bytes_max,
        )

    def _notices(self, sink: KafkaSink, start: datetime, pace: Pace) -> list[str]:
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

    def _ahead_notice(self, sink: KafkaSink, pace: Pace) -> str | None:
        """Return a warning when rows as fast as possible would leave the topic's clock behind."""
        facts = sink.facts
        if facts is None or facts.ahead_ms_max is None or pace != MAX:
            return None
        return (
            "as fast as possible, event times advance by a fixed step a row and run ahead of the "
            f"clock, of which topic {self._spec.topic!r} takes {facts.ahead_ms_max / 3.6e6:g} h: "
            f"set {AHEAD_MAX} on it, or give an earlier --start"
        )


def secret_text(value: SecretStr | None) -> str | None:
    """Return what a secret setting says."""
    return None if value is None else value.get_secret_value()
