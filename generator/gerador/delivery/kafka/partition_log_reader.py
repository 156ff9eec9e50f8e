"""Reads record batch headers and log offsets of a partition with Fetch and ListOffsets requests."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiokafka import errors as kafka_errors
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.structs import TopicPartition

from gerador.encoding.record_batch import (
    HEADER_BYTES,
    MAGIC,
    PRODUCER_FIELDS,
    PRODUCER_FIELDS_OFFSET,
)
from gerador.errors import KafkaUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator


LATEST_TIMESTAMP: Final = -1
EARLIEST_TIMESTAMP: Final = -2
ORDINARY_CONSUMER_ID: Final = -1
"""Replica id of a consumer: it reads up to the high watermark."""
DEBUGGING_CONSUMER_ID: Final = -2
"""Replica id of a debugging consumer: it reads up to the leader's log end offset."""
FETCH_WAIT_MS: Final = 100
FETCH_BYTES_MAX: Final = 4 * 1024 * 1024

_OFFSET_AND_LENGTH: Final = struct.Struct(">qi")
_MAGIC_OFFSET: Final = struct.calcsize(">qii")
_LAST_OFFSET_DELTA: Final = struct.Struct(">i")
_LAST_OFFSET_DELTA_OFFSET: Final = struct.calcsize(">qiibIh")


class ProducerState(NamedTuple):
    """What identifies a record batch of an idempotent producer within its partition."""

    producer_id: int
    producer_epoch: int
    base_sequence: int


class LoggedBatch(NamedTuple):
    """A record batch in the log, and the log offset after its last record."""

    producer_state: ProducerState
    next_offset: int


def batch_headers(records: bytes) -> Iterator[LoggedBatch]:
    """Yield the record batches of a Fetch response.

    A last batch that is truncated after its header is included: only the header is read.
    """
    at = 0
    while at + HEADER_BYTES <= len(records):
        base_offset, length = _OFFSET_AND_LENGTH.unpack_from(records, at)
        if records[at + _MAGIC_OFFSET] == MAGIC:
            (delta,) = _LAST_OFFSET_DELTA.unpack_from(records, at + _LAST_OFFSET_DELTA_OFFSET)
            state = PRODUCER_FIELDS.unpack_from(records, at + PRODUCER_FIELDS_OFFSET)
            yield LoggedBatch(ProducerState(*state), base_offset + delta + 1)
        at += _OFFSET_AND_LENGTH.size + length


async def list_offset(
    client: Any,
    topic: str,
    partition: int,
    timestamp: int = LATEST_TIMESTAMP,
    *,
    replica_id: int = ORDINARY_CONSUMER_ID,
) -> int:
    """Return the log offset at the end (LATEST) or at the start (EARLIEST) of a partition.

    Raises aiokafka's errors.
    """
    request = OffsetRequest(replica_id, 0, [(topic, [(partition, timestamp)])])
    response = await _send_to_leader(client, topic, partition, request)
    _, error_code, _, offset = response.topics[0][1][0][:4]
    _raise_for_code(error_code)
    return int(offset)


async def read_batches(
    client: Any, topic: str, partition: int, from_offset: int
) -> list[LoggedBatch]:
    """Return the record batches from `from_offset` to the present end of the log.

    Starts at the log start offset when retention or a new topic has removed `from_offset`.
    Cost: one Fetch request per FETCH_BYTES_MAX of log.

    Raises aiokafka's errors. KafkaUnavailableError: the leader has records above the high
    watermark, which cannot be read yet; or the log could not be read to its end.
    """
    end = await list_offset(client, topic, partition)
    log_end = await list_offset(client, topic, partition, replica_id=DEBUGGING_CONSUMER_ID)
    if log_end > end:
        raise KafkaUnavailableError(
            f"partition {partition} waits for {log_end - end} records to be replicated; "
            "check the brokers of its replicas"
        )
    offset = max(from_offset, await list_offset(client, topic, partition, EARLIEST_TIMESTAMP))
    if offset > end:
        offset = await list_offset(client, topic, partition, EARLIEST_TIMESTAMP)
    found: list[LoggedBatch] = []
    while offset < end:
        page = list(batch_headers(await _fetch(client, topic, partition, offset)))
        if not page:
            raise KafkaUnavailableError(
                f"partition {partition} could not be read at offset {offset}: empty Fetch response"
            )
        found += page
        offset = page[-1].next_offset
    return found


async def _fetch(client: Any, topic: str, partition: int, offset: int) -> bytes:
    request = FetchRequest(
        FETCH_WAIT_MS, 1, FETCH_BYTES_MAX, 0, [(topic, [(partition, offset, FETCH_BYTES_MAX)])]
    )
    response = await _send_to_leader(client, topic, partition, request)
    fetched = response.topics[0][1][0]
    _raise_for_code(fetched[1])
    return bytes(fetched[-1] or b"")


async def _send_to_leader(client: Any, topic: str, partition: int, request: Any) -> Any:
    leader = client.cluster.leader_for_partition(TopicPartition(topic, partition))
    if leader is None or leader < 0:
        await client.force_metadata_update()
        raise kafka_errors.LeaderNotAvailableError(f"partition {partition} has no leader")
    return await client.send(leader, request)


def _raise_for_code(error_code: int) -> None:
    error = kafka_errors.for_code(error_code)
    if error is not kafka_errors.NoError:
        raise error()
