"""State machine test: after any failure, the ledger agrees with the partitions' logs.

Tracker, queues, supervisor, log reader and aiokafka's producer are real; the broker is a fake
(`fake_broker.py`). Hypothesis chooses the order of events.
"""

from __future__ import annotations

import asyncio
import struct
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import errors as kafka_errors
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gerador.delivery.kafka import delivery_tracker, producer_supervisor
from gerador.delivery.kafka.delivery_tracker import DeliveryTracker
from gerador.delivery.kafka.producer_lifecycle import close_producer
from gerador.delivery.kafka.producer_supervisor import ProducerSupervisor
from gerador.delivery.kafka.topic import TopicSpec
from gerador.delivery.ledger import DeliveryCounts
from gerador.encoding.record_batch import HEADER_BYTES, RecordBatch, write_header
from gerador.errors import KafkaUnavailableError
from tests.delivery.fake_broker import (
    OTHER_PRODUCER_ID,
    TOPIC,
    Broker,
    InFlightRequest,
    started_producer,
)
from tests.delivery.kafka_harness import RecordingObserver

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from gerador.delivery.kafka.aiokafka_batch import ProducerBatch

PARTITIONS = 3
LOOP_ITERATIONS = 12
"""Iterations of the event loop after each rule: enough for all tasks to finish their work."""
IN_FLIGHT_BYTES_MAX = 800
"""So little that `enqueue` waits sometimes."""
ROUNDS_MAX = 200
SMALL = 1
"""Records of the largest batch that is accepted while a topic's limit is low."""
SHRINKING_S = 400
"""Test timeout: Hypothesis shrinks a counterexample for at most 300 s."""
ROWS = struct.Struct(">qi")
"""Replaces a batch's records: its first row and the number of rows."""

partition = st.integers(0, PARTITIONS - 1)
index = st.integers(0, 2**16)
TIMEOUT_AND_DISCONNECT = [kafka_errors.RequestTimedOutError, kafka_errors.KafkaConnectionError]


def record_batch(partition: int, first: int, rows: int) -> RecordBatch:
    """Return a batch of a partition's rows ``[first, first + rows)``."""
    buffer = memoryview(bytearray(HEADER_BYTES + ROWS.size))
    write_header(buffer, 0, rows, 0, 0)
    ROWS.pack_into(buffer, HEADER_BYTES, first, rows)
    return RecordBatch(
        partition, rows, buffer, value_bytes=ROWS.size, uncompressed_bytes=len(buffer)
    )


def rows_in(raw: bytes | memoryview) -> range:
    """Return the rows of a batch."""
    first, rows = ROWS.unpack_from(raw, HEADER_BYTES)
    return range(first, first + rows)


def picked(requests: list[InFlightRequest], number: int) -> InFlightRequest:
    """Return one of the requests."""
    return requests[number % len(requests)]


