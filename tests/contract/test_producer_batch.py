"""ProducerBatch replaces aiokafka's batch builder: every name that is used, and the bytes."""

from __future__ import annotations

import ast
import asyncio
import inspect
from typing import Any

import numpy as np
import pytest
from aiokafka.producer import message_accumulator
from aiokafka.producer.message_accumulator import BatchBuilder, MessageAccumulator, MessageBatch
from aiokafka.producer.transaction_manager import TransactionManager
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.structs import TopicPartition

from gerador.delivery.kafka.aiokafka_batch import ProducerBatch
from gerador.delivery.kafka.partition_log_reader import ProducerState
from gerador.encoding.batch_builder import build_record_batches
from gerador.encoding.compression import Compression
from gerador.encoding.encoded_values import EncodedValues
from gerador.encoding.records import RecordColumns

TP = TopicPartition("topic", 0)
ROWS = 5
FILLS_A_BATCH = {"append"}
"""Called by `MessageBatch` only for `AIOKafkaProducer.send`, which is not used."""


class Cluster:
    """Metadata in which node 1 leads every partition."""

    def leader_for_partition(self, _partition: TopicPartition) -> int:
        """Return the leader's node."""
        return 1


class Recording:
    """Forwards to a builder and records the names of the attributes that are used."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder
        self.names: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.names.add(name)
        return getattr(self.builder, name)


def producer_batch(first: int = 0, compression: Compression = Compression.NONE) -> ProducerBatch:
    """Return a batch of ROWS records."""
    column = RecordColumns(
        np.arange(first, first + ROWS, dtype=np.int64),
        np.zeros(ROWS, np.int32),
        EncodedValues.from_list([b"value %d" % n * 20 for n in range(first, first + ROWS)]),
    )
    (batch,) = build_record_batches([column], compression=compression)
    return ProducerBatch(batch, 0.0)


def builder(first: int = 0) -> BatchBuilder:
    """Return aiokafka's builder with the records of `producer_batch`."""
    made = BatchBuilder(2**20, 0)
    for n in range(first, first + ROWS):
        assert made.append(timestamp=n, key=None, value=b"value %d" % n * 20) is not None
    made.close()
    return made


def accumulator(producer_id: int = 4711, epoch: int = 2) -> MessageAccumulator:
    """Return the queue of an idempotent producer, from which the sender takes batches."""
    manager = TransactionManager(None, None)
    manager.set_pid_and_epoch(producer_id, epoch)
    return MessageAccumulator(Cluster(), 2**20, 0, 30, txn_manager=manager)


async def sent(queue: MessageAccumulator, batch: Any) -> tuple[MessageBatch, bytes]:
    """Send a batch through the queue as the sender does; return it and its bytes."""
    outcome = await queue.add_batch(batch, TP, 1)
    nodes, unknown_leaders = queue.drain_by_nodes(ignore_nodes=[])
    assert not unknown_leaders
    taken = nodes[1][TP]
    data = bytes(taken.get_data_buffer())
    taken.done(17, -1)
    assert (await outcome).offset == 17
    return taken, data


