"""Kafka as a destination: lanes, one producer at a time, and the supervisor that replaces it.

Mode *reconciled*: when a producer had to be replaced, the partition's own log says which of the
batches that it had sent arrived; only what is missing is sent again. So nothing is lost, nothing
stands twice, and order is kept. What remains open is a request that the broker holds back longer
than the old producer's silence plus SETTLE_S: it could still be appended after the log was read.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog
from aiokafka import errors as kafka_errors

from generator.delivery.kafka.faults import FINAL, LogWatch, describe
from generator.delivery.kafka.lane import Lane
from generator.delivery.kafka.log_reader import log_offset, read_batches
from generator.delivery.kafka.producer import (
    CLOSE_S,
    SEQUENCE_LIMIT,
    retire_producer,
    start_producer,
)
from generator.delivery.kafka.topic import TopicFacts, TopicWish, ensure_topic
from generator.delivery.kafka.wire import WireBatch
from generator.delivery.ledger import Ledger
from generator.errors import ConfigurationError, EnvironmentFault, GeradorError, KafkaFault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from generator.delivery.kafka.connection import Connection
    from generator.delivery.sink import Slice

IN_FLIGHT_BYTES_MAX: Final = 16 * 1024 * 1024
"""Bytes that wait or are under way before `offer` waits: bounds memory and the wait for an ack."""
STALLED_S: Final = 2.0
"""Age of the oldest batch in flight from which on the service calls itself degraded."""
BACKOFF_S: Final = (0.2, 0.5, 1.0, 2.0)
"""Pauses between attempts to connect; the last one repeats."""
SETTLE_S: Final = 0.5
"""Pause between an old producer's end and reading the log: what a broker had queued is appended."""
BATCH_SLACK_BYTES: Final = 1024
"""Room left below the topic's max.message.bytes: compression can lengthen the incompressible."""

log = structlog.get_logger(__name__)


class Observer(Protocol):
    """Who wants to hear of durations and restarts. Called on the event loop, once a batch."""

    def acked(self, seconds: float, batch_bytes: int, rows: int) -> None:
        """Hear that a batch was confirmed `seconds` after it was handed over."""

    def restarted(self, reason: str) -> None:
        """Hear that the producer is replaced."""

    def retried(self, times: int) -> None:
        """Hear that aiokafka sent batches again by itself."""