class Delivery(RuleBasedStateMachine):
    """Rows in flight to a topic of three partitions on two nodes."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(producer_supervisor, "RECONCILE_DELAY_S", 0.0)
        self.patch.setattr(delivery_tracker, "IN_FLIGHT_BYTES_MAX", IN_FLIGHT_BYTES_MAX)
        self.loop = asyncio.new_event_loop()
        self.reset()

    def reset(self) -> None:
        """Start with an empty topic, an empty ledger and no producer."""
        self.broker = Broker(PARTITIONS)
        self.observer = RecordingObserver()
        self.tracker = DeliveryTracker(self.observer, TOPIC)
        spec = TopicSpec(name=TOPIC)
        self.supervisor = ProducerSupervisor(None, spec, self.tracker, self.observer, None)  # type: ignore[arg-type]  # never connects
        self.tracker.set_partitions(PARTITIONS)
        self.next_row = [0] * PARTITIONS
        self.enqueued: list[RecordBatch] = []
        self.enqueueing: asyncio.Task[None] | None = None
        self.producing: asyncio.Task[None] | None = None

    def run_loop(self, action: Coroutine[Any, Any, None] | None = None) -> None:
        """Run an action and some iterations of the event loop."""

        async def iterate() -> None:
            if action is not None:
                await action
            for _ in range(LOOP_ITERATIONS):
                await asyncio.sleep(0)

        self.loop.run_until_complete(iterate())

    def teardown(self) -> None:
        """Cancel the tasks."""
        self.run_loop(self._end())
        self.loop.close()
        self.patch.undo()

    async def _end(self) -> None:
        tasks = [t for t in (self.enqueueing, self.producing) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- actions of the sink ------------------------------------------------------------------

    @property
    def has_producer(self) -> bool:
        """Whether a producer is running."""
        return self.producing is not None and not self.producing.done()

    @precondition(lambda self: self.enqueueing is None)
    @rule(cuts=st.lists(st.tuples(partition, st.integers(1, 3)), min_size=1, max_size=6))
    def enqueue(self, cuts: list[tuple[int, int]]) -> None:
        """Enqueue the next rows, cut into batches; this may wait."""
        batches = []
        for at, rows in cuts:
            batches.append(record_batch(at, self.next_row[at], rows))
            self.next_row[at] += rows
        self.enqueueing = self.loop.create_task(self._enqueue(batches))
        self.run_loop()

    async def _enqueue(self, batches: list[RecordBatch]) -> None:
        await self.tracker.enqueue(batches)
        self.enqueued += batches
        self.enqueueing = None

    @precondition(lambda self: not self.has_producer)
    @rule(late=index)
    def connect(self, late: int) -> None:
        """Reconcile the last producer's batches with the log, and start a new producer.

        The old producer's requests arrive before the log is read, or never: the bits of `late`.
        """
        assert not self.broker.to_lose(), "a closed producer still waits for responses"
        for bit, request in enumerate(self.broker.to_arrive()):
            if late >> bit & 1:
                self.broker.arrive(request)
        self.broker.requests.clear()
        self.run_loop(self._connect())

    async def _connect(self) -> None:
        producer = await started_producer(self.broker)
        try:
            for queue in self.tracker.queues:
                await self.supervisor._reconcile(queue, producer)
        except (KafkaUnavailableError, kafka_errors.KafkaError):
            await close_producer(producer, 1)
            return
        self.producing = self.loop.create_task(self.supervisor._run_producer(producer))

    @precondition(lambda self: self.has_producer)
    @rule()
    def replace_producer(self) -> None:
        """Replace the producer without an error."""
        self.supervisor.replace_producer("replaced by the test")
        self.run_loop()

    @rule()
    def close(self) -> None:
        """End the run: nothing is in flight, and acked rows are in the log; then reset."""
        self.run_loop(self._end())
        self.enqueueing = self.producing = None
        self.tracker.fail_unsent()
        total = self.tracker.ledger.total
        assert total.in_flight == 0
        enqueued = sum(b.record_count for b in self.enqueued)
        assert total.acked + total.failed + total.unknown == enqueued
        assert total.acked == self.observer.acks <= sum(map(len, self.logs()))
        self.reset()

    # -- events outside the sink --------------------------------------------------------------

    @precondition(lambda self: self.broker.to_arrive())
    @rule(number=index)
    def request_arrives(self, number: int) -> None:
        """Let the broker append or reject a request."""
        self.broker.arrive(picked(self.broker.to_arrive(), number))
        self.run_loop()

    @precondition(lambda self: self.broker.to_respond())
    @rule(number=index)
    def response_arrives(self, number: int) -> None:
        """Let the client receive a response."""
        self.broker.respond(picked(self.broker.to_respond(), number))
        self.run_loop()

    @precondition(lambda self: self.broker.to_lose())
    @rule(number=index, error=st.sampled_from(TIMEOUT_AND_DISCONNECT))
    def request_times_out(self, number: int, error: type[kafka_errors.KafkaError]) -> None:
        """Let the client give up a request; it may still arrive."""
        self.broker.lose(picked(self.broker.to_lose(), number), error())
        self.run_loop()

    @precondition(lambda self: self.broker.to_arrive())
    @rule(number=index, error=st.sampled_from(TIMEOUT_AND_DISCONNECT))
    def response_is_lost(self, number: int, error: type[kafka_errors.KafkaError]) -> None:
        """Let the broker append a request whose response is lost."""
        request = picked(self.broker.to_arrive(), number)
        if not request.result.done():
            self.broker.lose(request, error())
        self.broker.arrive(request)
        self.run_loop()

    @rule(at=partition)
    def followers_replicate(self, at: int) -> None:
        """Let the high watermark reach the log end offset."""
        self.broker.replicate(at)
        self.run_loop()

    @rule(at=partition, rows=st.integers(1, 3))
    def other_producer_writes(self, at: int, rows: int) -> None:
        """Append records of another producer."""
        self.broker.logs[at].append_other(bytes(record_batch(at, 0, rows).buffer))
        self.run_loop()

    @rule(at=partition)
    def leader_fails(self, at: int) -> None:
        """Elect a follower, which has the replicated records only."""
        self.broker.fail_leader(at)
        self.run_loop()

    @rule(at=partition)
    def leader_stops_or_starts(self, at: int) -> None:
        """Stop or start a leader; without one aiokafka fails batches at once."""
        self.broker.logs[at].led = not self.broker.logs[at].led
        self.run_loop()

    @rule(at=partition)
    def authorization_changes(self, at: int) -> None:
        """Revoke or grant WRITE: aiokafka does not retry this error, the supervisor does."""
        self.broker.logs[at].denied = not self.broker.logs[at].denied
        self.run_loop()

    @rule(at=partition, records_max=st.sampled_from([SMALL, 1_000]))
    def size_limit_changes(self, at: int, records_max: int) -> None:
        """Reject larger batches with a non-retriable error, or accept them."""
        self.broker.logs[at].records_max = records_max
        self.run_loop()

    @rule()
    def recover(self) -> None:
        """End all failures: the log then has all rows except the failed ones."""
        for log in self.broker.logs:
            log.led, log.denied = True, False
        for _ in range(ROUNDS_MAX):
            if self.tracker.idle and self.enqueueing is None:
                break
            self._recovery_round()
        total = self.tracker.ledger.total
        assert (total.in_flight, total.unknown, self.tracker.idle) == (0, 0, True)
        for at, logged in enumerate(self.logs()):
            missing = sorted({*range(self.next_row[at])} - {*logged})
            count = self.tracker.ledger.partitions.get(at, DeliveryCounts())
            assert (len(logged), len(missing)) == (count.acked, count.failed)

    def _recovery_round(self) -> None:
        for at in range(PARTITIONS):
            self.broker.replicate(at)
        if not self.has_producer:
            self.connect(late=0)
        for request in self.broker.to_arrive():
            self.broker.arrive(request)
        for at in range(PARTITIONS):
            self.broker.replicate(at)
        for request in self.broker.to_respond():
            self.broker.respond(request)
        self.run_loop()

    # -- invariants ---------------------------------------------------------------------------

    def logs(self) -> list[list[int]]:
        """Return the rows in the log of each partition, in log order."""
        own = [
            [b for b in log.batches if b.producer_state.producer_id != OTHER_PRODUCER_ID]
            for log in self.broker.logs
        ]
        return [[row for b in batches for row in rows_in(b.raw)] for batches in own]

    def queues(self) -> list[list[ProducerBatch]]:
        """Return the batches of each queue in sending order."""
        return [[*queue.sent, *queue.waiting] for queue in self.tracker.queues]

    @invariant()
    def every_row_is_counted_once(self) -> None:
        """Enqueued = acked + failed + unknown + in flight, per partition and in total."""
        ledger = self.tracker.ledger
        enqueued = dict.fromkeys(range(PARTITIONS), 0)
        for batch in self.enqueued:
            enqueued[batch.partition] += batch.record_count
        for at, rows in enqueued.items():
            assert all_rows(ledger.partitions.get(at, DeliveryCounts())) == rows
        assert all_rows(ledger.total) == sum(enqueued.values())
        for name in ("acked", "failed", "unknown", "in_flight"):
            each = [getattr(c, name) for c in ledger.partitions.values()]
            assert min([*each, 0]) == 0
            assert sum(each) == getattr(ledger.total, name)

    @invariant()
    def every_unsettled_batch_is_in_one_queue(self) -> None:
        """Queues hold the batches in flight or unknown, once, in row order."""
        for queue, batches in zip(self.tracker.queues, self.queues(), strict=True):
            count = self.tracker.ledger.partitions.get(queue.partition, DeliveryCounts())
            rows = [row for b in batches for row in rows_in(b.batch.buffer)]
            assert rows == sorted(set(rows))
            assert len(rows) == count.in_flight + count.unknown
            unknown = [b for b in batches if b.unknown]
            assert sum(b.record_count() for b in unknown) == count.unknown
            assert all(b.producer_state is not None and b in queue.sent for b in unknown)
        size = sum(b.size() for batches in self.queues() for b in batches)
        assert self.tracker._in_flight_bytes == size <= IN_FLIGHT_BYTES_MAX
        assert self.tracker.idle == (size == 0)

    @invariant()
    def partitions_keep_their_order(self) -> None:
        """Keep rows in ascending order in every log, without duplicates."""
        for rows in self.logs():
            assert rows == sorted(set(rows))

    @invariant()
    def settled_counts_agree_with_the_log(self) -> None:
        """Of the batches that left the queues, the log has the acked ones, not the failed ones."""
        waiting = {id(b.batch) for batches in self.queues() for b in batches}
        logged = [set(rows) for rows in self.logs()]
        acked = failed = 0
        for batch in self.enqueued:
            if id(batch) not in waiting:
                arrived = logged[batch.partition].issuperset(rows_in(batch.buffer))
                acked += batch.record_count if arrived else 0
                failed += 0 if arrived else batch.record_count
        total = self.tracker.ledger.total
        assert (total.acked, total.failed) == (acked, failed)
        assert self.observer.acks == acked


def all_rows(count: DeliveryCounts) -> int:
    """Return the sum of all counts of rows."""
    return count.acked + count.failed + count.unknown + count.in_flight


Delivery.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestDelivery = pytest.mark.timeout(SHRINKING_S)(Delivery.TestCase)


@pytest.fixture
def state() -> Iterator[Delivery]:
    """Yield the machine for a named sequence of events."""
    delivery = Delivery()
    try:
        yield delivery
        delivery.recover()
        delivery.settled_counts_agree_with_the_log()
    finally:
        delivery.teardown()


def test_no_batch_overtakes_a_failed_one(state: Delivery) -> None:
    """The batch after a failed one is not sent, though the broker would accept it."""
    state.enqueue([(0, 1), (0, 1)])
    state.authorization_changes(0)
    state.connect(late=0)
    state.request_arrives(0)
    state.authorization_changes(0)
    state.response_arrives(0)
    assert state.broker.to_arrive() == []
    state.recover()
    assert state.logs()[0] == [0, 1]


def test_no_batch_overtakes_a_failed_one_when_another_partition_responds(state: Delivery) -> None:
    """Nor if aiokafka's sender runs before the callbacks of the failed batch."""
    state.authorization_changes(at=0)
    state.connect(late=0)
    state.enqueue([(1, 1), (0, 1), (0, 1)])
    for request in state.broker.to_arrive():
        state.broker.arrive(request)
    state.authorization_changes(at=0)
    for at in range(PARTITIONS):
        state.broker.replicate(at)
    for request in state.broker.to_respond():  # both in one iteration of the event loop
        state.broker.respond(request)
    state.recover()
    assert state.logs() == [[0, 1], [0], []]


