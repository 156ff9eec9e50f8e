"""Reads record batch headers and log offsets of a partition with raw Fetch and ListOffsets requests."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiokafka import errors as kafka_errors
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.structs import TopicPartition

from gerador.errors import KafkaUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator


LATEST_TIMESTAMP: Final = -1
ORDINARY_CONSUMER_ID: Final = -1
"""The replica id of an ordinary client: it sees what all in-sync replicas have."""
DEBUGGING_CONSUMER_ID: Final = -2
"""The replica id of a debugging client: it sees what the leader has, replicated or not."""
EARLIEST_TIMESTAMP: Final = -2
FETCH_WAIT_MS: Final = 100
FETCH_BYTES_MAX: Final = 4 * 1024 * 1024
HEADER_BYTES: Final = 61
MAGIC: Final = 2

_HEAD = struct.Struct(">qi")
_LAST_OFFSET_DELTA = struct.Struct(">i")
_PRODUCER = struct.Struct(">qhi")


class ProducerState(NamedTuple):
    """What identifies a record batch of an idempotent producer within its partition."""

    producer_id: int
    producer_epoch: int
    base_sequence: int


class LoggedBatch(NamedTuple):
    """A record batch in the log: whose it is, and the log offset after its last record."""

    stamp: ProducerState
    next_offset: int


def batch_headers(records: bytes) -> Iterator[LoggedBatch]:
    """Yield the record batches that stand whole or begun in a fetched piece of a log.

    A last batch that was cut off after its header is yielded too: the header is what counts.
    """
    at = 0
    while at + HEADER_BYTES <= len(records):
        base_offset, length = _HEAD.unpack_from(records, at)
        if records[at + 16] == MAGIC:
            (delta,) = _LAST_OFFSET_DELTA.unpack_from(records, at + 23)
            yield LoggedBatch(
                ProducerState(*_PRODUCER.unpack_from(records, at + 43)), base_offset + delta + 1
            )
        at += 12 + length


async def list_offset(
    client: Any,
    topic: str,
    partition: int,
    when: int = LATEST_TIMESTAMP,
    *,
    seen_by: int = ORDINARY_CONSUMER_ID,
) -> int:
    """Return the log offset at the end (LATEST) or the start (EARLIEST) of a partition.

    Raises aiokafka's errors.
    """
    request = OffsetRequest(seen_by, 0, [(topic, [(partition, when)])])
    response = await _ask_leader(client, topic, partition, request)
    _, error_code, _, offset = response.topics[0][1][0][:4]
    _raise_for(error_code)
    return int(offset)


async def read_batches(
    client: Any, topic: str, partition: int, from_offset: int
) -> list[LoggedBatch]:
    """Return the record batches from `from_offset` to the end that the log has now.

    When retention or a re-created topic moved the start of the log past `from_offset`, what is
    left is read. Cost: one fetch a FETCH_BYTES_MAX of log.

    Raises aiokafka's errors. KafkaFault: the leader holds more than its replicas, so that a batch
    may be there which cannot be read yet; or the log could not be read to its end.
    """
    end = await list_offset(client, topic, partition)
    unseen = await list_offset(client, topic, partition, seen_by=DEBUGGING_CONSUMER_ID) - end
    if unseen > 0:
        raise KafkaUnavailableError(
            f"partition {partition} waits for {unseen} records to be replicated"
        )
    offset = max(from_offset, await list_offset(client, topic, partition, EARLIEST_TIMESTAMP))
    if offset > end:
        offset = await list_offset(client, topic, partition, EARLIEST_TIMESTAMP)
    found: list[LoggedBatch] = []
    while offset < end:
        page = list(batch_headers(await _fetch(client, topic, partition, offset)))
        if not page:
            raise KafkaUnavailableError(
                f"partition {partition} could not be read from offset {offset} on"
            )
        found += page
        offset = page[-1].next_offset
    return found


async def _fetch(client: Any, topic: str, partition: int, offset: int) -> bytes:
    request = FetchRequest(
        FETCH_WAIT_MS, 1, FETCH_BYTES_MAX, 0, [(topic, [(partition, offset, FETCH_BYTES_MAX)])]
    )
    response = await _ask_leader(client, topic, partition, request)
    piece = response.topics[0][1][0]
    _raise_for(piece[1])
    return bytes(piece[-1] or b"")


async def _ask_leader(client: Any, topic: str, partition: int, request: Any) -> Any:
    leader = client.cluster.leader_for_partition(TopicPartition(topic, partition))
    if leader is None or leader < 0:
        await client.force_metadata_update()
        raise kafka_errors.LeaderNotAvailableError(f"partition {partition} has no leader")
    return await client.send(leader, request)


def _raise_for(error_code: int) -> None:
    error = kafka_errors.for_code(error_code)
    if error is not kafka_errors.NoError:
        raise error()
