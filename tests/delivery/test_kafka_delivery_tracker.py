"""Whatever becomes of requests, answers, leaders and producers: the ledger tells the log's truth.

Settlement, lanes, supervision and log reading are the real ones, aiokafka's producer too; only
the broker is a fake (`fake_broker.py`). hypothesis chooses what happens next.
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

from gerador.delivery.kafka import delivery_tracker as settlement_module
from gerador.delivery.kafka import producer_supervisor as supervisor_module
from gerador.delivery.kafka.delivery_tracker import DeliveryTracker
from gerador.delivery.kafka.producer import close_producer
from gerador.delivery.kafka.producer_supervisor import ProducerSupervisor
from gerador.delivery.kafka.topic import TopicSpec
from gerador.delivery.ledger import DeliveryCounts
from gerador.encoding.record_batch import HEADER_BYTES, RecordBatch, write_header
from gerador.errors import KafkaUnavailableError
from tests.delivery.fake_broker import FOREIGN, TOPIC, Broker, UnderWay, started_producer
from tests.delivery.kafka_harness import Seen

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from gerador.delivery.kafka.producer_batch import ProducerBatch

PARTITIONS = 3
TURNS = 12
"""Turns of the event loop after each rule: everybody who can do something has done it."""
IN_FLIGHT_BYTES_MAX = 800
"""So little that `take` has to wait at times."""
ROUNDS_MAX = 200
SMALL = 1
"""Records of a batch that is still taken while a topic's limit is low."""
SHRINKING_S = 400
"""Long enough for hypothesis to make a counterexample small, which it does for at most 300 s."""
ROWS = struct.Struct(">qi")
"""What stands for a batch's records: its first row and how many."""

partition = st.integers(0, PARTITIONS - 1)
which = st.integers(0, 2**16)
LOSSES = [kafka_errors.RequestTimedOutError, kafka_errors.KafkaConnectionError]


def framed(lane: int, first: int, rows: int) -> RecordBatch:
    """Return a batch of a partition's rows ``[first, first + rows)``."""
    buffer = memoryview(bytearray(HEADER_BYTES + ROWS.size))
    write_header(buffer, 0, rows, 0, 0)
    ROWS.pack_into(buffer, HEADER_BYTES, first, rows)
    return RecordBatch(lane, rows, buffer, value_bytes=ROWS.size, raw_bytes=len(buffer))


def rows_in(raw: bytes | memoryview) -> range:
    """Return the rows of a batch."""
    first, rows = ROWS.unpack_from(raw, HEADER_BYTES)
    return range(first, first + rows)


def picked(requests: list[UnderWay], number: int) -> UnderWay:
    """Return one of several."""
    return requests[number % len(requests)]