class KafkaSink:
    """Record batches to one topic, acks=all and idempotent, through one producer at a time.

    `connection` is awaited once, first: a local Kafka has no address before it runs; what it
    raises, `ready` raises. `before_first` is awaited once the brokers answered and before the
    first row is asked for (the schema registry); a fault of it is waited out like a broker's.
    """

    def __init__(
        self,
        connection: Callable[[], Awaitable[Connection]],
        wish: TopicWish,
        observer: Observer,
        before_first: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.ledger = Ledger()
        self.facts: TopicFacts | None = None
        self._find = connection
        self._wish = wish
        self._observer = observer
        self._before_first = before_first
        self._watch = LogWatch()
        self._lanes: list[Lane] = []
        self._in_flight_bytes = 0
        self._room = asyncio.Event()
        self._idle = asyncio.Event()
        self._connected = asyncio.Event()
        self._reason: str | None = None
        self._broken: asyncio.Future[str] | None = None
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def partitions(self) -> int:
        """Number of partitions; 0 before `ready` returned."""
        return len(self._lanes)

    @property
    def batch_bytes_max(self) -> int:
        """Bytes that the topic takes as one record batch."""
        assert self.facts is not None, "ready() comes first"  # noqa: S101
        return self.facts.message_bytes_max - BATCH_SLACK_BYTES

    @property
    def trouble(self) -> str | None:
        """Why rows are not being confirmed right now, in one line; None when they are."""
        if not self._connected.is_set():
            return self._reason
        age_s = self._oldest_s()
        if age_s < STALLED_S:
            return None
        return f"no acknowledgement for {age_s:.0f} s: {self._watch.cause() or 'no answer yet'}"

    async def ready(self) -> None:
        """Connect, make the topic, and return when the first row may be offered.

        Raises ConfigurationError: waiting cannot help (fewer partitions than asked for, …).
        GeradorError: whatever finding the connection raised.
        """
        if self._supervisor is None:
            self._watch.__enter__()
            self._supervisor = asyncio.create_task(self._supervise(), name="kafka-supervisor")
            self._supervisor.add_done_callback(self._wake_all)
        connected = asyncio.ensure_future(self._connected.wait())
        try:
            await asyncio.wait({connected, self._supervisor}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connected.cancel()
        self._raise_if_ended()

    async def offer(self, made: Slice) -> None:
        """Take one slice's batches. Waits while IN_FLIGHT_BYTES_MAX are under way.

        Raises ConfigurationError: the supervisor gave up for good.
        """
        size = sum(len(b.buffer) for b in made.batches)
        while self._in_flight_bytes and self._in_flight_bytes + size > IN_FLIGHT_BYTES_MAX:
            self._raise_if_ended()
            self._room.clear()
            await self._room.wait()
        now_s = time.monotonic()
        self._in_flight_bytes += size
        self._idle.clear()
        for framed in made.batches:
            self.ledger.hand_over(framed.partition, framed.record_count)
            self._lanes[framed.partition].put(WireBatch(framed, now_s))

    async def drain(self, timeout_s: float) -> bool:
        """Wait until everything offered is confirmed or failed; False when time ran out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._in_flight_bytes and not self._ended:
                    self._idle.clear()
                    await self._idle.wait()
        return not self._in_flight_bytes

    async def close(self) -> None:
        """Let go of the brokers, within about two seconds.

        Batches that were never sent are failed; sent ones without an answer stay unknown.
        """
        if self._supervisor is not None:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError, GeradorError):
                await self._supervisor
            self._watch.__exit__()
        for lane in self._lanes:
            self._lose_sight(lane)
            for batch in (*lane.sent, *lane.waiting):
                if batch.stamped is None:
                    self.ledger.fail(lane.partition, batch.record_count(), "stopped before sending")
            lane.sent.clear()
            lane.waiting.clear()

    # -- the supervisor ------------------------------------------------------------------

    async def _supervise(self) -> None:
        """Keep one producer alive; when it breaks, replace it and settle what it had sent."""
        self._connection = await self._find()
        self._timeout_s = self._connection.request_timeout_ms / 1000
        self._watch.protocol = self._connection.security_protocol
        while True:
            producer = await self._connect()
            self._broken = asyncio.get_running_loop().create_future()
            feeders = [
                asyncio.create_task(self._feed(lane, producer), name=f"lane-{lane.partition}")
                for lane in self._lanes
            ]
            self._connected.set()
            try:
                self._reason = await self._broken
            finally:
                self._connected.clear()
                for feeder in feeders:
                    feeder.cancel()
                await asyncio.gather(*feeders, return_exceptions=True)
                silent = await self._retire(producer)
            for lane in self._lanes:
                self._lose_sight(lane)
            log.warning("producer replaced", reason=self._reason, old_one_silent=silent)
            self._observer.restarted(_short(self._reason))
            await asyncio.sleep(SETTLE_S)

    async def _retire(self, producer: Any) -> bool:
        # When we are being cancelled ourselves, a short farewell must do.
        current = asyncio.current_task()
        stopping = current is not None and current.cancelling()
        return await retire_producer(producer, CLOSE_S if stopping else self._timeout_s + 1)

    async def _connect(self) -> Any:
        """Return a producer whose lanes are settled; try until it works."""
        attempt = 0
        while True:
            self._watch.forget()
            try:
                return await self._try_to_connect()
            except ConfigurationError:
                raise
            except KafkaFault as e:
                self._complain(self._watch.cause() or str(e))
            except EnvironmentFault as e:
                self._complain(str(e))
            except kafka_errors.KafkaError as e:
                self._complain(describe(e))
            except Exception as e:  # noqa: BLE001 - what a foreign server makes aiokafka raise
                self._complain(describe(e))
            await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1

    def _complain(self, what: str) -> None:
        reason = f"{self._connection.bootstrap_servers}: {what}"
        if reason != self._reason:
            log.warning("kafka is not ready", reason=reason)
        self._reason = reason

    async def _try_to_connect(self) -> Any:
        self.facts = await ensure_topic(self._connection, self._wish, self._timeout_s)
        if self._before_first is not None:
            await self._before_first()
            self._before_first = None
        producer = await start_producer(self._connection, self._wish.name, self._timeout_s)
        try:
            self._open_lanes(self.facts.partitions)
            for lane in self._lanes:
                await self._settle(lane, producer)
        except BaseException:
            await retire_producer(producer, CLOSE_S)
            raise
        return producer

    def _open_lanes(self, partitions: int) -> None:
        """Make the lanes; later, only hold the topic to what it was: rows are bound to partitions.

        Raises KafkaFault: the topic came back with fewer partitions.
        """
        if not self._lanes:
            self._lanes = [Lane(p) for p in range(partitions)]
        elif partitions < len(self._lanes):
            raise KafkaFault(
                f"topic {self._wish.name!r} came back with {partitions} partitions, it had "
                f"{len(self._lanes)}; add partitions to it"
            )

    async def _settle(self, lane: Lane, producer: Any) -> None:
        """Find out from the log what became of the batches that the last producer had sent."""
        lane.sequence = 0
        if lane.next_offset is None:
            lane.next_offset = await log_offset(producer.client, self._wish.name, lane.partition)
        if not lane.sent:
            return
        arrived = {
            found.stamp: found.next_offset
            for found in await read_batches(
                producer.client, self._wish.name, lane.partition, lane.next_offset
            )
        }
        missing = []
        while lane.sent:
            batch = lane.sent.popleft()
            self._see_again(lane, batch)
            if batch.stamped in arrived:
                lane.next_offset = arrived[batch.stamped]
                self._acknowledge(lane, batch)
            elif isinstance(batch.error, FINAL):
                self._fail(lane, batch, batch.error)
            else:
                missing.append(batch)
        lane.put_back(missing)
        log.info("partition reconciled", partition=lane.partition, sent_again=len(missing))

    def _lose_sight(self, lane: Lane) -> None:
        """Count what was sent and not answered as unknown."""
        for batch in lane.sent:
            if batch.stamped is not None and not batch.unknown:
                batch.unknown = True
                self.ledger.lose_sight(lane.partition, batch.record_count())

    def _see_again(self, lane: Lane, batch: WireBatch) -> None:
        if batch.unknown:
            batch.unknown = False
            self.ledger.see_again(lane.partition, batch.record_count())

    # -- outcomes --------------------------------------------------------------------------

    async def _feed(self, lane: Lane, producer: Any) -> None:
        try:
            await lane.feed(producer, self._wish.name, self._settled)
        except kafka_errors.KafkaTimeoutError:
            # The batch was not taken: it is still first in the lane, and is offered again.
            self._break("the brokers take no more batches")
        except kafka_errors.KafkaError as e:
            self._break(describe(e))

    def _settled(self, lane: Lane, batch: WireBatch, outcome: asyncio.Future[Any]) -> None:
        """Hear from aiokafka what became of a batch."""
        if outcome.cancelled() or batch not in lane.sent:
            return
        error = outcome.exception()
        if error is not None:
            batch.error = error
            self._break(describe(error))
            return
        lane.sent.remove(batch)
        self._see_again(lane, batch)
        offset = outcome.result().offset
        # A duplicate that the broker no longer remembers is a success with offset -1.
        if offset >= 0:
            lane.next_offset = offset + batch.record_count()
        self._acknowledge(lane, batch)
        if lane.sequence > SEQUENCE_LIMIT:
            self._break("sequence numbers are nearly used up")

    def _acknowledge(self, lane: Lane, batch: WireBatch) -> None:
        self.ledger.acknowledge(lane.partition, batch.record_count(), batch.size())
        waited_s = time.monotonic() - batch.handed_over_s
        self._observer.acked(waited_s, batch.size(), batch.record_count())
        self._release(batch)
        if self._watch.retries:
            self._observer.retried(self._watch.retries)
            self._watch.retries = 0

    def _fail(self, lane: Lane, batch: WireBatch, error: BaseException) -> None:
        reason = type(error).__name__
        log.error(
            "record batch refused",
            partition=lane.partition,
            rows=batch.record_count(),
            bytes=batch.size(),
            reason=describe(error),
        )
        self.ledger.fail(lane.partition, batch.record_count(), reason)
        self._release(batch)

    def _release(self, batch: WireBatch) -> None:
        self._in_flight_bytes -= batch.size()
        self._room.set()
        if not self._in_flight_bytes:
            self._idle.set()

    def _break(self, reason: str) -> None:
        if self._broken is not None and not self._broken.done():
            self._broken.set_result(reason)

    def _oldest_s(self) -> float:
        """Return the age of the batch that waits longest, in seconds."""
        heads = [q[0].handed_over_s for lane in self._lanes for q in (lane.sent, lane.waiting) if q]
        return time.monotonic() - min(heads) if heads else 0.0

    @property
    def _ended(self) -> bool:
        return self._supervisor is not None and self._supervisor.done()

    def _raise_if_ended(self) -> None:
        if self._supervisor is not None and self._supervisor.done():
            self._supervisor.result()

    def _wake_all(self, _: asyncio.Task[None]) -> None:
        self._room.set()
        self._idle.set()


def _short(reason: str | None) -> str:
    """Return a reason's first words: a metric's label must come from a bounded set."""
    return (reason or "unknown").partition(";")[0].partition(":")[0][:60]
