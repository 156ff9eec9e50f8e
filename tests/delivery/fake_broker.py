"""A fake broker with logs in memory, for a real aiokafka producer; the test moves every request.

As in Kafka 4.1, sequence numbers are checked and duplicates recognized, an acknowledgement waits
for the high watermark, a failed leader loses its unreplicated records, and a request may arrive
after the client has given it up. No sockets, no clock.
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

from gerador.delivery.kafka.partition_log_reader import (
    DEBUGGING_CONSUMER_ID,
    EARLIEST_TIMESTAMP,
    ProducerState,
)
from gerador.encoding.record_batch import (
    HEADER_BYTES,
    PRODUCER_FIELDS,
    PRODUCER_FIELDS_OFFSET,
)

TOPIC = "topic"
NODES = 2
BATCHES_A_FETCH = 1
OTHER_PRODUCER_ID = 1_000_000
"""The id of another producer, whose sequence numbers are not checked."""
CACHED_BATCHES = 5
"""Batches per producer that a broker caches (Kafka's ProducerStateEntry)."""
_BASE_OFFSET = struct.Struct(">q")
_COUNT = struct.Struct(">i")


@dataclass
class LoggedBatch:
    """A record batch in a log."""

    offset: int
    raw: bytes

    @property
    def producer_state(self) -> ProducerState:
        """Its producer id, epoch and base sequence."""
        return ProducerState(*PRODUCER_FIELDS.unpack_from(self.raw, PRODUCER_FIELDS_OFFSET))

    @property
    def count(self) -> int:
        """Its number of records."""
        return int(_COUNT.unpack_from(self.raw, 57)[0])

    @property
    def next_offset(self) -> int:
        """The offset after its last record."""
        return self.offset + self.count


@dataclass
class PartitionResponse:
    """A partition's Produce response, sent when the high watermark has reached `after`."""

    error_code: int
    offset: int = -1
    after: int = 0


@dataclass
class PartitionLog:
    """The log of a partition on its leader."""

    batches: list[LoggedBatch] = field(default_factory=list)
    high_watermark: int = 0
    led: bool = True
    denied: bool = False
    records_max: int = 1_000

    @property
    def end(self) -> int:
        """The log end offset."""
        return self.batches[-1].next_offset if self.batches else 0

    def append(self, raw: bytes) -> PartitionResponse:
        """Append a batch or return an error. Source: Kafka's ProducerAppendInfo.checkSequence."""
        new = LoggedBatch(self.end, raw)
        error = self._error(new)
        if error is not None:
            return PartitionResponse(error.errno)
        state = new.producer_state
        known = [b for b in self.batches if b.producer_state.producer_id == state.producer_id]
        duplicates = [b for b in known[-CACHED_BATCHES:] if b.producer_state == state]
        if duplicates:
            return PartitionResponse(0, duplicates[0].offset, duplicates[0].next_offset)
        # A producer without batches here may start at any sequence (before KAFKA-15591).
        if (
            known
            and state.base_sequence != known[-1].producer_state.base_sequence + known[-1].count
        ):
            return PartitionResponse(kafka_errors.OutOfOrderSequenceNumber.errno)
        self.batches.append(new)
        return PartitionResponse(0, new.offset, new.next_offset)

    def append_other(self, raw: bytes) -> None:
        """Append a batch of another producer."""
        buffer = bytearray(raw)
        PRODUCER_FIELDS.pack_into(buffer, PRODUCER_FIELDS_OFFSET, OTHER_PRODUCER_ID, 0, self.end)
        self.batches.append(LoggedBatch(self.end, bytes(buffer)))

    def _error(self, new: LoggedBatch) -> type[kafka_errors.KafkaError] | None:
        if not self.led:
            return kafka_errors.NotLeaderForPartitionError
        if self.denied:
            return kafka_errors.TopicAuthorizationFailedError
        if new.count > self.records_max:
            return kafka_errors.MessageSizeTooLargeError
        return None

    def truncate(self) -> None:
        """Truncate the log to the high watermark."""
        self.batches = [b for b in self.batches if b.next_offset <= self.high_watermark]

    def read(self, offset: int) -> bytes:
        """Return a Fetch response's records; its last batch is truncated."""
        visible = [b for b in self.batches if offset < b.next_offset <= self.high_watermark]
        pieces = [_BASE_OFFSET.pack(b.offset) + b.raw[_BASE_OFFSET.size :] for b in visible]
        truncated = [p[: HEADER_BYTES + 1] for p in pieces[BATCHES_A_FETCH : BATCHES_A_FETCH + 1]]
        return b"".join(pieces[:BATCHES_A_FETCH] + truncated)


class InFlightRequest:
    """A Produce request on its way to the broker, or its response on its way back."""

    def __init__(self, batches: dict[int, bytes]) -> None:
        self.batches = batches
        self.responses: dict[int, PartitionResponse] = {}
        self.result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def response(self) -> Any:
        """Return the response as aiokafka reads it."""
        partitions = [(p, r.error_code, r.offset, -1, 0) for p, r in self.responses.items()]
        return SimpleNamespace(API_VERSION=7, topics=[(TOPIC, partitions)])


class Broker:
    """All partitions, and the requests in flight."""

    def __init__(self, partitions: int) -> None:
        self.logs = [PartitionLog() for _ in range(partitions)]
        self.requests: list[InFlightRequest] = []
        self._producers = 0

    # -- commands of the test ---------------------------------------------------------------

    def to_arrive(self) -> list[InFlightRequest]:
        """Return the requests that have not reached the broker, also those given up."""
        return [r for r in self.requests if not r.responses]

    def to_respond(self) -> list[InFlightRequest]:
        """Return the requests whose responses are ready and awaited."""
        return [r for r in self.requests if r.responses and not r.result.done() and self._ready(r)]

    def to_lose(self) -> list[InFlightRequest]:
        """Return the requests that the client has not given up."""
        return [r for r in self.requests if not r.result.done()]

    def arrive(self, request: InFlightRequest) -> None:
        """Let a request reach the broker."""
        request.responses = {p: self.logs[p].append(raw) for p, raw in request.batches.items()}
        self._drop_finished()

    def respond(self, request: InFlightRequest) -> None:
        """Let the response reach the client."""
        request.result.set_result(request.response())
        self._drop_finished()

    def lose(self, request: InFlightRequest, error: kafka_errors.KafkaError) -> None:
        """Let the client give up a request; it may still arrive."""
        request.result.set_exception(error)
        self._drop_finished()

    def fail_leader(self, partition: int) -> None:
        """Elect a follower, which has the replicated records only."""
        log = self.logs[partition]
        log.truncate()
        for request in self.requests:
            response = request.responses.get(partition)
            if response is not None and response.after > log.high_watermark:
                code = kafka_errors.NotLeaderForPartitionError.errno
                request.responses[partition] = PartitionResponse(code)

    def replicate(self, partition: int) -> None:
        """Let the followers replicate the whole log."""
        self.logs[partition].high_watermark = self.logs[partition].end

    def _ready(self, request: InFlightRequest) -> bool:
        return all(r.after <= self.logs[p].high_watermark for p, r in request.responses.items())

    def _drop_finished(self) -> None:
        self.requests = [r for r in self.requests if not r.responses or not r.result.done()]

    # -- requests of the client -----------------------------------------------------------------

    def new_producer_id(self) -> int:
        """Return a new producer id."""
        self._producers += 1
        return self._producers

    def log_offset(self, partition: int, timestamp: int, replica_id: int) -> int:
        """Return the offset at a partition's end or start."""
        log = self.logs[partition]
        if timestamp == EARLIEST_TIMESTAMP:
            return 0
        return log.end if replica_id == DEBUGGING_CONSUMER_ID else log.high_watermark


class Client:
    """The part of aiokafka's client and metadata that its sender and the log reader use.

    The leader of partition p is node p % NODES.
    """

    _client_id = "test"
    _md_update_fut = None

    def __init__(self, broker: Broker) -> None:
        self.cluster = self
        self._broker = broker
        self._requests: list[InFlightRequest] = []
        self._closed = False

    def leader_for_partition(self, at: Any) -> int | None:
        """Return the leader's node id; -1 without a leader."""
        return at.partition % NODES if self._broker.logs[at.partition].led else -1

    def partitions_for_topic(self, _topic: str) -> set[int]:
        """Return the partitions."""
        return set(range(len(self._broker.logs)))

    def add_listener(self, listener: Any) -> None:
        """Do nothing: only leaders change."""

    def get_random_node(self) -> int:
        """Return a node id."""
        return 0

    async def _wait_on_metadata(self, topic: str) -> set[int]:
        return self.partitions_for_topic(topic)

    async def _maybe_wait_metadata(self) -> None:
        """Do nothing: the metadata are always known."""

    def force_metadata_update(self) -> asyncio.Future[bool]:
        """Return a future that is done in the next iteration of the event loop."""
        loop = asyncio.get_running_loop()
        update = loop.create_future()
        loop.call_soon(lambda: update.done() or update.set_result(True))
        return update

    async def send(self, _node: int, request: Any, **_: Any) -> Any:
        """Respond to a request; to a Produce request when the test commands it."""
        if self._closed:
            raise kafka_errors.KafkaConnectionError
        if isinstance(request, ProduceRequest):
            in_flight = InFlightRequest({p: bytes(raw) for p, raw in request._topics[0][1]})
            self._broker.requests.append(in_flight)
            self._requests.append(in_flight)
            return await in_flight.result
        return self._respond(request)

    def _respond(self, request: Any) -> Any:
        if isinstance(request, InitProducerIdRequest):
            producer_id = self._broker.new_producer_id()
            return SimpleNamespace(error_code=0, producer_id=producer_id, producer_epoch=0)
        ((_, ((partition, number, *_),)),) = request._topics
        if isinstance(request, OffsetRequest):
            offset = self._broker.log_offset(partition, number, request._replica_id)
            return SimpleNamespace(topics=[(TOPIC, [(partition, 0, -1, offset)])])
        assert isinstance(request, FetchRequest)
        records = self._broker.logs[partition].read(number)
        return SimpleNamespace(topics=[(TOPIC, [(partition, 0, records)])])

    async def close(self) -> None:
        """Fail the requests in flight."""
        self._closed = True
        for request in self._requests:
            if not request.result.done():
                self._broker.lose(request, kafka_errors.KafkaConnectionError())


async def started_producer(broker: Broker) -> Any:
    """Return a real aiokafka producer connected to the fake broker.

    It fails a batch at once when its partition has no leader.
    """
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, retry_backoff_ms=0)
    client = Client(broker)
    producer.client = producer._sender.client = producer._metadata = client
    producer._message_accumulator._cluster = client
    producer._message_accumulator._batch_ttl = -1.0
    await producer._sender.start()
    return producer