class Delivery(RuleBasedStateMachine):
    """Rows on their way to a topic of three partitions on two nodes."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(supervisor_module, "SETTLE_S", 0.0)
        self.patch.setattr(settlement_module, "IN_FLIGHT_BYTES_MAX", IN_FLIGHT_BYTES_MAX)
        self.loop = asyncio.new_event_loop()
        self.begin()

    def begin(self) -> None:
        """Begin anew: an empty topic, an empty ledger, no producer."""
        self.broker = Broker(PARTITIONS)
        self.seen = Seen()
        self.settlement = DeliveryTracker(self.seen, TOPIC)
        wish = TopicSpec(name=TOPIC)
        self.supervisor = ProducerSupervisor(None, wish, self.settlement, self.seen, None)  # type: ignore[arg-type]  # finds nobody
        self.settlement.open(PARTITIONS)
        self.next_row = [0] * PARTITIONS
        self.handed: list[RecordBatch] = []
        self.taking: asyncio.Task[None] | None = None
        self.living: asyncio.Task[None] | None = None

    def turn(self, what: Coroutine[Any, Any, None] | None = None) -> None:
        """Do something and let the event loop turn."""

        async def turned() -> None:
            if what is not None:
                await what
            for _ in range(TURNS):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turned())

    def teardown(self) -> None:
        """End what runs."""
        self.turn(self._end())
        self.loop.close()
        self.patch.undo()

    async def _end(self) -> None:
        tasks = [t for t in (self.taking, self.living) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- what we do -------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether there is a producer."""
        return self.living is not None and not self.living.done()

    @precondition(lambda self: self.taking is None)
    @rule(cuts=st.lists(st.tuples(partition, st.integers(1, 3)), min_size=1, max_size=6))
    def offer_a_slice(self, cuts: list[tuple[int, int]]) -> None:
        """Offer the next rows, cut into batches; taking them may have to wait."""
        batches = []
        for lane, rows in cuts:
            batches.append(framed(lane, self.next_row[lane], rows))
            self.next_row[lane] += rows
        self.taking = self.loop.create_task(self._take(batches))
        self.turn()

    async def _take(self, batches: list[RecordBatch]) -> None:
        await self.settlement.take(batches)
        self.handed += batches
        self.taking = None

    @precondition(lambda self: not self.alive)
    @rule(late=which)
    def connect(self, late: int) -> None:
        """Settle by the log what the last producer had sent, and go on with a new one.

        What it had under way arrives before the log is read, or never: the bits of `late` say.
        """
        assert not self.broker.to_lose(), "a producer that was let go still waits for answers"
        for bit, request in enumerate(self.broker.to_arrive()):
            if late >> bit & 1:
                self.broker.arrive(request)
        self.broker.wire.clear()
        self.turn(self._connect())

    async def _connect(self) -> None:
        producer = await started_producer(self.broker)
        try:
            for lane in self.settlement.lanes:
                await self.supervisor._read_up(lane, producer)
        except (KafkaUnavailableError, kafka_errors.KafkaError):
            await close_producer(producer, 1)
            return
        self.living = self.loop.create_task(self.supervisor._live(producer))

    @precondition(lambda self: self.alive)
    @rule()
    def break_the_producer(self) -> None:
        """Let the producer be replaced for a reason of its own."""
        self.supervisor.break_off("the test says so")
        self.turn()

    @rule()
    def close(self) -> None:
        """End the run at any moment: nothing is in flight, nothing is claimed; then begin anew."""
        self.turn(self._end())
        self.taking = self.living = None
        self.settlement.write_off()
        total = self.settlement.ledger.total
        assert total.in_flight == 0
        handed = sum(b.record_count for b in self.handed)
        assert total.acked + total.failed + total.unknown == handed
        assert total.acked == self.seen.acks <= sum(map(len, self.logs()))
        self.begin()

    # -- what happens to us -----------------------------------------------------------------

    @precondition(lambda self: self.broker.to_arrive())
    @rule(number=which)
    def a_request_arrives(self, number: int) -> None:
        """Let the broker append it, or not."""
        self.broker.arrive(picked(self.broker.to_arrive(), number))
        self.turn()

    @precondition(lambda self: self.broker.to_answer())
    @rule(number=which)
    def an_answer_arrives(self, number: int) -> None:
        """Let the client hear."""
        self.broker.answer(picked(self.broker.to_answer(), number))
        self.turn()

    @precondition(lambda self: self.broker.to_lose())
    @rule(number=which, error=st.sampled_from(LOSSES))
    def a_request_is_given_up(self, number: int, error: type[kafka_errors.KafkaError]) -> None:
        """Let the client hear nothing; the request may yet arrive."""
        self.broker.lose(picked(self.broker.to_lose(), number), error())
        self.turn()

    @precondition(lambda self: self.broker.to_arrive())
    @rule(number=which, error=st.sampled_from(LOSSES))
    def an_answer_is_lost(self, number: int, error: type[kafka_errors.KafkaError]) -> None:
        """Let the broker append it, and the client hear nothing."""
        request = picked(self.broker.to_arrive(), number)
        if not request.outcome.done():
            self.broker.lose(request, error())
        self.broker.arrive(request)
        self.turn()

    @rule(at=partition)
    def followers_catch_up(self, at: int) -> None:
        """Let the high watermark reach the end."""
        self.broker.replicate(at)
        self.turn()

    @rule(at=partition, rows=st.integers(1, 3))
    def somebody_else_writes(self, at: int, rows: int) -> None:
        """Put records between ours that are none of our business."""
        self.broker.logs[at].append_foreign(bytes(framed(at, 0, rows).buffer))
        self.turn()

    @rule(at=partition)
    def the_leader_fails(self, at: int) -> None:
        """Let a follower take over that has only what is replicated."""
        self.broker.fail_leader(at)
        self.turn()

    @rule(at=partition)
    def a_leader_goes_or_comes(self, at: int) -> None:
        """Leave a partition without a leader; aiokafka then gives batches up at once."""
        self.broker.logs[at].led = not self.broker.logs[at].led
        self.turn()

    @rule(at=partition)
    def a_right_goes_or_comes(self, at: int) -> None:
        """Forbid writing, or allow it: an error that is neither tried again nor final."""
        self.broker.logs[at].denied = not self.broker.logs[at].denied
        self.turn()

    @rule(at=partition, records_max=st.sampled_from([SMALL, 1_000]))
    def a_limit_changes(self, at: int, records_max: int) -> None:
        """Refuse larger batches for good, or take them."""
        self.broker.logs[at].records_max = records_max
        self.turn()

    @rule()
    def all_is_well_for_a_while(self) -> None:
        """Let everything settle: the log is then the rows, but for those that are failed."""
        for log in self.broker.logs:
            log.led, log.denied = True, False
        for _ in range(ROUNDS_MAX):
            if self.settlement.idle and self.taking is None:
                break
            self._one_good_round()
        total = self.settlement.ledger.total
        assert (total.in_flight, total.unknown, self.settlement.idle) == (0, 0, True)
        for lane, held in enumerate(self.logs()):
            missing = sorted({*range(self.next_row[lane])} - {*held})
            count = self.settlement.ledger.partitions.get(lane, DeliveryCounts())
            assert (len(held), len(missing)) == (count.acked, count.failed)

    def _one_good_round(self) -> None:
        for at in range(PARTITIONS):
            self.broker.replicate(at)
        if not self.alive:
            self.connect(late=0)
        for request in self.broker.to_arrive():
            self.broker.arrive(request)
        for at in range(PARTITIONS):
            self.broker.replicate(at)
        for request in self.broker.to_answer():
            self.broker.answer(request)
        self.turn()

    # -- what always holds ------------------------------------------------------------------

    def logs(self) -> list[list[int]]:
        """Return the rows that each partition's leader has, in their order."""
        ours = [
            [b for b in log.batches if b.stamp.producer_id != FOREIGN] for log in self.broker.logs
        ]
        return [[row for b in batches for row in rows_in(b.raw)] for batches in ours]

    def lanes(self) -> list[list[ProducerBatch]]:
        """Return the batches of each lane, in the order in which they will have been sent."""
        return [[*lane.sent, *lane.waiting] for lane in self.settlement.lanes]

    @invariant()
    def every_row_is_in_one_column(self) -> None:
        """Handed over = acked + failed + unknown + in flight, per partition and in all."""
        ledger = self.settlement.ledger
        handed = dict.fromkeys(range(PARTITIONS), 0)
        for batch in self.handed:
            handed[batch.partition] += batch.record_count
        for lane, rows in handed.items():
            assert columns(ledger.partitions.get(lane, DeliveryCounts())) == rows
        assert columns(ledger.total) == sum(handed.values())
        for name in ("acked", "failed", "unknown", "in_flight"):
            each = [getattr(c, name) for c in ledger.partitions.values()]
            assert min([*each, 0]) == 0
            assert sum(each) == getattr(ledger.total, name)

    @invariant()
    def every_unsettled_batch_is_in_one_lane(self) -> None:
        """Lanes hold what is in flight or unknown, once, in the order of rows."""
        for lane, batches in zip(self.settlement.lanes, self.lanes(), strict=True):
            count = self.settlement.ledger.partitions.get(lane.partition, DeliveryCounts())
            rows = [row for b in batches for row in rows_in(b.framed.buffer)]
            assert rows == sorted(set(rows))
            assert len(rows) == count.in_flight + count.unknown
            unknown = [b for b in batches if b.unknown]
            assert sum(b.record_count() for b in unknown) == count.unknown
            assert all(b.stamped is not None and b in lane.sent for b in unknown)
        size = sum(b.size() for batches in self.lanes() for b in batches)
        assert self.settlement._in_flight_bytes == size <= IN_FLIGHT_BYTES_MAX
        assert self.settlement.idle == (size == 0)

    @invariant()
    def a_partition_keeps_its_order(self) -> None:
        """At any instant a log holds rows in their order, none twice."""
        for rows in self.logs():
            assert rows == sorted(set(rows))

    @invariant()
    def what_is_settled_is_true(self) -> None:
        """Of what left the lanes, the log holds what is acked, and does not hold what is failed."""
        waiting = {id(b.framed) for batches in self.lanes() for b in batches}
        held = [set(rows) for rows in self.logs()]
        acked = failed = 0
        for batch in self.handed:
            if id(batch) not in waiting:
                arrived = held[batch.partition].issuperset(rows_in(batch.buffer))
                acked += batch.record_count if arrived else 0
                failed += 0 if arrived else batch.record_count
        total = self.settlement.ledger.total
        assert (total.acked, total.failed) == (acked, failed)
        assert self.seen.acks == acked