def names_in_the_source() -> set[str]:
    """Return every name that the queue and its batches use on a builder, by reading them."""
    found = set()
    for cls in (MessageBatch, MessageAccumulator):
        for node in ast.walk(ast.parse(inspect.getsource(cls))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                found |= {node.attr} if node.value.attr == "_builder" else set()
    return found


async def test_every_attribute_of_a_builder_that_is_used():
    """ProducerBatch has all attributes that aiokafka's queue uses, with the same parameters."""
    recording = Recording(builder())
    taken, _ = await sent(accumulator(), recording)
    assert not taken.is_empty()
    assert taken.record_count == ROWS
    assert recording.names
    used = (recording.names | names_in_the_source()) - FILLS_A_BATCH
    assert recording.names <= names_in_the_source()
    assert used == {"_set_producer_state", "_build", "record_count", "closed", "close"}
    for name in used | {"size"}:
        ours, theirs = getattr(ProducerBatch, name), getattr(BatchBuilder, name)
        arity = len(inspect.signature(theirs).parameters)
        assert len(inspect.signature(ours).parameters) == arity, name


async def test_only_the_queue_uses_a_builder():
    """The sender uses `MessageBatch` only, so the names above are complete."""
    sender = inspect.getsource(__import__("aiokafka.producer.sender", fromlist=["Sender"]))
    assert "_builder" not in sender
    assert "_builder" in inspect.getsource(message_accumulator)


async def test_the_queue_sends_the_bytes_of_aiokafkas_builder():
    """Two successive batches have the same producer, epoch, sequences and bytes."""
    ours, theirs = accumulator(), accumulator()
    for first in (0, ROWS):
        batch = producer_batch(first)
        _, data = await sent(ours, batch)
        assert batch.producer_state == ProducerState(4711, 2, first)
        assert data == (await sent(theirs, builder(first)))[1]


@pytest.mark.parametrize("compression", list(Compression))
async def test_the_sent_bytes_are_a_valid_record_batch(compression: Compression):
    """Aiokafka's reader finds a valid CRC, the producer state, and every record."""
    _, data = await sent(accumulator(2**40, 32_767), producer_batch(compression=compression))
    found = DefaultRecordBatch(data)
    assert found.validate_crc()
    assert (found.producer_id, found.producer_epoch, found.base_sequence) == (2**40, 32_767, 0)
    assert found.compression_type == compression.code
    assert [(r.timestamp, r.value) for r in found] == [
        (n, b"value %d" % n * 20) for n in range(ROWS)
    ]


async def test_a_batch_does_not_linger():
    """A batch is closed, so the queue sends it without waiting."""
    batch = MessageBatch(TP, producer_batch(), 30, 1000.0)
    assert batch.remaining_linger() is None
    assert MessageBatch(TP, BatchBuilder(2**20, 0), 30, 1000.0).remaining_linger() is not None


async def test_a_retry_keeps_the_producer_state():
    """A batch that is queued again is sent with the same bytes."""
    queue, batch = accumulator(), producer_batch()
    outcome = await queue.add_batch(batch, TP, 1)
    taken = queue.drain_by_nodes(ignore_nodes=[])[0][1][TP]
    first = bytes(taken.get_data_buffer())
    queue.reenqueue(taken)
    again = queue.drain_by_nodes(ignore_nodes=[])[0][1][TP]
    assert again is taken
    assert bytes(again.get_data_buffer()) == first
    again.failure(RuntimeError("refused"))
    with pytest.raises(RuntimeError, match="refused"):
        await outcome


async def test_a_batch_may_be_sent_by_another_producer():
    """After `reset` the batch can have another producer's state, with a valid CRC."""
    batch = producer_batch()
    await sent(accumulator(1, 0), batch)
    batch.reset()
    assert batch.producer_state is None
    _, data = await sent(accumulator(2, 5), batch)
    found = DefaultRecordBatch(data)
    assert found.validate_crc()
    assert (found.producer_id, found.producer_epoch, found.base_sequence) == (2, 5, 0)


def test_size_and_count_agree_with_the_bytes():
    """The size is the number of bytes sent, and equal to the builder's."""
    ours, theirs = producer_batch(), builder()
    assert ours.size() == len(ours._build()) == len(theirs._build()) == theirs.size()
    assert ours.record_count() == theirs.record_count() == ROWS
    ours.close()
    assert ours.closed() is theirs.closed() is True


async def test_the_queue_has_one_batch_per_partition():
    """A second batch waits until the first is taken, which keeps the order."""
    queue = accumulator()
    await queue.add_batch(producer_batch(), TP, 1)
    waiting = asyncio.ensure_future(queue.add_batch(producer_batch(ROWS), TP, 5))
    await asyncio.sleep(0)
    assert not waiting.done()
    taken = queue.drain_by_nodes(ignore_nodes=[])[0][1][TP]
    assert taken.record_count == ROWS
    await asyncio.wait_for(waiting, 5)
    queue.fail_all(RuntimeError("over"))
    for outcome in (taken.future, waiting.result()):
        assert isinstance(await asyncio.wait_for(_failure(outcome), 5), RuntimeError)


async def _failure(outcome: asyncio.Future[Any]) -> BaseException | None:
    await asyncio.wait({outcome})
    return outcome.exception()
