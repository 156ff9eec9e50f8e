"""Keeps one producer connected: replaces it after a failure, and reconciles unconfirmed batches with the partition's log."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog
from aiokafka import errors as kafka_errors

from gerador.delivery.kafka.connection import Connection
from gerador.delivery.kafka.error_messages import AiokafkaLogHandler, describe
from gerador.delivery.kafka.log_reader import EARLIEST_TIMESTAMP, list_offset, read_batches
from gerador.delivery.kafka.producer import (
    CLOSE_S,
    SEQUENCE_LIMIT,
    close_producer,
    mute_partition,
    start_producer,
)
from gerador.delivery.kafka.topic import TopicDescription, TopicSpec, ensure_topic
from gerador.errors import ConfigurationError, KafkaUnavailableError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gerador.delivery.kafka.delivery_tracker import DeliveryObserver, DeliveryTracker
    from gerador.delivery.kafka.partition_queue import PartitionQueue
    from gerador.delivery.kafka.producer_batch import ProducerBatch


CONNECT_WARN_S: Final = 10.0
"""Usual seconds to connect; from then on silence is a reason to be called degraded."""
BACKOFF_S: Final = (0.2, 0.5, 1.0, 2.0)
"""Pauses between attempts to connect; the last one repeats."""
RECONCILE_DELAY_S: Final = 0.5
"""Pause between an old producer's end and reading the log: what a broker had queued is appended."""
TOPIC_DELETED: Final = "the topic is not there any more"
REASON_CHARS_MAX: Final = 60
"""A metric's label comes from a bounded set: the first words of a reason, no addresses."""

log = structlog.get_logger(__name__)