def columns(count: DeliveryCounts) -> int:
    """Return the rows of all columns."""
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
    """Give the machine, for a course of events that is worth a name."""
    delivery = Delivery()
    try:
        yield delivery
        delivery.all_is_well_for_a_while()
        delivery.what_is_settled_is_true()
    finally:
        delivery.teardown()


def test_no_batch_overtakes_one_that_could_not_be_delivered(state: Delivery) -> None:
    """The batch behind a failed one stays, though the broker would take it from a new producer."""
    state.offer_a_slice([(0, 1), (0, 1)])
    state.a_right_goes_or_comes(0)
    state.connect(late=0)
    state.a_request_arrives(0)
    state.a_right_goes_or_comes(0)
    state.an_answer_arrives(0)
    assert state.broker.to_arrive() == []
    state.all_is_well_for_a_while()
    assert state.logs()[0] == [0, 1]


def test_what_arrived_and_is_refused_when_sent_again_is_acknowledged(state: Delivery) -> None:
    """A refusal that is final says nothing of the first attempt: the log does."""
    state.offer_a_slice([(0, 2)])
    state.connect(late=0)
    state.an_answer_is_lost(0, kafka_errors.RequestTimedOutError)
    state.followers_catch_up(0)
    state.a_limit_changes(0, SMALL)
    state.a_request_arrives(0)
    state.an_answer_arrives(0)
    assert state.settlement.ledger.total.unknown == 2
    state.connect(late=0)
    assert state.settlement.ledger.total.acked == 2


