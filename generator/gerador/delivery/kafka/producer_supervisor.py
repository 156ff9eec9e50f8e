"""Keeps one producer connected: replaces it after a failure and reconciles with the log."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import structlog
from aiokafka import errors as kafka_errors

from gerador.delivery.kafka.aiokafka_log_handler import AiokafkaLogHandler
from gerador.delivery.kafka.connection import Connection
from gerador.delivery.kafka.error_messages import describe
from gerador.delivery.kafka.partition_log_reader import (
    EARLIEST_TIMESTAMP,
    list_offset,
    read_batches,
)
from gerador.delivery.kafka.producer_lifecycle import (
    CLOSE_S,
    SEQUENCE_LIMIT,
    close_producer,
    mute_failed_partitions,
    start_producer,
)
from gerador.delivery.kafka.topic import TopicDescription, TopicSpec, ensure_topic
from gerador.errors import ConfigurationError, KafkaUnavailableError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gerador.delivery.kafka.aiokafka_batch import ProducerBatch
    from gerador.delivery.kafka.delivery_tracker import DeliveryObserver, DeliveryTracker
    from gerador.delivery.kafka.partition_queue import PartitionQueue


CONNECT_WARN_S: Final = 10.0
"""Seconds to connect after which a missing response is reported as a problem."""
BACKOFF_S: Final = (0.2, 0.5, 1.0, 2.0)
"""Pauses between attempts to connect; the last one repeats."""
SETTLING_S: Final = 5.0
"""Seconds for the leaders of a new topic's partitions to be elected, and for its metadata to reach
every broker; afterwards a missing leader is reported."""
_SETTLING_ERRORS: Final = (
    kafka_errors.LeaderNotAvailableError,
    kafka_errors.NotLeaderForPartitionError,
    kafka_errors.UnknownTopicOrPartitionError,
)
RECONCILE_DELAY_S: Final = 0.5
"""Pause between closing a producer and reading the log: brokers append the requests they queued."""
TOPIC_DELETED: Final = "the topic was deleted"
REASON_CHARS_MAX: Final = 60
"""Length of a metric label: labels must come from a bounded set and contain no address."""

log = structlog.get_logger(__name__)


class ProducerSupervisor:
    """Runs one producer at a time for a topic.

    `run` never returns; it raises errors that retrying cannot solve.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        spec: TopicSpec,
        tracker: DeliveryTracker,
        observer: DeliveryObserver,
        before_first_row: Callable[[], Awaitable[None]] | None,
    ) -> None:
        self.connected = asyncio.Event()
        self.reason: str | None = None
        """Why no producer is connected."""
        self.topic: TopicDescription | None = None
        self.records_before_run = 0
        """Records in the topic when the first producer connected."""
        self.log_handler = AiokafkaLogHandler()
        self._get_connection = connect
        self._spec = spec
        self._tracker = tracker
        self._observer = observer
        self._before_first_row = before_first_row
        self._connection = Connection(bootstrap_servers="")
        self._request_timeout_s = 0.0
        self._connecting_since_s: float | None = None
        self._settling_since_s: float | None = None
        self._failure: asyncio.Future[str] | None = None

    @property
    def problem(self) -> str | None:
        """Why no producer is connected; None while the first attempt may still succeed."""
        if self.reason is None and self._connecting_since_s is not None:
            waited_s = time.monotonic() - self._connecting_since_s
            if waited_s > CONNECT_WARN_S:
                return f"{self._connection.bootstrap_servers}: no response for {waited_s:.0f} s"
        return self.reason

    async def run(self) -> None:
        """Get the connection settings, then keep a producer connected until cancelled.

        Raises ConfigurationError: retrying cannot help. GeradorError: any error of `connect`.
        """
        self._connection = await self._get_connection()
        self._request_timeout_s = self._connection.request_timeout_ms / 1000
        protocol = self._connection.security_protocol
        self.log_handler.protocol = self._tracker.security_protocol = protocol
        with self.log_handler:
            while True:
                await self._run_producer(await self._connect())

    def replace_producer(self, reason: str) -> None:
        """Close the current producer and connect another one."""
        if self._failure is not None and not self._failure.done():
            self._failure.set_result(reason)

    async def _run_producer(self, producer: Any) -> None:
        """Send with a producer until it fails, then close it."""
        self._failure = asyncio.get_running_loop().create_future()
        producer.client.cluster.add_listener(self._on_metadata)
        mute_failed_partitions(producer)
        senders = [
            asyncio.create_task(self._send(queue, producer), name=f"partition-{queue.partition}")
            for queue in self._tracker.queues
        ]
        self.reason = self._connecting_since_s = None
        self.connected.set()
        try:
            self.reason = await self._failure
        finally:
            self.connected.clear()
            for sender in senders:
                sender.cancel()
            await asyncio.gather(*senders, return_exceptions=True)
            stopped = await self._close(producer)
        self._tracker.mark_sent_unknown()
        log.warning(
            "producer replaced",
            topic=self._spec.name,
            reason=self.reason,
            old_producer_stopped=stopped,
        )
        self._observer.restarted(_metric_label(self.reason))
        await asyncio.sleep(RECONCILE_DELAY_S)

    def _on_metadata(self, metadata: Any) -> None:
        """Replace the producer at once when the topic was deleted: aiokafka would wait for it."""
        if metadata.partitions_for_topic(self._spec.name) is None:
            self.replace_producer(TOPIC_DELETED)

    async def _send(self, queue: PartitionQueue, producer: Any) -> None:
        try:
            await queue.send_forever(producer, self._spec.name, self._on_result)
        except kafka_errors.KafkaTimeoutError:
            # The batch was not accepted: it is still first in its queue.
            self.replace_producer("the producer accepted no batch within the request timeout")
        except Exception as e:  # noqa: BLE001 - a task that ends silently would stall its partition
            self.replace_producer(describe(e, self._connection.security_protocol))

    def _on_result(
        self, queue: PartitionQueue, batch: ProducerBatch, result: asyncio.Future[Any]
    ) -> None:
        failure = self._tracker.on_result(queue, batch, result)
        if failure is not None:
            self.replace_producer(failure)
        elif queue.sequence > SEQUENCE_LIMIT:
            self.replace_producer("the producer's sequence numbers are almost exhausted")
        for reason in self.log_handler.take_retry_reasons():
            self._observer.retried(reason)

    async def _close(self, producer: Any) -> bool:
        # When this task is being cancelled, the wait is short.
        current = asyncio.current_task()
        stopping = current is not None and current.cancelling()
        timeout_s = CLOSE_S if stopping else self._request_timeout_s + 1
        return await close_producer(producer, timeout_s)

    # -- connecting ------------------------------------------------------------------------

    async def _connect(self) -> Any:
        """Return a producer whose queues are reconciled with the log; retry until it works."""
        attempt = 0
        self._connecting_since_s, self._settling_since_s = time.monotonic(), None
        while True:
            self.log_handler.clear()
            try:
                return await self._try_to_connect()
            except ConfigurationError:
                raise
            except KafkaUnavailableError as e:
                if not self._is_settling(e.__cause__):
                    self._report(self.log_handler.cause() or str(e))
            except UnavailableError as e:
                self._report(str(e), of_brokers=False)
            except Exception as e:  # noqa: BLE001 - aiokafka may raise anything for a foreign server
                if not self._is_settling(e):
                    self._report(describe(e, self._connection.security_protocol))
            await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1

    def _is_settling(self, error: BaseException | None) -> bool:
        """Return whether the topic may be too new for its brokers: no problem for SETTLING_S."""
        if not isinstance(error, _SETTLING_ERRORS):
            self._settling_since_s = None
            return False
        now_s = time.monotonic()
        if self._settling_since_s is None:
            self._settling_since_s = now_s
        return now_s - self._settling_since_s < SETTLING_S

    def _report(self, problem: str, *, of_brokers: bool = True) -> None:
        """Set the reason, and log it when it is new."""
        reason = f"{self._connection.bootstrap_servers}: {problem}" if of_brokers else problem
        if reason != self.reason:
            log.warning("not ready", topic=self._spec.name, reason=reason)
        self.reason = reason

    async def _try_to_connect(self) -> Any:
        # aiokafka tries the servers one after another: each unresponsive one costs a timeout.
        servers = self._connection.bootstrap_servers.count(",") + 1
        timeout_s = self._request_timeout_s * (servers + 1)
        self.topic = await ensure_topic(self._connection, self._spec, timeout_s)
        if self._before_first_row is not None:
            await self._before_first_row()
            self._before_first_row = None
        producer = await start_producer(self._connection, self._spec.name, timeout_s)
        try:
            self._tracker.set_partitions(self.topic.partitions)
            for queue in self._tracker.queues:
                await self._reconcile(queue, producer)
        except BaseException:
            await close_producer(producer, CLOSE_S)
            raise
        return producer

    async def _reconcile(self, queue: PartitionQueue, producer: Any) -> None:
        """Look up the batches that the previous producer had sent in the partition's log."""
        queue.sequence = 0
        topic = self._spec.name
        if queue.next_offset is None:
            queue.next_offset = await list_offset(producer.client, topic, queue.partition)
            first = await list_offset(producer.client, topic, queue.partition, EARLIEST_TIMESTAMP)
            self.records_before_run += queue.next_offset - first
        if queue.sent:
            found = await read_batches(producer.client, topic, queue.partition, queue.next_offset)
            self._tracker.reconcile(queue, {b.producer_state: b.next_offset for b in found})


def _metric_label(reason: str | None) -> str:
    """Return the first clause of a reason."""
    return (reason or "unknown").partition(";")[0].partition(":")[0][:REASON_CHARS_MAX]
