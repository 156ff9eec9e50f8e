"""The Kafka sink: sends slices to one topic with an idempotent producer and acks=all."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from gerador.delivery.kafka.delivery_tracker import DeliveryObserver, DeliveryTracker
from gerador.delivery.kafka.producer_supervisor import ProducerSupervisor
from gerador.errors import GeradorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gerador.delivery.kafka.connection import Connection
    from gerador.delivery.kafka.topic import TopicDescription, TopicSpec
    from gerador.delivery.ledger import Ledger
    from gerador.delivery.sink import Slice


STALLED_S: Final = 2.0
"""Age of the oldest batch in flight from which on `problem` reports missing acknowledgements."""
BATCH_SLACK: Final = 1 / 64
"""Share of max.message.bytes that is kept free in batches of several records: a broker that
compresses again (`compression.type` of the topic) can enlarge incompressible data."""


class KafkaSink:
    """Sends record batches to one topic (`gerador.delivery.sink.Sink`).

    `connect` is awaited once, first: a local Kafka has no address before it runs. `wait_ready`
    raises its errors. `before_first_row` is awaited once, after the topic exists and before the
    first row (the schema registry); its `UnavailableError` is retried as a broker's.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        spec: TopicSpec,
        observer: DeliveryObserver,
        before_first_row: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._tracker = DeliveryTracker(observer, spec.name)
        self._supervisor = ProducerSupervisor(
            connect, spec, self._tracker, observer, before_first_row
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def ledger(self) -> Ledger:
        """The delivery counts."""
        return self._tracker.ledger

    @property
    def topic(self) -> TopicDescription | None:
        """The topic's partitions and configuration; None before `wait_ready` returned."""
        return self._supervisor.topic

    @property
    def partitions(self) -> int:
        """Number of partitions; 0 before `wait_ready` returned."""
        return len(self._tracker.queues)

    @property
    def records_before_run(self) -> int:
        """Records in the topic from before this run, by log offsets; known after `wait_ready`."""
        return self._supervisor.records_before_run

    @property
    def message_bytes_max(self) -> int:
        """Largest record batch that the topic accepts, in bytes; call after `wait_ready`."""
        assert self.topic is not None, "wait_ready() comes first"  # noqa: S101
        return self.topic.message_bytes_max

    @property
    def batch_bytes_max(self) -> int:
        """Largest record batch to fill with several records, in bytes; call after `wait_ready`."""
        return int(self.message_bytes_max * (1 - BATCH_SLACK))

    @property
    def problem(self) -> str | None:
        """Why rows are not acknowledged now, in one line; None when they are."""
        if not self._supervisor.connected.is_set():
            return self._supervisor.problem
        age_s = self._tracker.oldest_age_s()
        if age_s < STALLED_S:
            return None
        cause = self._supervisor.log_handler.cause() or "no response from the broker yet"
        return f"no acknowledgement for {age_s:.0f} s: {cause}"

    async def wait_ready(self) -> None:
        """Connect, create the topic if it is missing, and wait until `send` can be called.

        Raises ConfigurationError: retrying cannot help (fewer partitions than requested, …).
        GeradorError: any error of `connect`.
        """
        if self._task is None:
            self._task = asyncio.create_task(self._supervisor.run(), name="producer-supervisor")
            self._task.add_done_callback(lambda _: self._tracker.abort())
        connected = asyncio.ensure_future(self._supervisor.connected.wait())
        try:
            await asyncio.wait({connected, self._task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connected.cancel()
        self._raise_if_ended()

    async def send(self, slice_: Slice) -> None:
        """Queue the batches of a slice. Waits while too much is in flight.

        Raises ConfigurationError: the supervisor has ended.
        """
        self._raise_if_ended()
        await self._tracker.enqueue(slice_.batches)
        self._raise_if_ended()

    async def drain(self, timeout_s: float) -> bool:
        """Wait until every queued batch is acknowledged or failed; return False on timeout."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._tracker.wait_settled()
        return self._tracker.idle

    async def close(self) -> None:
        """Close the connections, within about three seconds.

        Batches that were never sent are failed; those sent without a response stay unknown.
        """
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, GeradorError):
                await self._task
        self._tracker.fail_unsent()

    def _raise_if_ended(self) -> None:
        if self._task is not None and self._task.done():
            self._task.result()