def test_an_answer_after_the_log_was_read_counts_nothing(state: Delivery) -> None:
    """A batch that the log has settled is settled, whatever its old producer says later."""
    state.offer_a_slice([(0, 1)])
    state.connect(late=0)
    (lane, *_), ((batch,), *_) = state.settlement.lanes, state.lanes()
    state.an_answer_is_lost(0, kafka_errors.RequestTimedOutError)
    state.followers_catch_up(0)
    state.break_the_producer()
    state.connect(late=0)
    late = state.loop.create_future()
    late.set_result(SimpleNamespace(offset=0))
    state.settlement.settled(lane, batch, late)
    assert state.settlement.ledger.total.acked == state.seen.acks == 1


def test_our_batch_is_found_behind_other_peoples(state: Delivery) -> None:
    """The log is read to its end, however many answers that takes."""
    state.offer_a_slice([(0, 1)])
    state.connect(late=0)
    for _ in range(4):
        state.somebody_else_writes(0, 2)
    state.an_answer_is_lost(0, kafka_errors.RequestTimedOutError)
    state.followers_catch_up(0)
    state.break_the_producer()
    state.connect(late=0)
    assert state.settlement.ledger.total.acked == 1


def test_the_log_is_read_from_where_it_was_read_to(state: Delivery) -> None:
    """Producers that are lost one after the other, unheard each, leave every row once."""
    state.offer_a_slice([(0, 1), (0, 1), (0, 1)])
    for row in range(3):
        state.connect(late=0)
        state.an_answer_is_lost(0, kafka_errors.RequestTimedOutError)
        state.followers_catch_up(0)
        state.break_the_producer()
        assert state.settlement.ledger.total.acked == row
    state.connect(late=0)
    assert state.logs()[0] == [0, 1, 2]


def test_what_waits_to_be_sent_again_at_the_end_is_failed(state: Delivery) -> None:
    """Closed between two producers: what the log denies is failed, what it hides is unknown."""
    state.offer_a_slice([(0, 1), (1, 1)])
    state.connect(late=0)
    state.break_the_producer()
    state.somebody_else_writes(1, 1)
    state.connect(late=0)
    total = state.settlement.ledger.total
    assert (total.in_flight, total.unknown) == (1, 1)
    state.close()
    assert (total.failed, total.unknown) == (1, 1)


def test_a_closed_sink_is_not_said_to_be_without_an_answer(state: Delivery) -> None:
    """How long connecting took once is no trouble at the end of a run."""
    state.supervisor._connecting_since_s = 0.0
    assert "no answer for" in (state.supervisor.trouble or "")
    state.connect(late=0)
    supervisor = state.supervisor
    state.close()
    assert supervisor.trouble is None