class ProducerSupervisor:
    """The life of producers on one topic. `run` never returns; it raises what cannot be helped."""

    def __init__(
        self,
        find: Callable[[], Awaitable[Connection]],
        wish: TopicSpec,
        settlement: DeliveryTracker,
        observer: DeliveryObserver,
        before_first: Callable[[], Awaitable[None]] | None,
    ) -> None:
        self.connected = asyncio.Event()
        self.reason: str | None = None
        """Why there is no producer at the moment."""
        self.facts: TopicDescription | None = None
        self.held_before = 0
        """Records in the topic when its lanes were opened."""
        self.watch = AiokafkaLogHandler()
        self._find = find
        self._wish = wish
        self._settlement = settlement
        self._observer = observer
        self._before_first = before_first
        self._connection = Connection(bootstrap_servers="")
        self._timeout_s = 0.0
        """Of one request."""
        self._connecting_since_s: float | None = None
        self._broken: asyncio.Future[str] | None = None

    @property
    def trouble(self) -> str | None:
        """Why there is no producer; None while the first attempt may still succeed."""
        if self.reason is None and self._connecting_since_s is not None:
            waited_s = time.monotonic() - self._connecting_since_s
            if waited_s > CONNECT_WARN_S:
                return f"{self._connection.bootstrap_servers}: no answer for {waited_s:.0f} s"
        return self.reason

    async def run(self) -> None:
        """Find the brokers, then keep a producer alive until cancelled.

        Raises ConfigurationError: trying again cannot help. GeradorError: what `find` raised.
        """
        self._connection = await self._find()
        self._timeout_s = self._connection.request_timeout_ms / 1000
        protocol = self._connection.security_protocol
        self.watch.protocol = self._settlement.protocol = protocol
        with self.watch:
            while True:
                await self._live(await self._connect())

    def break_off(self, reason: str) -> None:
        """Let the present producer be replaced."""
        if self._broken is not None and not self._broken.done():
            self._broken.set_result(reason)

    async def _live(self, producer: Any) -> None:
        """Feed a producer until it breaks, then make sure that it is silent."""
        self._broken = asyncio.get_running_loop().create_future()
        producer.client.cluster.add_listener(self._hear_of_topics)
        feeders = [
            asyncio.create_task(self._feed(lane, producer), name=f"lane-{lane.partition}")
            for lane in self._settlement.lanes
        ]
        self.reason = self._connecting_since_s = None
        self.connected.set()
        try:
            self.reason = await self._broken
        finally:
            self.connected.clear()
            for feeder in feeders:
                feeder.cancel()
            await asyncio.gather(*feeders, return_exceptions=True)
            silent = await self._retire(producer)
        self._settlement.lose_sight()
        log.warning(
            "producer replaced",
            topic=self._wish.name,
            reason=self.reason,
            old_one_silent=silent,
        )
        self._observer.restarted(_metric_label(self.reason))
        await asyncio.sleep(RECONCILE_DELAY_S)

    def _hear_of_topics(self, metadata: Any) -> None:
        """Replace the producer of a deleted topic at once: aiokafka waits for it to come back."""
        if metadata.partitions_for_topic(self._wish.name) is None:
            self.break_off(TOPIC_DELETED)

    async def _feed(self, lane: PartitionQueue, producer: Any) -> None:
        try:
            await lane.feed(producer, self._wish.name, partial(self._settled, producer))
        except kafka_errors.KafkaTimeoutError:
            # The batch was not taken: it is still first in the lane, and is offered again.
            self.break_off("the brokers take no more batches")
        except Exception as e:  # noqa: BLE001 - a lane that ends in silence would stand still for ever
            self.break_off(describe(e, self._connection.security_protocol))

    def _settled(
        self,
        producer: Any,
        lane: PartitionQueue,
        batch: ProducerBatch,
        outcome: asyncio.Future[Any],
    ) -> None:
        broken = self._settlement.settled(lane, batch, outcome)
        if broken is not None:
            mute_partition(producer, self._wish.name, lane.partition)
            self.break_off(broken)
        elif lane.sequence > SEQUENCE_LIMIT:
            self.break_off("sequence numbers are nearly used up")
        for reason in self.watch.take_retries():
            self._observer.retried(reason)

    async def _retire(self, producer: Any) -> bool:
        # When we are being cancelled ourselves, a short farewell must do.
        current = asyncio.current_task()
        stopping = current is not None and current.cancelling()
        return await close_producer(producer, CLOSE_S if stopping else self._timeout_s + 1)

    # -- connecting ------------------------------------------------------------------------

    async def _connect(self) -> Any:
        """Return a producer whose lanes are settled; try until it works."""
        attempt = 0
        self._connecting_since_s = time.monotonic()
        while True:
            self.watch.forget()
            try:
                return await self._try_to_connect()
            except ConfigurationError:
                raise
            except KafkaUnavailableError as e:
                self._complain(self.watch.cause() or str(e))
            except UnavailableError as e:
                self._complain(str(e), of_brokers=False)
            except Exception as e:  # noqa: BLE001 - whatever a foreign server makes aiokafka raise
                self._complain(describe(e, self._connection.security_protocol))
            await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1

    def _complain(self, what: str, *, of_brokers: bool = True) -> None:
        reason = f"{self._connection.bootstrap_servers}: {what}" if of_brokers else what
        if reason != self.reason:
            log.warning("not ready", topic=self._wish.name, reason=reason)
        self.reason = reason

    async def _try_to_connect(self) -> Any:
        # A broker that stands still costs a request's time; others are asked after it.
        servers = self._connection.bootstrap_servers.count(",") + 1
        patience_s = self._timeout_s * (servers + 1)
        self.facts = await ensure_topic(self._connection, self._wish, patience_s)
        if self._before_first is not None:
            await self._before_first()
            self._before_first = None
        producer = await start_producer(self._connection, self._wish.name, patience_s)
        try:
            self._settlement.open(self.facts.partitions)
            for lane in self._settlement.lanes:
                await self._read_up(lane, producer)
        except BaseException:
            await close_producer(producer, CLOSE_S)
            raise
        return producer

    async def _read_up(self, lane: PartitionQueue, producer: Any) -> None:
        """Find out from the log what became of the batches that the last producer had sent."""
        lane.sequence = 0
        topic = self._wish.name
        if lane.next_offset is None:
            lane.next_offset = await list_offset(producer.client, topic, lane.partition)
            first = await list_offset(producer.client, topic, lane.partition, EARLIEST_TIMESTAMP)
            self.held_before += lane.next_offset - first
        if lane.sent:
            found = await read_batches(producer.client, topic, lane.partition, lane.next_offset)
            self._settlement.reconcile(lane, {f.stamp: f.next_offset for f in found})


def _metric_label(reason: str | None) -> str:
    return (reason or "unknown").partition(";")[0].partition(":")[0][:REASON_CHARS_MAX]