def test_a_logged_batch_is_acked_although_its_retry_is_rejected(state: Delivery) -> None:
    """The first attempt is in the log: the non-retriable error of the retry does not count."""
    state.enqueue([(0, 2)])
    state.connect(late=0)
    state.response_is_lost(0, kafka_errors.RequestTimedOutError)
    state.followers_replicate(0)
    state.size_limit_changes(0, SMALL)
    state.request_arrives(0)
    state.response_arrives(0)
    assert state.tracker.ledger.total.unknown == 2
    state.connect(late=0)
    assert state.tracker.ledger.total.acked == 2


def test_a_response_after_reconciliation_is_ignored(state: Delivery) -> None:
    """A batch that was acknowledged from the log is not counted again."""
    state.enqueue([(0, 1)])
    state.connect(late=0)
    (queue, *_), ((batch,), *_) = state.tracker.queues, state.queues()
    state.response_is_lost(0, kafka_errors.RequestTimedOutError)
    state.followers_replicate(0)
    state.replace_producer()
    state.connect(late=0)
    late = state.loop.create_future()
    late.set_result(SimpleNamespace(offset=0))
    state.tracker.on_result(queue, batch, late)
    assert state.tracker.ledger.total.acked == state.observer.acks == 1


def test_a_batch_is_found_after_those_of_other_producers(state: Delivery) -> None:
    """The log is read to its end with as many Fetch requests as needed."""
    state.enqueue([(0, 1)])
    state.connect(late=0)
    for _ in range(4):
        state.other_producer_writes(0, 2)
    state.response_is_lost(0, kafka_errors.RequestTimedOutError)
    state.followers_replicate(0)
    state.replace_producer()
    state.connect(late=0)
    assert state.tracker.ledger.total.acked == 1


