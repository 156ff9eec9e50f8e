"""A broker's logs in memory, under a real aiokafka producer: what arrives, and when, is commanded.

Honest where it matters: sequences are checked and repeats recognised as Kafka 4.1 does it, an
acknowledgement waits for the high watermark, a failed leader's unreplicated tail is lost, and a
request that the client has given up may still arrive. There is no socket and no time.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka_errors
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest

from gerador.delivery.kafka.log_reader import (
    DEBUGGING_CONSUMER_ID,
    EARLIEST_TIMESTAMP,
    HEADER_BYTES,
    ProducerState,
)

TOPIC = "topic"
NODES = 2
BATCHES_A_FETCH = 1
FOREIGN = 1_000_000
"""The producer id of somebody else, whose sequences nobody looks at."""
STAMPS_KEPT = 5
"""Batches of a producer that a broker remembers (Kafka's ProducerStateEntry)."""
_STAMP = struct.Struct(">qhi")
_BASE_OFFSET = struct.Struct(">q")
_COUNT = struct.Struct(">i")


@dataclass
class Held:
    """A batch in a log."""

    offset: int
    raw: bytes

    @property
    def stamp(self) -> ProducerState:
        """Whose it is."""
        return ProducerState(*_STAMP.unpack_from(self.raw, 43))

    @property
    def count(self) -> int:
        """Its records."""
        return int(_COUNT.unpack_from(self.raw, 57)[0])

    @property
    def next_offset(self) -> int:
        """The offset behind it."""
        return self.offset + self.count


@dataclass
class Answer:
    """What a partition says to a produce request; heard once `after` is replicated."""

    error_code: int
    offset: int = -1
    after: int = 0


@dataclass
class PartitionLog:
    """The log of a partition as its leader has it."""

    batches: list[Held] = field(default_factory=list)
    high_watermark: int = 0
    led: bool = True
    denied: bool = False
    records_max: int = 1_000

    @property
    def end(self) -> int:
        """The offset behind the last batch, replicated or not."""
        return self.batches[-1].next_offset if self.batches else 0

    def append(self, raw: bytes) -> Answer:
        """Append a batch, or say why not. Source: Kafka's ProducerAppendInfo.checkSequence."""
        new = Held(self.end, raw)
        refusal = self._refusal(new)
        if refusal is not None:
            return Answer(refusal.errno)
        known = [b for b in self.batches if b.stamp.producer_id == new.stamp.producer_id]
        again = [b for b in known[-STAMPS_KEPT:] if b.stamp == new.stamp]
        if again:
            return Answer(0, again[0].offset, again[0].next_offset)
        # A producer that left nothing here may begin with any sequence (before KAFKA-15591).
        if known and new.stamp.base_sequence != known[-1].stamp.base_sequence + known[-1].count:
            return Answer(kafka_errors.OutOfOrderSequenceNumber.errno)
        self.batches.append(new)
        return Answer(0, new.offset, new.next_offset)

    def append_foreign(self, raw: bytes) -> None:
        """Append what somebody else sends."""
        stamp = _STAMP.pack(FOREIGN, 0, self.end)
        self.batches.append(Held(self.end, raw[:43] + stamp + raw[43 + len(stamp) :]))

    def _refusal(self, new: Held) -> type[kafka_errors.KafkaError] | None:
        if not self.led:
            return kafka_errors.NotLeaderForPartitionError
        if self.denied:
            return kafka_errors.TopicAuthorizationFailedError
        if new.count > self.records_max:
            return kafka_errors.MessageSizeTooLargeError
        return None

    def lose_tail(self) -> None:
        """Keep only what is replicated."""
        self.batches = [b for b in self.batches if b.next_offset <= self.high_watermark]

    def read(self, offset: int) -> bytes:
        """Return a piece of the log, its last batch cut off, as fetch responses are."""
        seen = [b for b in self.batches if offset < b.next_offset <= self.high_watermark]
        pieces = [_BASE_OFFSET.pack(b.offset) + b.raw[_BASE_OFFSET.size :] for b in seen]
        cut_off = [p[: HEADER_BYTES + 1] for p in pieces[BATCHES_A_FETCH : BATCHES_A_FETCH + 1]]
        return b"".join(pieces[:BATCHES_A_FETCH] + cut_off)


class UnderWay:
    """A produce request on its way: first to the broker, then back."""

    def __init__(self, batches: dict[int, bytes]) -> None:
        self.batches = batches
        self.answers: dict[int, Answer] = {}
        self.outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def response(self) -> Any:
        """Return it as aiokafka reads it."""
        told = [(p, a.error_code, a.offset, -1, 0) for p, a in self.answers.items()]
        return SimpleNamespace(API_VERSION=7, topics=[(TOPIC, told)])


class Broker:
    """All partitions, and the requests that are under way to and from them."""

    def __init__(self, partitions: int) -> None:
        self.logs = [PartitionLog() for _ in range(partitions)]
        self.wire: list[UnderWay] = []
        self._producers = 0

    # -- what a test commands ---------------------------------------------------------------

    def to_arrive(self) -> list[UnderWay]:
        """Return the requests that no broker has seen, given up by the client or not."""
        return [r for r in self.wire if not r.answers]

    def to_answer(self) -> list[UnderWay]:
        """Return the requests whose answers are ready and awaited."""
        return [r for r in self.wire if r.answers and not r.outcome.done() and self._ready(r)]

    def to_lose(self) -> list[UnderWay]:
        """Return the requests that the client still believes in."""
        return [r for r in self.wire if not r.outcome.done()]

    def arrive(self, request: UnderWay) -> None:
        """Let a request reach the broker."""
        request.answers = {p: self.logs[p].append(raw) for p, raw in request.batches.items()}
        self._forget()

    def answer(self, request: UnderWay) -> None:
        """Let the answer reach the client."""
        request.outcome.set_result(request.response())
        self._forget()

    def lose(self, request: UnderWay, error: kafka_errors.KafkaError) -> None:
        """Let the client give a request up; it may still arrive."""
        request.outcome.set_exception(error)
        self._forget()

    def fail_leader(self, partition: int) -> None:
        """Let a follower lead which has only what is replicated."""
        log = self.logs[partition]
        log.lose_tail()
        for request in self.wire:
            answer = request.answers.get(partition)
            if answer is not None and answer.after > log.high_watermark:
                code = kafka_errors.NotLeaderForPartitionError.errno
                request.answers[partition] = Answer(code)

    def replicate(self, partition: int) -> None:
        """Let the followers catch up."""
        self.logs[partition].high_watermark = self.logs[partition].end

    def _ready(self, request: UnderWay) -> bool:
        return all(a.after <= self.logs[p].high_watermark for p, a in request.answers.items())

    def _forget(self) -> None:
        self.wire = [r for r in self.wire if not r.answers or not r.outcome.done()]

    # -- what a client asks -----------------------------------------------------------------

    def new_producer_id(self) -> int:
        """Return an id that no other producer has."""
        self._producers += 1
        return self._producers

    def log_offset(self, partition: int, when: int, seen_by: int) -> int:
        """Return the offset of a partition's end or start."""
        log = self.logs[partition]
        if when == EARLIEST_TIMESTAMP:
            return 0
        return log.end if seen_by == DEBUGGING_CONSUMER_ID else log.high_watermark


class Client:
    """As much of aiokafka's client as its sender and our log reader need; it is the metadata too.

    Partition p is led by node p % NODES.
    """

    _client_id = "test"
    _md_update_fut = None

    def __init__(self, broker: Broker) -> None:
        self.cluster = self
        self._broker = broker
        self._mine: list[UnderWay] = []
        self._closed = False

    def leader_for_partition(self, at: Any) -> int | None:
        """Return the leader's node; -1 while there is none."""
        return at.partition % NODES if self._broker.logs[at.partition].led else -1

    def partitions_for_topic(self, _topic: str) -> set[int]:
        """Return the partitions."""
        return set(range(len(self._broker.logs)))

    def add_listener(self, listener: Any) -> None:
        """Metadata never change here but for leaders."""

    def get_random_node(self) -> int:
        """Return a node."""
        return 0

    async def _wait_on_metadata(self, topic: str) -> set[int]:
        return self.partitions_for_topic(topic)

    async def _maybe_wait_metadata(self) -> None:
        """Metadata are always known."""

    def force_metadata_update(self) -> asyncio.Future[bool]:
        """Return what is done at the loop's next turn."""
        loop = asyncio.get_running_loop()
        update = loop.create_future()
        loop.call_soon(lambda: update.done() or update.set_result(True))
        return update

    async def send(self, _node: int, request: Any, **_: Any) -> Any:
        """Answer what is asked; a produce request when, and if, the test lets it."""
        if self._closed:
            raise kafka_errors.KafkaConnectionError
        if isinstance(request, ProduceRequest):
            under_way = UnderWay({p: bytes(raw) for p, raw in request._topics[0][1]})
            self._broker.wire.append(under_way)
            self._mine.append(under_way)
            return await under_way.outcome
        return self._told(request)

    def _told(self, request: Any) -> Any:
        if isinstance(request, InitProducerIdRequest):
            producer_id = self._broker.new_producer_id()
            return SimpleNamespace(error_code=0, producer_id=producer_id, producer_epoch=0)
        ((_, ((partition, what, *_),)),) = request._topics
        if isinstance(request, OffsetRequest):
            offset = self._broker.log_offset(partition, what, request._replica_id)
            return SimpleNamespace(topics=[(TOPIC, [(partition, 0, -1, offset)])])
        assert isinstance(request, FetchRequest)
        records = self._broker.logs[partition].read(what)
        return SimpleNamespace(topics=[(TOPIC, [(partition, 0, records)])])

    async def close(self) -> None:
        """Break what is under way."""
        self._closed = True
        for request in self._mine:
            if not request.outcome.done():
                self._broker.lose(request, kafka_errors.KafkaConnectionError())


async def started_producer(broker: Broker) -> Any:
    """Return a real aiokafka producer on a client of the broker's.

    Without a leader it gives a batch up at once.
    """
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, retry_backoff_ms=0)
    client = Client(broker)
    producer.client = producer._sender.client = producer._metadata = client
    producer._message_accumulator._cluster = client
    producer._message_accumulator._batch_ttl = -1.0
    await producer._sender.start()
    return producer