def test_the_log_is_read_from_the_last_known_offset(state: Delivery) -> None:
    """Producers that fail one after another without responses leave every row once."""
    state.enqueue([(0, 1), (0, 1), (0, 1)])
    for row in range(3):
        state.connect(late=0)
        state.response_is_lost(0, kafka_errors.RequestTimedOutError)
        state.followers_replicate(0)
        state.replace_producer()
        assert state.tracker.ledger.total.acked == row
    state.connect(late=0)
    assert state.logs()[0] == [0, 1, 2]


def test_batches_queued_for_resending_fail_at_the_end(state: Delivery) -> None:
    """Closed between two producers: what the log denies is failed, what it hides is unknown."""
    state.enqueue([(0, 1), (1, 1)])
    state.connect(late=0)
    state.replace_producer()
    state.other_producer_writes(1, 1)
    state.connect(late=0)
    total = state.tracker.ledger.total
    assert (total.in_flight, total.unknown) == (1, 1)
    state.close()
    assert (total.failed, total.unknown) == (1, 1)


def test_a_closed_sink_has_no_connection_problem(state: Delivery) -> None:
    """The time to connect is not a problem after the run has ended."""
    state.supervisor._connecting_since_s = 0.0
    assert "no response for" in (state.supervisor.problem or "")
    state.connect(late=0)
    supervisor = state.supervisor
    state.close()
    assert supervisor.problem is None
